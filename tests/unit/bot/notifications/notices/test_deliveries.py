from dataclasses import replace
from pathlib import Path

import pytest

from snipersight.bot.notifications.notices.alerts import an_alert
from snipersight.bot.notifications.notices.deliveries import deliveries_of, expiry_of
from snipersight.bot.notifications.notices.payload_kinds import SummaryPayload, UpdatePayload
from snipersight.domain.channels import Chat, ChatRole
from snipersight.domain.errors import DataInvalid
from snipersight.domain.notices import (
    Alert,
    Digest,
    PlainText,
    Severity,
    SignalEvent,
    SignalUpdate,
    thread_of,
)
from snipersight.domain.outbox import DeliveryDraft, StoredNotice
from snipersight.domain.units import Currency
from tests.builders import a_plan
from tests.builders.decisions import an_approval
from tests.builders.ledger import DECIDED_AT_US
from tests.builders.stored_notices import (
    HeldRecords,
    a_record,
    a_signal_payload,
    a_told_signal,
    stored,
)
from tests.fakes.notifiers import RecordingNotifier

HOUR_US = 3_600_000_000
PRIVATE = Chat(channel="telegram", address="1")
PUBLIC = Chat(channel="telegram", address="-100", role=ChatRole.PUBLIC)
MAIL = Chat(channel="apprise", address="mail")
RECORD = a_record()
NOTICE = stored(a_signal_payload(RECORD))


def fanned(
    notice: StoredNotice,
    *chats: Chat,
    parts: int = 1,
    now_us: int = DECIDED_AT_US,
    records: tuple = (RECORD,),
) -> tuple[DeliveryDraft, ...]:
    """Return what a notice becomes with a Telegram and an Apprise channel."""
    channels = [RecordingNotifier(name, parts=parts) for name in ("telegram", "apprise")]
    return deliveries_of(
        notice,
        chats,
        {one.name: one for one in channels},
        reader=HeldRecords(*records),
        pictures=Path("/charts"),
        now_us=now_us,
    )


def test_a_signal_goes_to_each_chat_in_parts_under_keys_of_their_own():
    drafts = fanned(NOTICE, PRIVATE, PUBLIC, MAIL, parts=2)
    thread = thread_of("main", RECORD.subject)
    assert [(one.channel, one.address, one.body["part"]) for one in drafts] == [
        ("telegram", "1", 1),
        ("telegram", "1", 2),
        ("telegram", "-100", 1),
        ("telegram", "-100", 2),
        ("apprise", "mail", 1),
        ("apprise", "mail", 2),
    ]
    assert {one.thread for one in drafts} == {thread}
    assert {one.priority for one in drafts} == {25}
    assert drafts[0].key == f"{thread}|telegram:1|1"
    assert len({one.key for one in drafts}) == 6
    assert drafts == fanned(NOTICE, PRIVATE, PUBLIC, MAIL, parts=2)


def test_an_update_replies_in_the_thread_of_its_signal():
    payload = UpdatePayload(
        account="main", plan_id=RECORD.subject, event=SignalEvent.ENTERED, at_ms=1
    )
    (draft,) = fanned(stored(payload), PRIVATE)
    assert draft.thread == thread_of("main", RECORD.subject)


def test_a_summary_begins_the_threads_of_the_signals_it_tells_a_chat_of():
    payload = SummaryPayload(
        account="main",
        batch="b",
        profile="balanced",
        venue="sandbox",
        as_of_ms=1,
        seqs=(RECORD.seq,),
        funnel=(("approved", 1),),
        scanned=20,
        regimes={},
    )
    chats = (PRIVATE, replace(PUBLIC, practice=False))
    assert [one.begins for one in fanned(stored(payload), *chats)] == [
        (thread_of("main", RECORD.subject),)
    ] * 2
    assert {one.begins for one in fanned(NOTICE, PRIVATE)} == {()}


def test_a_chat_without_its_channel_and_one_that_does_not_want_it_get_nothing():
    plugin = Chat(channel="pager", address="x")
    picky = replace(PRIVATE, symbols=frozenset({"ETH"}))
    assert fanned(NOTICE, plugin, picky) == ()


