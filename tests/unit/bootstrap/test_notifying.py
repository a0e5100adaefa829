import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from loguru import logger

from snipersight.bootstrap.notifying import AuditReader, Notifying, open_notifying
from snipersight.bootstrap.settings import channels_file, load_settings
from snipersight.bot.notifications.notices.alerts import an_alert, raise_alert
from snipersight.bot.notifications.notices.payload_kinds import UpdatePayload
from snipersight.bot.notifications.notices.payloads import notice_draft
from snipersight.domain.channels import Chat, ChatRole, Notifier, Stopped, TryAgain
from snipersight.domain.notices import PlainText, SignalEvent
from snipersight.domain.outbox import NOTICES
from snipersight.domain.plan import PlanId
from snipersight.domain.store import QueueDraft
from snipersight.storage.database import Database, open_database
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.outbox_lease import SqlSenderLease
from tests.builders.decisions import a_refusal, an_approval
from tests.builders.told_stores import ACCOUNT, ToldStore, a_plan_of_today, now_us
from tests.fakes.notifiers import RecordingNotifier

TELEGRAM = Chat(channel="telegram", address="1")
PUBLIC = Chat(channel="telegram", address="-100", role=ChatRole.PUBLIC)
MAIL = Chat(channel="apprise", address="mail")


def notifying_of(
    database: Database, *notifiers: Notifier, chats: tuple[Chat, ...], pictures: Path
) -> Notifying:
    """Return what tells these chats over these channels."""
    lease = SqlSenderLease(database, owner=f"test-{now_us()}")
    return Notifying(
        database=database,
        outbox=SqlOutbox(database, lease=lease),
        chats=chats,
        notifiers={one.name: one for one in notifiers},
        lease=lease,
        reader=AuditReader(database),
        pictures=pictures,
    )


@pytest.fixture
def told(database, tmp_path):
    """Return a store, and what makes something that tells its notices."""
    store = ToldStore(database)

    def make(*notifiers, chats=(TELEGRAM,)):
        return notifying_of(database, *notifiers, chats=chats, pictures=tmp_path / "charts")

    return store, make


@pytest.fixture
def capture_log():
    """Return the warnings that are logged, one text each."""
    lines: list[str] = []
    handler = logger.add(lambda message: lines.append(str(message)), level="WARNING")
    yield lines
    logger.remove(handler)


async def test_a_verdict_is_told_to_every_chat_by_role_and_its_update_replies(told):
    store, make = told
    telegram = RecordingNotifier()
    notifying = make(telegram, chats=(TELEGRAM, PUBLIC))
    plan = store.record()
    report = await notifying.deliver()
    assert (report.sent, report.waiting) == (2, 0)
    assert {address for address, _, _ in telegram.sent} == {"1", "-100"}
    private, public = (
        next(str(body["markdown"]) for address, body, _ in telegram.sent if address == one)
        for one in ("1", "-100")
    )
    assert "Notional" in private
    assert "Notional" not in public
    update = UpdatePayload(
        account=ACCOUNT, plan_id=plan.plan_id, event=SignalEvent.ENTERED, at_ms=now_us() // 1000
    )
    first = {address: str(place) for place, (address, _, _) in enumerate(telegram.sent, start=1)}
    notifying.outbox.put(notice_draft(update))
    assert (await notifying.deliver()).sent == 2
    assert {address: reply_to for address, _, reply_to in telegram.sent[2:]} == first


async def test_a_notice_is_told_once_however_often_it_is_delivered(told):
    store, make = told
    telegram = RecordingNotifier()
    notifying = make(telegram)
    store.record()
    assert (await notifying.deliver()).sent == 1
    assert (await notifying.deliver()).sent == 0
    assert len(telegram.sent) == 1


async def test_without_channels_notices_wait_until_there_is_one(told):
    store, make = told
    store.record()
    nobody = make(chats=())
    assert not nobody.has_channels
    report = await nobody.deliver()
    assert (report.sent, nobody.notices_waiting()) == (0, 1)
    telegram = RecordingNotifier()
    assert (await make(telegram).deliver()).sent == 1


async def test_what_grew_old_while_nobody_was_told_is_no_news(told):
    store, make = told
    store.record(an_approval(a_plan_of_today(hours=0)))
    telegram = RecordingNotifier()
    notifying = make(telegram)
    assert (await notifying.deliver()).sent == 0
    assert (telegram.sent, notifying.notices_waiting(), notifying.troubled(9)) == ([], 0, ())


