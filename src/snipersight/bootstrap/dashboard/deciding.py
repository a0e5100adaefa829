"""What a person can usefully say about a plan now, whoever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.operating.ideas import idea_refusal, read_idea
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.decision import Approved
from snipersight.domain.execution import Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.trade_views import TradeView
    from snipersight.domain.ledger import LedgerEntry
    from snipersight.risk.audit.codec import RecordedDecision
    from snipersight.storage.commands import StoredCommand

_NOTHING: Final[frozenset[CommandKind]] = frozenset()
_BY_HAND: Final = frozenset((CommandKind.TOOK,))
_ANY: Final = frozenset((CommandKind.APPROVE, CommandKind.REJECT, CommandKind.TOOK))


def decidable(
    books: Books,
    recorded: RecordedDecision | None,
    *,
    said: Sequence[StoredCommand],
    trades: Sequence[TradeView],
    entries: Sequence[LedgerEntry],
) -> tuple[frozenset[CommandKind], str]:
    """Return which commands make sense for a plan, and why it cannot be decided on, if it cannot.

    Whether they are carried out is for the process that carries them out to say.

    Args:
        books: of the account.
        recorded: the newest verdict; None where the risk gate never saw it.
        said: commands about it.
        trades: that are executed here.
        entries: of the ledger.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    cancels = _cancels(trades)
    if recorded is None:
        return cancels, "the risk gate never judged it"
    if entries:
        return cancels, "it is or was traded"
    decided = next((one for one in said if _decides(one)), None)
    if decided is not None:
        return cancels, f"{decided.command.name or decided.command.actor} decided on it"
    if not isinstance(recorded.decision, Approved):
        return cancels, "the risk gate refused it"
    idea = read_idea(books, recorded.plan.plan_id)
    refusal = idea_refusal(
        idea, now_us=books.ports.clock(), approval_minutes=books.settings.approval_minutes
    )
    return cancels | (_BY_HAND if refusal else _ANY), refusal


def _decides(stored: StoredCommand) -> bool:
    settled = stored.settled
    is_refused = settled is not None and settled.state is CommandState.REFUSED
    return stored.command.kind.decides and not is_refused


def _cancels(trades: Sequence[TradeView]) -> frozenset[CommandKind]:
    works = any(
        intent.leg is Leg.ENTRY and intent.state.is_open
        for view in trades
        for intent in view.intents
    )
    return frozenset((CommandKind.CANCEL,)) if works else _NOTHING
