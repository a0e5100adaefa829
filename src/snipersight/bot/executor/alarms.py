"""What a person is told of execution: stored in the very transaction that it tells of."""

from __future__ import annotations

from typing import Final

from snipersight.bot.executor.actions import Alarm
from snipersight.bot.notifications.notices.alerts import ALERTS, an_alert
from snipersight.bot.notifications.notices.payloads import notice_draft
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
