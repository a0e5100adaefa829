"""What a person is told of execution: stored in the very transaction that it tells of."""

from __future__ import annotations

from typing import Final

from snipersight.bot.executor.actions import Alarm
from snipersight.bot.notifications.notices.alerts import ALERTS, an_alert
from snipersight.bot.notifications.notices.payloads import notice_draft
from snipersight.domain.execution import IntentState, OrderIntent
from snipersight.domain.store import UnitOfWork

OTHER: Final = "execution"  # the row of the table for what has none of its own


def tell(unit: UnitOfWork, alarm: Alarm, *, at_us: int) -> bool:
    """Store an alarm to be told; False if its subject was told before.

    Args:
        unit: the transaction; its account is named in the subject.
        alarm: its subject begins with the trigger of a row of the table of alerts, `quarantine:`;
            one that does not falls under `execution`.
        at_us: when, microseconds UTC.
    """
    account_id = unit.account.account_id
    trigger, _, about = alarm.subject.partition(":")
    if trigger not in ALERTS:
        trigger, about = OTHER, alarm.subject
    alert = an_alert(trigger, alarm.text, at_ms=at_us // 1000, subject=f"{account_id}:{about}")
    return unit.enqueue(notice_draft(alert, key=f"alarm:{account_id}:{trigger}:{about}"))


def resolved_alarm(before: OrderIntent, now: OrderIntent) -> Alarm | None:
    """Return what is told of an order whose unknown outcome became known; None for any other."""
    if before.state is not IntentState.UNKNOWN or now.state is IntentState.UNKNOWN:
        return None
    became = _BECAME.get(now.state, f"it is {now.state.value} now")
    text = (
        f"Order {now.client_id} in {now.request.symbol} was sent and nothing sure came back "
        f"({before.problem or 'no answer'}); {became}. It was not sent again."
    )
    return Alarm(subject=f"order:resolved:{now.client_id}", text=text)


_BECAME: Final = {
    IntentState.ABSENT: "the venue never had it",
    IntentState.WORKING: "the venue has it",
    IntentState.FILLED: "it was filled",
}
