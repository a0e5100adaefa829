"""What the gate asks about account and size; what it asks about the ledger lies elsewhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.account import AccountState
from snipersight.domain.decision import Check
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import MarketFacts
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import plain
from snipersight.risk.position_sizing import validate_position_constraints
from snipersight.risk.sizing.leverage import (
    LiquidationBorder,
    leverage_cap,
    liquidation_price,
    tier_at,
)
from snipersight.risk.sizing.plan_sizing import (
    Sizing,
    SizingInputs,
    entry_fee,
    largest_order,
)

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_SAFE: Final = "the stop fills well before the venue liquidates"
_LIQUID: Final = "a small share of what the market trades in 24 hours"
_ALL_FREE: Final = Check(
    code="available_margin", passed=True, sentence="available margin: all of the equity"
)
_NOT_LEVERAGED: Final = Check(
    code="liquidation",
    passed=True,
    sentence="not leveraged, so nothing is liquidated before the stop",
)


def account_checks(
    plan: TradePlan, account: AccountState, facts: MarketFacts | None
) -> tuple[Check, ...]:
    """Return whether account and costs are numbers that something can be sized with.

    Codes: `equity`, `available_margin`, `quote_rate` (left out where the market was not
    observed), `round_trip_cost`.
    """
    of_account = (_equity(account), _free_margin(account))
    if facts is None:
        return (*of_account, _round_trip_cost(plan))
    name = f"{account.currency} per {facts.instrument.quote}"
    rate = _positive("quote_rate", facts.quote_rate, name)
    return (*of_account, rate, _round_trip_cost(plan))


def _equity(account: AccountState) -> Check:
    name = f"equity in {account.currency}"
    if account.equity.is_finite() or not account.source:
        return _positive("equity", account.equity, name)
    return _positive("equity", account.equity, f"{name} ({account.source})")


def _positive(code: str, value: Decimal | None, name: str) -> Check:
    if not isinstance(value, Decimal) or not value.is_finite():
        return Check(code=code, passed=False, limit=_ZERO, sentence=f"{name}: unknown")
    return Check(code, value > _ZERO, value, _ZERO, f"{name}: {value!s}")


def _free_margin(account: AccountState) -> Check:
    free = account.available_margin
    if free is None:
        return _ALL_FREE
    return _positive("available_margin", free, "available margin")


def _round_trip_cost(plan: TradePlan) -> Check:
    cost = plan.round_trip_cost
    sentence = f"a round trip costs {cost!s} per unit"
    if not cost.is_finite():
        return Check("round_trip_cost", passed=False, limit=_ZERO, sentence=sentence)
    return Check("round_trip_cost", cost >= _ZERO, cost, _ZERO, sentence)


def size_checks(plan: TradePlan, inputs: SizingInputs, sizing: Sizing) -> tuple[Check, ...]:
    """Return what must hold of a size, measured again from the rounded size.

    Codes: `below_minimum` or `above_maximum` (passed: `position_constraints`), `max_leverage`,
    `liquidation`, `risk_budget`. Of no position only the first can be asked.
    """
    bounds = _bounds(plan, inputs.instrument, sizing)
    if sizing.size <= _ZERO:
        return (bounds,)
    return (
        bounds,
        _leverage(inputs, sizing),
        _liquidation(plan, inputs, sizing),
        _risk_budget(inputs, sizing),
    )


def _bounds(plan: TradePlan, instrument: Instrument, sizing: Sizing) -> Check:
    if sizing.size <= _ZERO:
        lot = instrument.lot
        return Check(
            code="below_minimum",
            passed=False,
            measured=sizing.size,
            limit=lot,
            sentence=f"the budget buys less than one lot of {plain(lot or _ZERO)}",
        )
    return validate_position_constraints(
        sizing.size,
        instrument.min_size,
        largest_order(instrument),
        price=plan.entry_near,
        min_notional=instrument.min_notional,
    )


def _leverage(inputs: SizingInputs, sizing: Sizing) -> Check:
    leverage, notional = sizing.leverage, sizing.notional
    cap = leverage_cap(inputs.instrument, notional, inputs.policy.max_leverage)
    free = inputs.free_margin(sizing.wanted)
    room = free - notional * entry_fee(inputs.instrument)
    passed = leverage <= cap and notional <= room * leverage
    if passed:
        sentence = f"leverage {leverage!s}, at most {cap!s}"
    else:
        sentence = (
            f"a position of {plain(notional)} needs more than leverage {cap} on free "
            f"margin of {free:.2f}"
        )
    needed = notional / (free if free > _ZERO else inputs.capacity / inputs.quote_rate)
    return Check("max_leverage", passed, max(leverage, needed), cap, sentence)


def _liquidation(plan: TradePlan, inputs: SizingInputs, sizing: Sizing) -> Check:
    """Ask whether the stop fills well before the venue liquidates."""
    tier = tier_at(inputs.instrument, sizing.notional)
    if tier is None and sizing.leverage == _ONE:
        return _NOT_LEVERAGED
    maintenance = tier.maintenance_fraction if tier else _ZERO
    border = LiquidationBorder.of(plan, cushion=inputs.policy.liquidation_cushion)
    passed = border.allows(sizing.leverage, maintenance_fraction=maintenance)
    price = liquidation_price(
        plan.entry_near,
        plan.direction,
        leverage=sizing.leverage,
        maintenance_fraction=maintenance,
    )
    sentence = _SAFE
    if not passed:
        sentence = (
            f"liquidated at {_digits(price)} at leverage {sizing.leverage}; "
            f"it must lie at {_digits(border.price)} or beyond"
        )
    return Check("liquidation", passed, price, border.price, sentence)


def _digits(price: Decimal) -> str:
    """Return a price to eight digits, written out."""
    return plain(Decimal(f"{price:.8g}"))


def _risk_budget(inputs: SizingInputs, sizing: Sizing) -> Check:
    risk, budget = sizing.claim.risk, inputs.budget
    sentence = (
        f"loses {risk:.2f} at the stop with costs, budget {budget:.2f}; bound by {sizing.bound_by}"
    )
    return Check("risk_budget", risk <= budget, risk, budget, sentence)


def liquidity_check(inputs: SizingInputs, sizing: Sizing) -> Check:
    """Return whether a position is a small part of what its market trades in 24 hours.

    Code `liquidity`; an unknown volume fails.
    """
    volume = inputs.quote_volume
    if volume is None:
        sentence = "the traded value of the last 24 hours is unknown"
        return Check(code="liquidity", passed=False, limit=None, sentence=sentence)
    most = inputs.policy.max_volume_share * volume
    passed = sizing.notional <= most
    sentence = _LIQUID
    if not passed:
        sentence = f"worth {sizing.notional:.2f}, at most {most:.2f} of the market's 24 hours"
    return Check("liquidity", passed, sizing.notional, most, sentence)
