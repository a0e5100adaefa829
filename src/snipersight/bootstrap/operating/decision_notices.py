"""What those who were told of a plan are told of the decision on it, once, as a reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from snipersight.bot.notifications.notices.payload_kinds import UpdatePayload
from snipersight.bot.notifications.notices.payloads import notice_draft
from snipersight.domain.commands import Command, CommandKind, CommandState
from snipersight.domain.notices import SignalEvent, update_key
from snipersight.domain.plan import TradePlan
from snipersight.domain.store import QueueDraft
from snipersight.domain.venues import BUILT_IN_VENUE
from snipersight.storage.commands import Settled, StoredCommand

_SAID: Final[Mapping[CommandKind, str]] = {
    CommandKind.APPROVE: "Approved",
    CommandKind.REJECT: "Rejected",
    CommandKind.TOOK: "Traded by hand",
}


def who(command: Command) -> str:
    """Return who said it, by name; without one, as the audit knows them."""
    return " ".join(command.name.split()) or command.actor


def decision_sentence(command: Command, settled: Settled) -> str:
    """Return a decision with what came of it, `Approved by Ann: entry orders were sent.`."""
    what = f"{_SAID[command.kind]} by {who(command)}"
    if settled.state is CommandState.REFUSED:
        return f"{what}, and refused: {settled.sentence}"
    return f"{what}: {settled.sentence}" if settled.sentence else f"{what}."


def decision_notice(stored: StoredCommand, settled: Settled, plan: TradePlan) -> QueueDraft:
    """Return the notice of a decision on a plan; each is told once.

    Args:
        stored: the decision.
        settled: what came of it.
        plan: decided on.
    """
    command = stored.command
    payload = UpdatePayload(
        account=command.account_id,
        plan_id=plan.plan_id,
        event=SignalEvent.DECIDED,
        at_ms=settled.at_us // 1000,
        is_actual=True,
        detail=decision_sentence(command, settled),
        is_practice=plan.venue == BUILT_IN_VENUE,
    )
    key = update_key(command.account_id, plan.plan_id, SignalEvent.DECIDED, is_actual=True)
    return notice_draft(payload, key=f"{key}:{stored.item_id}")