async def test_a_channel_that_stops_is_told_of_on_the_other_and_in_the_log_once(told, capture_log):
    store, make = told
    telegram = RecordingNotifier(outcomes=[Stopped(error="Unauthorized", is_whole_channel=True)])
    mail = RecordingNotifier("apprise")
    notifying = make(telegram, mail, chats=(TELEGRAM, MAIL))
    store.record()
    report = await notifying.deliver()
    assert (report.stopped, report.waiting) == (1, 1)
    titles = [str(body["title"]) for _, body, _ in mail.sent]
    assert len(titles) == 2  # the signal, and the alert
    assert sum("channel stopped" in title for title in titles) == 1
    assert [lane.channel for lane in notifying.outbox.stopped()] == ["telegram"]
    # Whoever starts next sees that it is stopped, and tells nobody again.
    await make(telegram, mail, chats=(TELEGRAM, MAIL)).deliver()
    assert (len(mail.sent), len(telegram.sent)) == (2, 1)
    assert sum("Unauthorized" in line for line in capture_log) == 1
    assert notifying.outbox.resume("telegram", None) == 1
    assert (await notifying.deliver()).sent == 1
    assert len(telegram.sent) == 2


async def test_a_stopped_chat_alone_keeps_no_other_from_being_told(told):
    store, make = told
    telegram = RecordingNotifier(
        outcomes=[Stopped(error="Forbidden: bot was blocked", is_whole_channel=False)]
    )
    notifying = make(telegram, chats=(TELEGRAM, PUBLIC, replace(TELEGRAM, address="2")))
    store.record()
    report = await notifying.deliver()
    assert (report.sent, report.stopped, report.waiting) == (3, 1, 1)  # two signals and an alert
    (stopped,) = notifying.outbox.stopped()
    assert (stopped.address, stopped.error) != ("", "")


async def test_a_notice_that_cannot_be_read_is_given_up_by_name_and_the_rest_go_on(told):
    store, make = told
    telegram = RecordingNotifier()
    notifying = make(telegram)
    for number, payload in enumerate(({"kind": "song"}, {"kind": "signal", "account": ACCOUNT})):
        draft = QueueDraft(topic=NOTICES, key=f"strange:{number}", payload=payload, priority=99)
        notifying.outbox.put(draft)
    store.record()
    assert (await notifying.deliver()).sent == 1
    missing, unknown = notifying.troubled(9)
    assert "there is no notice of kind 'song'" in str(unknown.last_error)
    assert "lacks seq" in str(missing.last_error)


async def test_watching_tells_what_others_store_and_ends_when_it_is_asked_to(told):
    store, make = told
    telegram = RecordingNotifier()
    notifying = make(telegram)
    watching = asyncio.create_task(notifying.deliver(until_empty=False))
    await asyncio.sleep(0.3)
    store.record()
    async with asyncio.timeout(20):
        await telegram.has_sent.wait()
        notifying.request_stop()
        report = await watching
    assert (report.sent, report.is_elsewhere) == (1, False)


async def test_a_stop_that_was_asked_for_beforehand_sends_nothing(told):
    store, make = told
    telegram = RecordingNotifier()
    notifying = make(telegram)
    store.record()
    notifying.request_stop()
    assert (await notifying.deliver(until_empty=False)).sent == 0
    assert telegram.sent == []


async def test_while_another_process_sends_its_share_is_left_to_it(told):
    store, make = told
    store.record()
    other = SqlSenderLease(store.database, owner="other", for_us=60_000_000)
    assert other.keep()
    telegram = RecordingNotifier()
    notifying = make(telegram)
    report = await notifying.deliver(0.2)
    assert (report.sent, report.is_elsewhere, report.waiting) == (0, True, 1)
    assert notifying.notices_waiting() == 0  # worded, for the other one to send


async def test_what_a_killed_process_was_wording_is_waited_for_and_told(told):
    store, make = told
    store.record()
    killed = SqlOutbox(store.database)
    assert len(killed.claim_notices("killed", limit=9, for_us=1_000_000)) == 1
    notifying = make(RecordingNotifier())
    assert (await notifying.deliver(30.0)).sent == 1
    assert notifying.notices_waiting() == 0


async def test_what_another_process_words_is_waited_for_no_longer_than_the_deadline(told):
    store, make = told
    store.record()
    assert SqlOutbox(store.database).claim_notices("other", limit=9, for_us=9_000_000)
    notifying = make(RecordingNotifier())
    async with asyncio.timeout(5):
        assert (await notifying.deliver(0.5)).sent == 0
    assert notifying.notices_waiting() == 1


async def test_a_notice_that_is_held_back_is_not_waited_for(told):
    _, make = told
    notifying = make(RecordingNotifier())
    later_us = now_us() + 3_600_000_000
    notifying.outbox.put(QueueDraft(topic=NOTICES, key="later", available_us=later_us))
    async with asyncio.timeout(20):
        assert (await notifying.deliver()).sent == 0
    assert notifying.notices_waiting() == 1


async def test_a_bug_in_wording_ends_the_delivery_and_is_seen(told):
    store, make = told
    notifying = make(RecordingNotifier())

    class Broken(SqlOutbox):
        calls = 0

        def claim_notices(self, owner, *, limit, for_us):
            self.calls += 1
            if self.calls > 1:
                raise RuntimeError("a bug")
            return ()

    notifying.outbox = Broken(store.database, lease=notifying.lease)
    store.record()
    async with asyncio.timeout(10) as limit:
        with pytest.raises(RuntimeError, match="a bug"):
            await notifying.deliver()
    assert not limit.expired()