def test_an_alert_is_for_private_chats_and_a_critical_one_goes_first():
    alert = an_alert("venue_down", "x", at_ms=DECIDED_AT_US // 1000)
    (draft,) = fanned(stored(alert), PRIVATE, PUBLIC)
    assert (draft.address, draft.priority, draft.thread) == ("1", 30, "")
    (urgent,) = fanned(stored(replace(alert, severity=Severity.CRITICAL)), PRIVATE)
    assert urgent.priority == 40


def test_a_long_key_stays_within_its_column():
    long = stored(a_signal_payload(RECORD), key="k" * 128)
    drafts = fanned(long, PRIVATE, MAIL, parts=2)
    assert all(len(one.key) <= 128 for one in drafts)
    assert len({one.key for one in drafts}) == 4


def test_a_signal_is_news_until_its_plan_expires_and_no_longer_than_a_day():
    soon = a_told_signal()  # a plan of eight hours
    assert expiry_of(soon, DECIDED_AT_US) == DECIDED_AT_US + 8 * HOUR_US
    plan = a_plan()
    late = a_told_signal(an_approval(replace(plan, valid_until=plan.created_at.replace(year=2030))))
    assert expiry_of(late, DECIDED_AT_US) == DECIDED_AT_US + 24 * HOUR_US


@pytest.mark.parametrize(
    ("notice", "hours"),
    [
        (SignalUpdate(signal=a_told_signal(), event=SignalEvent.CLOSED, at_ms=1), 24),
        (an_alert("venue_down", "x", at_ms=1), 24),
        (Alert(trigger="x", severity=Severity.CRITICAL, title="x", text="", at_ms=1), 72),
        (
            Digest(
                day="2024-06-07",
                account_id="main",
                currency=Currency("USDT"),
                told=0,
                events={},
                net_r=None,
                hits=0,
                open_positions=0,
            ),
            48,
        ),
    ],
)
def test_everything_else_ages_by_its_kind(notice, hours):
    assert expiry_of(notice, 5) == 5 + hours * HOUR_US


def test_a_text_never_ages():
    assert expiry_of(PlainText(markdown="x"), 5) is None
    (draft,) = fanned(stored(PlainText(markdown="x"), key="t"), PRIVATE, now_us=10**17)
    assert draft.expires_us is None


def test_a_summary_ages_within_six_hours():
    payload = SummaryPayload(
        account="main",
        batch="b",
        profile="p",
        venue="v",
        as_of_ms=1,
        seqs=(1,),
        funnel=(),
        scanned=1,
        regimes={},
    )
    (draft,) = fanned(stored(payload), PRIVATE)
    assert (draft.expires_us, draft.priority) == (DECIDED_AT_US + 6 * HOUR_US, 10)


def test_what_is_past_its_age_when_it_is_worded_is_told_to_nobody():
    end_us = DECIDED_AT_US + 8 * HOUR_US
    assert len(fanned(NOTICE, PRIVATE, now_us=end_us - 1)) == 1
    assert fanned(NOTICE, PRIVATE, now_us=end_us) == ()


def test_a_payload_or_record_that_cannot_be_read_is_an_error_and_no_silence():
    with pytest.raises(DataInvalid, match="no notice of kind"):
        fanned(stored({"kind": "song"}), PRIVATE)
    with pytest.raises(DataInvalid, match="does not exist"):
        fanned(NOTICE, PRIVATE, records=())


class Clumsy(RecordingNotifier):
    """A plug-in that cannot prepare anything."""

    def prepare(self, message):
        """Fail as a plug-in does that is contained."""
        raise DataInvalid("KeyError: 'title'", where="notifier pager")


def test_a_channel_that_cannot_prepare_a_message_keeps_no_other_from_it():
    chats = (Chat(channel="pager", address="7"), PRIVATE)
    channels = {"pager": Clumsy("pager"), "telegram": RecordingNotifier()}
    reader = HeldRecords(RECORD)

    def told(*chosen: Chat) -> tuple[DeliveryDraft, ...]:
        return deliveries_of(
            NOTICE, chosen, channels, reader=reader, pictures=Path("/x"), now_us=DECIDED_AT_US
        )

    assert [draft.channel for draft in told(*chats)] == ["telegram"]
    with pytest.raises(DataInvalid, match="KeyError"):
        told(chats[0])
