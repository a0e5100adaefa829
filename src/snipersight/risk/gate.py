"""The sizing gate: sizes a plan and refuses what it cannot size safely. Fails closed.

It recomputes fees and slippage itself and takes the larger figure: a gate that trusted the plan's
arithmetic would inherit its mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.account import AccountState
from snipersight.domain.decision import (
    Approved,
    Check,
    Rejected,
    RiskDecision,
    Stage,
    TerminalReason,
)
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Money, Size, plain
from snipersight.risk.leverage import liquidation_price, lowest_leverage, tier_at
from snipersight.risk.position_sizing import (
    SizingInputs,
    size_plan,
    validate_position_constraints,
)

_ONE: Final = Decimal(1)
# A size below the venue's minimum is nobody's breach of a limit: the plan is too small to trade.
_DECLINING_CODES: Final = frozenset({"below_minimum"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingLimits:
    """The limits a size is held to; all must be finite.

    Args:
        risk_fraction: of equity, wanted per trade (the profile's or the user's).
        max_risk_fraction: MAX_RISK_PER_TRADE; a wanted fraction above it approves nothing.
        max_leverage: notional ÷ capacity, at least 1.
        slippage_fraction: assumed on the stop's market order.
        volatility_floor: what the most unusual volatility leaves of a size, 0 to 1.
        liquidation_cushion: liquidation lies at least this many stop distances beyond the stop.

    Raises:
        ValueError: a limit is outside its range.
    """

    risk_fraction: Decimal
    max_risk_fraction: Decimal
    max_leverage: Decimal = Decimal(3)
    slippage_fraction: Decimal = Decimal("0.0002")
    volatility_floor: Decimal = Decimal("0.5")
    liquidation_cushion: Decimal = Decimal("0.5")

    def __post_init__(self) -> None:
        """Refuse limits that limit nothing."""
        ranges = {
            "risk_fraction": (self.risk_fraction, Decimal(0), _ONE),
            "max_risk_fraction": (self.max_risk_fraction, Decimal(0), _ONE),
            "max_leverage": (self.max_leverage, _ONE, Decimal(125)),
            "slippage_fraction": (self.slippage_fraction, Decimal(0), _ONE),
            "volatility_floor": (self.volatility_floor, Decimal(0), _ONE),
            "liquidation_cushion": (self.liquidation_cushion, Decimal(0), Decimal(100)),
        }
        for name, (value, low, high) in ranges.items():
            if not value.is_finite() or not low <= value <= high:
                raise ValueError(f"{name} must lie between {low} and {high}, not {value}")


def terminal_reason(decision: Rejected) -> TerminalReason:
    """Return how a refused plan's candidate ends: by its first failed check.

    `declined:below_minimum` for a size below the venue's minimum, else `rejected:<code>`.
    """
    code = decision.failed[0].code
    stage = Stage.DECLINED if code in _DECLINING_CODES else Stage.REJECTED
    return TerminalReason(stage=stage, name=code)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingGate:
    """Implements the port `RiskGate` for one plan at a time, without a ledger of others.

    Args:
        limits: what sizes are held to.
    """

    limits: SizingLimits

    def judge(
        self,
        plan: TradePlan,
        *,
        instrument: Instrument,
        account: AccountState,
        quote_rate: Decimal | None,
    ) -> RiskDecision:
        """Return an approval with a size, or a rejection with every failed check.

        Codes asked before sizing: `instrument_mismatch`, `unknown_instrument`, `no_short`,
        `equity`, `available_margin`, `max_risk_per_trade`, `quote_rate`, `round_trip_cost`;
        after it: `below_minimum`, `above_maximum`, `max_leverage`, `liquidation`,
        `risk_budget`.
        """
        before = _checks_before(plan, instrument, account, quote_rate, self.limits)
        if quote_rate is None or not all(before):
            return Rejected(plan=plan, checks=before)
        inputs = self._inputs(plan, instrument, account, quote_rate)
        sizing = size_plan(plan, instrument, inputs)
        claim = _Claim.of(plan, instrument, sizing.size, inputs)
        checks = (*before, *_checks_after(plan, instrument, claim, inputs, self.limits))
        if not all(checks):
            return Rejected(plan=plan, checks=checks)
        return claim.approved(plan, checks, equity=inputs.equity)

    def _inputs(
        self, plan: TradePlan, instrument: Instrument, account: AccountState, quote_rate: Decimal
    ) -> SizingInputs:
        equity = Decimal(account.equity)
        free = equity if account.available_margin is None else account.available_margin
        return SizingInputs(
            equity=equity,
            capacity=min(equity, max(free, Decimal(0))),
            quote_rate=quote_rate,
            risk_fraction=self.limits.risk_fraction,
            volatility_factor=volatility_factor(plan, floor=self.limits.volatility_floor),
            max_leverage=self.limits.max_leverage,
            loss_per_unit=loss_per_unit(plan, instrument, self.limits.slippage_fraction),
            entry_cost_fraction=_fees(instrument)[0],
        )


def loss_per_unit(plan: TradePlan, instrument: Instrument, slippage_fraction: Decimal) -> Decimal:
    """Return what one unit loses if the stop fills, costs included, in quote currency.

    From the near edge, with the larger of the plan's own round-trip cost and ours: a limit
    entry, and a market exit at the stop with slippage.
    """
    near, stop = plan.entry_near, plan.stop_loss.price
    maker, taker = _fees(instrument)
    cost = near * maker + stop * (taker + slippage_fraction)
    return abs(near - stop) + max(cost, plan.round_trip_cost)


def volatility_factor(plan: TradePlan, *, floor: Decimal) -> Decimal:
    """Return what volatility leaves of a size: 1 in usual times, `floor` at its highest.

    Read from the factor `volatile` of the plan's confluence, which grades the ATR against its
    own window from 0 to 1; a plan of another source without that factor is not scaled.
    """
    graded = [factor.value for factor in plan.confluence.factors if factor.name == "volatile"]
    unusual = min(max(Decimal(str(max(graded, default=0.0))), Decimal(0)), _ONE)
    return _ONE - unusual * (_ONE - floor)


def _fees(instrument: Instrument) -> tuple[Decimal, Decimal]:
    """Return maker and taker fractions; a rebate counts as no fee."""
    if instrument.fees is None:
        raise ValueError(f"the fees of {instrument.symbol} are unknown")
    return max(instrument.fees.maker, Decimal(0)), max(instrument.fees.taker, Decimal(0))


def _checks_before(
    plan: TradePlan,
    instrument: Instrument,
    account: AccountState,
    quote_rate: Decimal | None,
    limits: SizingLimits,
) -> tuple[Check, ...]:
    """Return what must hold before anything can be sized."""
    missing = ", ".join(_unusable(instrument))
    is_short = plan.direction is Direction.SHORT
    wanted, cap = limits.risk_fraction, limits.max_risk_fraction
    same = (plan.venue, plan.symbol) == (instrument.venue, instrument.symbol)
    return (
        Check(
            code="instrument_mismatch",
            passed=same,
            measured=f"{instrument.venue} {instrument.symbol}",
            limit=f"{plan.venue} {plan.symbol}",
            sentence="the rules are the plan's own market's" if same else "rules of another market",
        ),
        Check(
            code="unknown_instrument",
            passed=not missing,
            measured=missing or None,
            sentence=f"unknown rules: {missing or 'none'}",
        ),
        Check(
            code="no_short",
            passed=instrument.allows_short or not is_short,
            measured=instrument.kind.value,
            sentence=f"{plan.direction} on {instrument.kind}",
        ),
        _positive("equity", account.equity, f"equity in {account.currency}"),
        _finite_margin(account),
        Check(
            code="max_risk_per_trade",
            passed=0 < wanted <= cap,
            measured=wanted,
            limit=cap,
            sentence=f"{wanted:.2%} of equity at risk, at most {cap:.2%}",
        ),
        _positive("quote_rate", quote_rate, f"{account.currency} per {instrument.quote}"),
        Check(
            code="round_trip_cost",
            passed=plan.round_trip_cost.is_finite() and plan.round_trip_cost >= 0,
            measured=plan.round_trip_cost,
            limit=Decimal(0),
            sentence=f"round trip costs {plan.round_trip_cost} per unit",
        ),
    )


def _unusable(instrument: Instrument) -> tuple[str, ...]:
    """Return the rules that are unknown or no numbers."""
    fees = instrument.fees
    if fees is not None and not (fees.maker.is_finite() and fees.taker.is_finite()):
        return (*instrument.missing(), "fees")
    return instrument.missing()


def _positive(code: str, value: Decimal | None, name: str) -> Check:
    good = value is not None and value.is_finite() and value > 0
    sentence = f"{name}: {'unknown' if value is None else value}"
    return Check(code=code, passed=good, measured=value, limit=Decimal(0), sentence=sentence)


def _finite_margin(account: AccountState) -> Check:
    free = account.available_margin
    good = free is None or (free.is_finite() and free > 0)
    sentence = f"available margin: {'all of the equity' if free is None else free}"
    return Check(
        code="available_margin", passed=good, measured=free, limit=Decimal(0), sentence=sentence
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What a size takes from the account; measured again from the rounded size."""

    size: Size
    notional: Decimal
    margin: Decimal
    leverage: Decimal
    risk: Money

    @classmethod
    def of(
        cls, plan: TradePlan, instrument: Instrument, size: Size, inputs: SizingInputs
    ) -> _Claim:
        notional = size * plan.entry_near
        fee = notional * inputs.entry_cost_fraction
        room = inputs.capacity / inputs.quote_rate - fee
        # Where nothing is left, leverage 1 lets the margin check tell so.
        leverage = _ONE
        if instrument.allows_short and room > 0:
            leverage = lowest_leverage(notional, room)
        return cls(
            size=size,
            notional=notional,
            margin=notional / leverage,
            leverage=leverage,
            risk=Money(size * inputs.loss_per_unit * inputs.quote_rate),
        )

    def approved(self, plan: TradePlan, checks: tuple[Check, ...], *, equity: Decimal) -> Approved:
        return Approved(
            plan=plan,
            size=self.size,
            notional=self.notional,
            margin=self.margin,
            leverage=self.leverage,
            risk=self.risk,
            risk_fraction=self.risk / equity,
            checks=checks,
        )


