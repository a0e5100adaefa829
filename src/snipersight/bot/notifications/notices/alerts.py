"""Alerts: what a person is told of the system itself, how urgently, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from snipersight.bot.notifications.notices.payloads import notice_draft
from snipersight.domain.channels import Chat
from snipersight.domain.notices import Alert, Severity
from snipersight.domain.outbox import Outbox, StoppedLane
from snipersight.domain.standing import KILL_SWITCH, BreakerName, TradingState, TrippedBreaker
from snipersight.domain.wording import minute_of

_MINUTE_US: Final = 60_000_000
_HOUR_US: Final = 60 * _MINUTE_US


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """One row of the table of alerts.

    Args:
        trigger: its name.
        severity: how much it matters.
        window_us: of the same trigger and subject, one alert is told within this, microseconds;
            0: each is told, and its key alone keeps it from being told twice.
        title: a few words.
        when: what raises it, for the reader of the table.
        subject: what it is about, for the reader of the table.
    """

    trigger: str
    severity: Severity
    window_us: int
    title: str
    when: str
    subject: str


_RULES: Final = (
    AlertRule(
        trigger="error",
        severity=Severity.ERROR,
        window_us=_HOUR_US,
        title="A command failed",
        when="a scan ends with a fault of the program",
        subject="kind of fault",
    ),
    AlertRule(
        trigger="run",
        severity=Severity.ERROR,
        window_us=_HOUR_US,
        title="The running bot is in trouble",
        when="a part of `snipersight run` has not done its work for minutes",
        subject="part",
    ),
    AlertRule(
        trigger="breaker",
        severity=Severity.ERROR,
        window_us=0,
        title="Entries are stopped",
        when="a breaker trips; critical where it halts, a warning where a person halted",
        subject="account and breaker; each trip is told once",
    ),
    AlertRule(
        trigger="refusals",
        severity=Severity.WARNING,
        window_us=6 * _HOUR_US,
        title="Every plan is refused",
        when="three scans in a row made plans, and the risk gate refused all of them by one code",
        subject="account and code",
    ),
    AlertRule(
        trigger="audit",
        severity=Severity.CRITICAL,
        window_us=_HOUR_US,
        title="No verdict can be recorded",
        when="the audit cannot be written, so that nothing is approved",
        subject="account",
    ),
    AlertRule(
        trigger="data_stale",
        severity=Severity.WARNING,
        window_us=_HOUR_US,
        title="Market data are old",
        when="no symbol of a scan has candles that are new enough",
        subject="venue",
    ),
    AlertRule(
        trigger="venue_down",
        severity=Severity.ERROR,
        window_us=30 * _MINUTE_US,
        title="A venue cannot be reached",
        when="a venue answers nothing, or refuses our rate",
        subject="venue",
    ),
    AlertRule(
        trigger="store",
        severity=Severity.CRITICAL,
        window_us=_HOUR_US,
        title="The database cannot be used",
        when="the database is locked, full, damaged or away",
        subject="database",
    ),
    AlertRule(
        trigger="channel_stopped",
        severity=Severity.ERROR,
        window_us=0,
        title="A notification channel stopped",
        when="a channel or chat refuses us for good: wrong token, blocked, not found",
        subject="channel and chat; each stop is told once, on the others",
    ),
    AlertRule(
        trigger="clock_skew",
        severity=Severity.WARNING,
        window_us=6 * _HOUR_US,
        title="The clocks disagree",
        when="the venue's clock and ours differ by more than MAX_CLOCK_SKEW_MS",
        subject="venue",
    ),
    AlertRule(
        trigger="unprotected",
        severity=Severity.CRITICAL,
        window_us=0,
        title="A position lacks its stop",
        when="a stop could not be placed within its deadline",
        subject="account, trade and moment; each time is told once",
    ),
    AlertRule(
        trigger="flattened",
        severity=Severity.ERROR,
        window_us=0,
        title="A position is being closed",
        when="a position is closed at market for another reason than its plan",
        subject="account and trade; told once",
    ),
    AlertRule(
        trigger="order",
        severity=Severity.WARNING,
        window_us=0,
        title="An order did not go as asked",
        when="an order's fate was unknown for a while, was changed by hand, or cannot be placed",
        subject="account and order; told once",
    ),
    AlertRule(
        trigger="quarantine",
        severity=Severity.CRITICAL,
        window_us=0,
        title="A position cannot be explained",
        when="the venue shows another position than its fills explain",
        subject="account, trade and difference; each is told once",
    ),
    AlertRule(
        trigger="unmapped_error",
        severity=Severity.ERROR,
        window_us=0,
        title="A venue answered something new",
        when="a venue answers an error that is not known; it counts as unknown outcome",
        subject="account, venue and code; told once",
    ),
    AlertRule(
        trigger="venue_stopped",
        severity=Severity.CRITICAL,
        window_us=0,
        title="A venue refuses us",
        when="keys, permissions, a ban or a wrong host: entries are over until a person has looked",
        subject="account, venue and moment; each time is told once",
    ),
    AlertRule(
        trigger="execution",
        severity=Severity.WARNING,
        window_us=0,
        title="A trade needs a look",
        when="leverage or balances changed by hand, dust, or another surprise of a trade",
        subject="account and what it is about; told once",
    ),
)
ALERTS: Final[Mapping[str, AlertRule]] = MappingProxyType({rule.trigger: rule for rule in _RULES})


def an_alert(trigger: str, text: str, *, at_ms: int, subject: str = "") -> Alert:
    """Return the alert of a row of the table.

    Args:
        trigger: name of the row.
        text: what happened, where, and what to do next, in plain words.
        at_ms: when, milliseconds UTC.
        subject: what it is about.

    Raises:
        KeyError: the table has no such row.
    """
    rule = ALERTS[trigger]
    return Alert(
        trigger=trigger,
        severity=rule.severity,
        title=rule.title,
        text=text,
        subject=subject,
        at_ms=at_ms,
    )


def raise_alert(outbox: Outbox, alert: Alert) -> bool:
    """Store an alert to be told, unless one of its trigger and subject was within its window.

    Args:
        outbox: where it is stored.
        alert: `an_alert` makes it.

    Returns:
        Whether it will be told.

    Raises:
        KeyError: the table has no such trigger.
        StateUnavailable: it could not be stored.
    """
    window_us = ALERTS[alert.trigger].window_us
    draft = notice_draft(alert)
    if window_us == 0:
        return outbox.put(draft)
    subject = f"{alert.trigger}:{alert.subject}"
    return outbox.put_once_within(draft, subject=subject, window_us=window_us)


def stop_alert(stopped: StoppedLane) -> Alert:
    """Return the alert about a chat or channel that takes nothing; the same for the same stop."""
    what = f"chat {stopped.address} of {stopped.channel}" if stopped.address else stopped.channel
    return an_alert(
        "channel_stopped",
        f"Nothing is sent to {what} any more: {stopped.error}. What it should have been told waits; "
        "once the cause is gone, `snipersight notify retry` sends it.",
        at_ms=stopped.since_us // 1000,
        subject=f"{stopped.channel}:{stopped.address}",
    )


def is_about(alert: Alert, chat: Chat) -> bool:
    """Return whether an alert tells that this very chat, or its channel, takes nothing."""
    is_stop = alert.trigger == "channel_stopped"
    return is_stop and alert.subject in (chat.lane, f"{chat.channel}:")


def breaker_alert(account: str, breaker: TrippedBreaker) -> Alert:
    """Return the alert about a breaker that tripped, as its row and its state have it."""
    rule = ALERTS["breaker"]
    return Alert(
        trigger=rule.trigger,
        severity=_severity(breaker),
        title=f"{rule.title}: {_name(breaker)}",
        text=f"{_state(account, breaker)} {_why(breaker)}. {_end(breaker)}",
        subject=f"{account}:{breaker.name}",
        at_ms=breaker.tripped_us // 1000,
    )


def _name(breaker: TrippedBreaker) -> str:
    if breaker.is_kill:
        return KILL_SWITCH
    if breaker.name is BreakerName.OPERATOR:
        return "paused by hand"
    return breaker.name.value.replace("_", " ")


def _severity(breaker: TrippedBreaker) -> Severity:
    if breaker.name is BreakerName.OPERATOR:
        return Severity.WARNING  # whoever halted knows
    is_halted = breaker.state is TradingState.HALTED
    return Severity.CRITICAL if is_halted else ALERTS["breaker"].severity


def _state(account: str, breaker: TrippedBreaker) -> str:
    left = "exits" if breaker.state is TradingState.HALTED else "what makes a position smaller"
    return f"Account {account} is {breaker.state}: only {left} may be sent."


def _why(breaker: TrippedBreaker) -> str:
    sentence = breaker.sentence.strip().rstrip(".")
    if breaker.is_kill:
        reason = sentence.removeprefix(KILL_SWITCH).removeprefix(": ")
        return f"The kill switch was pulled{f' ({reason})' if reason else ''}"
    if breaker.name is BreakerName.OPERATOR:
        return f"A person paused it{f' ({sentence})' if sentence else ''}"
    return f"{sentence[:1].upper()}{sentence[1:]}" if sentence else f"{breaker.name} tripped"


def _end(breaker: TrippedBreaker) -> str:
    """Return what brings trading back."""
    if breaker.until_us is not None:
        return f"It lets go by itself at {minute_of(breaker.until_us // 1000)} UTC."
    if breaker.name is BreakerName.UNPROTECTED:
        return (
            "It lets go by itself once the position has its whole stop; /positions and "
            "`snipersight positions` show which one lacks it."
        )
    if breaker.is_kill:
        return "`snipersight kill --rearm` at the terminal allows entries again, /resume does not."
    if breaker.name is BreakerName.OPERATOR:
        return "/resume of an admin, or `snipersight risk resume`, allows entries again."
    return (
        "Look at what was lost first; then `snipersight risk resume --rearm` at the terminal "
        "allows entries again, /resume does not."
    )