async def test_what_does_not_get_through_waits_with_its_reason(told):
    store, make = told
    away = [TryAgain(error="the network is down", after_s=3600.0)]
    notifying = make(RecordingNotifier(outcomes=away))
    store.record()
    report = await notifying.deliver(1.0)
    assert (report.sent, report.retried, report.waiting) == (0, 1, 1)
    (lane,) = notifying.lanes_waiting()
    assert (lane.address, lane.last_error) == ("1", "the network is down")


async def test_every_channel_is_closed_also_where_one_fails(told):
    _, make = told

    class Broken(RecordingNotifier):
        async def close(self):
            raise OSError("away")

    mail = RecordingNotifier("apprise")
    await make(Broken(), mail, chats=(TELEGRAM, MAIL)).close()
    assert mail.is_closed


async def test_an_alert_reaches_the_trader_and_no_audience(told):
    _, make = told
    telegram = RecordingNotifier()
    notifying = make(telegram, chats=(TELEGRAM, PUBLIC))
    alert = an_alert("venue_down", "binance answers nothing", at_ms=now_us() // 1000)
    assert raise_alert(notifying.outbox, alert)
    await notifying.deliver()
    assert [address for address, _, _ in telegram.sent] == ["1"]


def test_the_newest_verdict_on_a_plan_is_found_by_its_whole_name(database):
    store = ToldStore(database)
    plan = a_plan_of_today()
    for decision in (a_refusal(plan), an_approval(plan)):
        store.record(decision, is_told=False)
    store.record(an_approval(replace(plan, plan_id=PlanId(f"{plan.plan_id}-2"))), is_told=False)
    reader = AuditReader(database)
    newest = reader.newest_verdict(ACCOUNT, plan.plan_id)
    assert newest is not None
    assert newest == reader.record(ACCOUNT, 2)
    assert reader.newest_verdict(ACCOUNT, plan.plan_id[:8]) is None
    assert reader.record(ACCOUNT, 99) is None


def test_the_settings_say_who_is_told(monkeypatch, sqlite_url):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:token")
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "42")
    monkeypatch.setenv("NOTIFY_WEBHOOK_URL", "https://example.org/hook")
    monkeypatch.setenv("NOTIFY_WEBHOOK_SECRET", "a secret of some length")
    settings, _ = load_settings()
    with open_database(sqlite_url) as database:
        notifying = open_notifying(settings, database)
        assert sorted(notifying.notifiers) == ["telegram", "webhook"]
        assert [chat.lane for chat in notifying.chats] == ["telegram:42", "webhook:default"]
        assert notifying.has_channels
        assert notifying.problems == ()
        assert notifying.pictures == settings.snipersight_home / "charts"
        other = open_notifying(settings, database)
        assert notifying.lease.owner != other.lease.owner


def test_a_plug_in_that_cannot_be_used_is_reported_and_stops_nothing(monkeypatch, sqlite_url):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:token")
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "42")
    monkeypatch.setenv("NOTIFY_PLUGINS", "pager siren")
    settings, _ = load_settings()
    settings.snipersight_home.mkdir()
    channels_file(settings).write_text('[[chat]]\nchannel = "pager"\naddress = "7"\n')
    with open_database(sqlite_url) as database:
        notifying = open_notifying(settings, database)
    missing, unserved, unused = notifying.problems
    assert "pager" in missing
    assert "not installed" in missing
    assert unserved == "chat pager:7 is not told: its channel cannot be used"
    assert unused == "NOTIFY_PLUGINS names siren, but channels.toml has no chat in it"
    assert list(notifying.notifiers) == ["telegram"]


async def test_a_webhook_that_points_inward_stops_alone_and_its_messages_wait(
    monkeypatch, sqlite_url
):
    monkeypatch.setenv("NOTIFY_WEBHOOK_URL", "https://169.254.169.254/latest")
    monkeypatch.setenv("NOTIFY_WEBHOOK_SECRET", "a secret of some length")
    with open_database(sqlite_url) as database:
        notifying = open_notifying(load_settings()[0], database)
        text = PlainText(title="A word", markdown="hello")
        notifying.outbox.put(notice_draft(text, key="text:1"))
        report = await notifying.deliver()
        assert (report.sent, report.waiting, report.stopped) == (0, 1, 1)
        (stopped,) = notifying.outbox.stopped()
        assert stopped.channel == "webhook"
        assert "points to this machine or its own network" in stopped.error
        assert "latest" not in stopped.error
        monkeypatch.setenv("NOTIFY_WEBHOOK_ALLOW_PRIVATE", "true")
        assert "Unusable" not in repr(open_notifying(load_settings()[0], database).notifiers)
