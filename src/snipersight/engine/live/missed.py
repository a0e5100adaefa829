"""What was decided while nobody looked, and had ended before anybody did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.units import Symbol
from snipersight.engine.core import EngineState, step, voided
from snipersight.engine.judging_stage import in_order, recorded
from snipersight.planner.voids import VoidReason, bars_of


def ended_unseen(
    symbol: Symbol,
    candidates: Sequence[Candidate],
    trigger: Candles,
    shifts: Mapping[int, Direction],
) -> tuple[Candidate, ...]:
    """Return candidates too old to be looked at any more, each with the reason it ended for.

    Args:
        symbol: theirs.
        candidates: oldest first; their plans have expired by the newest bar at the latest.
        trigger: bars of the trigger timeframe since the first of them.
        shifts: of major structure, by the close that revealed them.
    """
    if not candidates:
        return ()
    state, ended = EngineState(), list[Candidate]()
    bars = bars_of(trigger, after_ms=candidates[0].at_ms, shifts=shifts)
    for event in in_order(symbol, candidates, bars):
        state, commands = step(state, event)
        ended += recorded(commands)
    # No bar may have closed since they expired.
    ended += [
        voided(one, VoidReason.EXPIRED, was_entered=setup_id in state.entered)
        for setup_id, one in state.waiting.items()
    ]
    return tuple(ended)
