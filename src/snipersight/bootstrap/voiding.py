"""What waits for an entry ends when its plan is void, as the scan tells at a close."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from snipersight.bootstrap.execution import Execution
from snipersight.domain.decision import Candidate, Stage
from snipersight.domain.execution import Trade
from snipersight.planner.voids import VoidReason

_VOID: Final = frozenset(VoidReason)


async def end_void(execution: Execution, ended: Iterable[Candidate]) -> tuple[Trade, ...]:
    """Cancel the entries of trades whose plans are void and of which nothing was filled.

    The executor sees prices when it looks; a touch between two looks, and structure, are seen
    by the scan alone.

    Args:
        execution: at work.
        ended: what a scan says has ended.

    Returns:
        The trades concerned.

    Raises:
        LeaseLost: another executor has taken over.
        StateUnavailable: the store is away.
    """
    void = {one.setup_id for one in ended if _is_void(one)}
    if not void:
        return ()
    live = await execution.desk.view(lambda unit: unit.book.live_trades())
    waiting = [one for one in live if one.setup_id in void and one.opened_us is None]
    for trade in waiting:
        await execution.executor.cancel_order(trade.trade_id)
    return tuple(waiting)


def _is_void(candidate: Candidate) -> bool:
    reason = candidate.reason
    return reason is not None and reason.stage is Stage.GATED and reason.name in _VOID
