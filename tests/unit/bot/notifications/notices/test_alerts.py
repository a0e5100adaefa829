from dataclasses import replace

import pytest

from snipersight.bot.notifications.notices.alerts import (
    ALERTS,
    an_alert,
    breaker_alert,
    raise_alert,
    stop_alert,
)
from snipersight.bot.notifications.notices.payloads import decode_payload
from snipersight.domain.notices import Severity
from snipersight.domain.outbox import StoppedLane
from snipersight.domain.standing import BreakerName, TradingState, TrippedBreaker
from snipersight.domain.store import QueueDraft
from snipersight.storage.outbox import SqlOutbox

AT_MS = 1_717_761_600_000
LOSS = TrippedBreaker(
    name=BreakerName.DAILY_LOSS,
    state=TradingState.REDUCING,
    tripped_us=AT_MS * 1000,
    until_us=AT_MS * 1000 + 43_200_000_000,
    sentence="3.1 % were lost today, 3 % are allowed",
)


class RecordingOutbox:
    """Keeps what is put into it."""

    def __init__(self) -> None:
        self.put_drafts: list[QueueDraft] = []
        self.windows: list[tuple[str, int]] = []

    def put(self, draft: QueueDraft) -> bool:
        """Keep a draft."""
        self.put_drafts.append(draft)
        return True

    def put_once_within(self, draft: QueueDraft, *, subject: str, window_us: int) -> bool:
        """Keep a draft and its window."""
        self.windows.append((subject, window_us))
        return self.put(draft)


@pytest.mark.parametrize("trigger", sorted(ALERTS))
def test_every_row_makes_an_alert_with_its_severity_and_title(trigger):
    alert = an_alert(trigger, "what happened", at_ms=AT_MS, subject="binance")
    rule = ALERTS[trigger]
    assert (alert.severity, alert.title) == (rule.severity, rule.title)
    outbox = RecordingOutbox()
    assert raise_alert(outbox, alert)  # type: ignore[arg-type]  # it has what alerts need
    (draft,) = outbox.put_drafts
    assert decode_payload(draft.payload) == alert
    expected = [(f"{trigger}:binance", rule.window_us)] if rule.window_us else []
    assert outbox.windows == expected


def test_a_trigger_that_is_not_in_the_table_is_no_alert():
    with pytest.raises(KeyError):
        an_alert("mood", "x", at_ms=AT_MS)


def test_the_issue_s_triggers_are_all_in_the_table():
    asked = {"error", "breaker", "refusals", "data_stale", "venue_down"}
    assert asked <= set(ALERTS)


def test_an_alert_of_one_subject_is_told_once_within_its_window(database):
    outbox = SqlOutbox(database)
    down = an_alert("venue_down", "binance answers nothing", at_ms=AT_MS, subject="binance")
    assert raise_alert(outbox, down)
    assert not raise_alert(outbox, replace(down, at_ms=AT_MS + 60_000))
    assert raise_alert(outbox, replace(down, subject="bybit"))
    stale = an_alert("data_stale", "x", at_ms=AT_MS, subject="binance")
    assert raise_alert(outbox, stale)
    stored = outbox.claim_notices("me", limit=10, for_us=1_000_000)
    assert sorted((one.payload["trigger"], one.payload["subject"]) for one in stored) == [
        ("data_stale", "binance"),
        ("venue_down", "binance"),
        ("venue_down", "bybit"),
    ]


def test_a_stop_is_told_once_however_often_it_is_seen(database):
    outbox = SqlOutbox(database)
    stop = StoppedLane(channel="telegram", address="1", error="blocked", since_us=AT_MS * 1000)
    assert raise_alert(outbox, stop_alert(stop))
    assert not raise_alert(outbox, stop_alert(stop))
    assert raise_alert(outbox, stop_alert(replace(stop, since_us=AT_MS * 1000 + 1_000)))
    assert "chat 1 of telegram" in stop_alert(stop).text
    assert "sent to telegram any more" in stop_alert(replace(stop, address="")).text


def test_a_breaker_that_reduces_is_an_error_and_says_when_it_lets_go():
    alert = breaker_alert("main", LOSS)
    assert (alert.severity, alert.title) == (Severity.ERROR, "Entries are stopped: daily loss")
    assert alert.text == (
        "Account main is REDUCING: only what makes a position smaller may be sent. "
        "3.1 % were lost today, 3 % are allowed. It lets go by itself at 2024-06-08 00:00 UTC."
    )
    assert (alert.at_ms, alert.subject) == (AT_MS, "main:daily_loss")


@pytest.mark.parametrize(
    ("name", "severity", "back"),
    [
        (BreakerName.DRAWDOWN, Severity.CRITICAL, "`snipersight risk resume --rearm` at the"),
        (BreakerName.LOSS_STREAK, Severity.CRITICAL, "`snipersight risk resume --rearm` at the"),
        (BreakerName.UNPROTECTED, Severity.CRITICAL, "by itself once the position has its whole"),
        (BreakerName.OPERATOR, Severity.WARNING, "/resume of an admin, or `snipersight risk"),
    ],
)
def test_what_halts_says_what_brings_trading_back_and_is_critical_unless_a_person_did_it(
    name, severity, back
):
    halted = replace(LOSS, name=name, state=TradingState.HALTED, until_us=None, sentence="")
    alert = breaker_alert("main", halted)
    assert alert.severity is severity
    assert "HALTED: only exits may be sent." in alert.text
    assert back in alert.text


def test_a_person_s_reason_is_told():
    halted = replace(LOSS, name=BreakerName.OPERATOR, sentence="news at eight", until_us=None)
    alert = breaker_alert("main", halted)
    assert alert.title == "Entries are stopped: paused by hand"
    assert "A person paused it (news at eight)." in alert.text


@pytest.mark.parametrize(
    ("sentence", "why"), [("kill switch: enough", " (enough)"), ("kill switch", "")]
)
def test_a_kill_says_that_resuming_does_not_end_it(sentence, why):
    halted = replace(LOSS, name=BreakerName.OPERATOR, sentence=sentence, until_us=None)
    alert = breaker_alert("main", halted)
    assert alert.title == "Entries are stopped: kill switch"
    assert f"The kill switch was pulled{why}." in alert.text
    assert "`snipersight kill --rearm`" in alert.text
    assert "/resume does not" in alert.text


def test_each_trip_of_a_breaker_has_a_key_of_its_own():
    outbox = RecordingOutbox()
    for breaker in (LOSS, replace(LOSS, tripped_us=LOSS.tripped_us + 1_000)):
        raise_alert(outbox, breaker_alert("main", breaker))  # type: ignore[arg-type]
    assert len({draft.key for draft in outbox.put_drafts}) == 2
