"""Position sizes as specified: the formula, the volatility factor, the venue's bounds.

`calculate_position_size` is the specification's formula to the letter. The pipeline never
leverages a loss: `plan_sizing.size_plan` sizes by the loss at the stop, costs included, in exact
decimals (docs/adr/0001-leverage-and-size.md).
"""

from __future__ import annotations

import math
from decimal import Decimal

from snipersight.domain.decision import Check

Number = float | Decimal


def calculate_position_size(
    account_balance: float,
    risk_pct: float,
    entry: float,
    stop: float,
    leverage: float = 1.0,
) -> float:
    """Return (account_balance × risk_pct) ÷ |entry - stop| × leverage, in base units.

    Leverage scales the loss at the stop with the size: 1 % of 10,000 with entry 100 and stop 99
    is 100 units at leverage 1 and loses 100 at the stop; at leverage 5 it is 500 units and
    loses 500, 5 % of the balance. The pipeline therefore always sizes at leverage 1.
    Fees, slippage, lots and limits are left out; `size_plan` has them.

    Args:
        account_balance: above 0, in quote currency.
        risk_pct: fraction of the balance, above 0, at most 1 (0.01 is 1 %).
        entry, stop: different prices above 0, quote per base unit.
        leverage: above 0.

    Raises:
        ValueError: an argument is NaN, infinite or outside its range, or the size is too large
            to be a number.
    """
    given = {"account_balance": account_balance, "risk_pct": risk_pct}
    given |= {"entry": entry, "stop": stop, "leverage": leverage}
    for name, value in given.items():
        if not math.isfinite(value) or value <= 0:
            raise ValueError(f"{name} must be a finite number above 0, not {value}")
    if risk_pct > 1:
        raise ValueError(f"risk_pct must be at most 1 (the whole balance), not {risk_pct}")
    if entry == stop:
        raise ValueError(f"entry and stop are both {entry}: the loss per unit would be zero")
    size = account_balance * risk_pct / abs(entry - stop) * leverage
    if not math.isfinite(size):
        raise ValueError(f"entry {entry} and stop {stop} are too close for a finite size")
    return size


def adjust_for_volatility(current_atr: float, usual_atr: float, *, floor: float = 0.5) -> float:
    """Return the factor to scale a size by: usual ÷ current ATR, at most 1.

    Calm markets never lift a size above the risk cap; wild ones shrink it, down to `floor`.

    Args:
        current_atr: ATR at the decision, above 0.
        usual_atr: what it is compared with, the same unit, above 0.
        floor: smallest factor, 0 to 1.

    Raises:
        ValueError: an argument is NaN, infinite or outside its range.
    """
    for name, value in (("current_atr", current_atr), ("usual_atr", usual_atr)):
        if not math.isfinite(value) or value <= 0:
            raise ValueError(f"{name} must be a finite number above 0, not {value}")
    if not 0 <= floor <= 1:
        raise ValueError(f"floor must lie between 0 and 1, not {floor}")
    return max(floor, min(1.0, usual_atr / current_atr))


def validate_position_constraints(
    position_size: Number,
    min_size: Number | None = None,
    max_size: Number | None = None,
    *,
    price: Number | None = None,
    min_notional: Number | None = None,
    max_notional: Number | None = None,
) -> Check:
    """Return whether a size keeps the venue's and our bounds; the first breach is named.

    Args:
        position_size: base units.
        min_size, max_size: bounds in base units; None means unbounded.
        price: quote per base unit; needed where a notional bound is given.
        min_notional, max_notional: bounds of size × price in quote currency.

    Returns:
        A truthy check `position_constraints`, or a falsy one with the code `invalid_size`,
        `below_minimum` or `above_maximum`, the measured value and the limit. A notional bound
        without a price cannot be judged and is `invalid_size`.
    """
    size = _exact(position_size)
    if not size.is_finite() or size <= 0:
        return _breach("invalid_size", size, Decimal(0), "size", "must be a finite number above")
    notional = _notional(size, price)
    bounds = (
        ("size", size, min_size, max_size),
        ("notional", notional, min_notional, max_notional),
    )
    for name, value, low, high in bounds:
        if (low is not None or high is not None) and value is None:
            return _unpriced(price)
        if value is not None and low is not None and value < _exact(low):
            return _breach("below_minimum", value, _exact(low), name, "is below the minimum")
        if value is not None and high is not None and value > _exact(high):
            return _breach("above_maximum", value, _exact(high), name, "is above the maximum")
    return Check("position_constraints", True, size, None, f"size {size!s} is in bounds")


def _exact(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _notional(size: Decimal, price: Number | None) -> Decimal | None:
    if price is None:
        return None
    exact_price = _exact(price)
    return size * exact_price if exact_price.is_finite() and exact_price > 0 else None


def _unpriced(price: Number | None) -> Check:
    what = "none was given" if price is None else f"not {price}"
    sentence = f"the notional needs a price above 0, {what}"
    return Check(code="invalid_size", passed=False, sentence=sentence)


def _breach(
    code: str, measured: Decimal | None, limit: Decimal | None, name: str, how: str
) -> Check:
    sentence = f"{name} {measured} {how} {limit}"
    return Check(code=code, passed=False, measured=measured, limit=limit, sentence=sentence)