def _checks_after(
    plan: TradePlan,
    instrument: Instrument,
    claim: _Claim,
    inputs: SizingInputs,
    limits: SizingLimits,
) -> tuple[Check, ...]:
    """Return what must hold of the rounded size."""
    bounds = _bounds(plan, instrument, claim)
    if claim.size <= 0:
        return (bounds,)  # nothing else can be asked of no position
    return (
        bounds,
        _leverage(instrument, claim, limits),
        _liquidation(plan, instrument, claim, limits),
        Check(
            code="risk_budget",
            passed=claim.risk <= inputs.budget,
            measured=claim.risk,
            limit=inputs.budget,
            sentence=f"loses {claim.risk:.2f} at the stop with costs, budget {inputs.budget:.2f}",
        ),
    )


def _bounds(plan: TradePlan, instrument: Instrument, claim: _Claim) -> Check:
    if claim.size <= 0:
        lot = instrument.lot
        sentence = f"the budget buys less than one lot of {plain(lot or Decimal(0))}"
        return Check(
            code="below_minimum", passed=False, measured=claim.size, limit=lot, sentence=sentence
        )
    largest = [m for m in (instrument.max_size, instrument.max_market_size) if m is not None]
    return validate_position_constraints(
        claim.size,
        instrument.min_size,
        min(largest, default=None),
        price=plan.entry_near,
        min_notional=instrument.min_notional,
    )


