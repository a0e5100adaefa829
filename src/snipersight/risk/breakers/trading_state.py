"""What breakers leave of trading, and which orders pass then."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from snipersight.domain.decision import Check
from snipersight.domain.standing import TradingState, TrippedBreaker
from snipersight.domain.units import plain

_SEVERITY: Final = {TradingState.ACTIVE: 0, TradingState.REDUCING: 1, TradingState.HALTED: 2}


def trading_state(tripped: Iterable[TrippedBreaker]) -> TradingState:
    """Return the severest state that a tripped breaker asks for; ACTIVE without one."""
    states = (breaker.state for breaker in tripped)
    return max(states, key=_SEVERITY.__getitem__, default=TradingState.ACTIVE)


def judge_order(state: TradingState, *, position_before: Decimal, order: Decimal) -> Check:
    """Return whether an order may be sent.

    In every state an order passes that makes the position smaller and does not cross zero:
    nobody is kept from leaving. REDUCING looks at the resulting position alone and lets an order
    across zero pass if less is held afterwards than before; HALTED does not, because what lies
    beyond zero is an entry.

    Args:
        state: of the account.
        position_before: signed size in base units, long above 0.
        order: signed size in base units, buying above 0.

    Returns:
        A check with the code `trading_state`; an order of no size, and NaN or infinite sizes,
        fail it in every state.
    """
    if not (position_before.is_finite() and order.is_finite()) or order == 0:
        return _answer(state, False, f"an order of {order} on a position of {position_before}")
    after = position_before + order
    what = f"{plain(position_before)} would become {plain(after)}"
    is_smaller = abs(after) < abs(position_before)
    if is_smaller and after * position_before >= 0:
        return _answer(state, True, f"{what}, which only reduces")
    if state is TradingState.ACTIVE:
        return _answer(state, True, what)
    if state is TradingState.REDUCING:
        return _answer(state, is_smaller, f"{what}; only less may be held")
    return _answer(state, False, f"{what}; only exits may be sent")


def _answer(state: TradingState, passed: bool, sentence: str) -> Check:
    return Check(
        code="trading_state", passed=passed, measured=state.value, sentence=f"{state}: {sentence}"
    )