def _leverage(instrument: Instrument, claim: _Claim, limits: SizingLimits) -> Check:
    tier = tier_at(instrument, claim.notional)
    cap = min(limits.max_leverage, tier.max_leverage) if tier else _ONE
    return Check(
        code="max_leverage",
        passed=claim.leverage <= cap,
        measured=claim.leverage,
        limit=cap,
        sentence=f"leverage {plain(claim.leverage)}, at most {plain(cap)}",
    )


def _liquidation(
    plan: TradePlan, instrument: Instrument, claim: _Claim, limits: SizingLimits
) -> Check:
    """Ask whether the stop fills well before the venue liquidates."""
    tier = tier_at(instrument, claim.notional)
    if tier is None:
        sentence = "not leveraged, so nothing is liquidated before the stop"
        return Check(code="liquidation", passed=claim.leverage == _ONE, sentence=sentence)
    near, stop = plan.entry_near, plan.stop_loss.price
    price = liquidation_price(
        near,
        plan.direction,
        leverage=claim.leverage,
        maintenance_fraction=tier.maintenance_fraction,
    )
    border = stop - (near - stop) * limits.liquidation_cushion
    return Check(
        code="liquidation",
        passed=not plan.direction.is_winning(price, entry=border),
        measured=price,
        limit=border,
        sentence=f"liquidated at {price:.8g} at leverage {plain(claim.leverage)}; "
        f"it must lie at {border:.8g} or beyond",
    )
