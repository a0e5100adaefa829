"""The pipeline's sizing of a plan: the largest size that keeps every cap, in exact decimals.

It recomputes fees and slippage itself and takes the larger figure: a gate that trusted the plan's
arithmetic would inherit its mistakes. Leverage never enters a loss (docs/adr/0001).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from typing import Final, NamedTuple

from snipersight.domain.exposure import NOTHING, Amounts, Basis
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.quick import quick
from snipersight.domain.units import Size, to_size
from snipersight.risk.exposure.checks import Headroom
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.sizing.leverage import (
    Backing,
    LiquidationBorder,
    leverage_cap,
    lowest_leverage,
    safe_leverage,
)

# Rounding down throughout, or a budget could be passed in its last digit; and enough digits that
# a quotient's rounding never lifts a size by a lot.
_CAREFUL: Final = Context(prec=60, rounding=ROUND_FLOOR)
_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)
_RISK: Final = Basis.RISK
_MARGIN: Final = Basis.MARGIN
BOUNDLESS: Final = Decimal("Infinity")


class SizingInputs(NamedTuple):
    """What a size follows from beside the plan; every number finite.

    Args:
        instrument: of the plan; its lot and fees must be known.
        equity: of the account, in account currency, above 0.
        capacity: free to back the position, in account currency; 0 buys nothing.
        quote_rate: account currency for one unit of the quote currency, above 0.
        quote_volume: traded value of 24 hours in quote currency; None caps nothing here.
        headrooms: what the exposure limits leave.
        policy: the limits.
        held: by the live trades of the ledger, account currency.
    """

    instrument: Instrument
    equity: Decimal
    capacity: Decimal
    quote_rate: Decimal
    quote_volume: Decimal | None
    headrooms: tuple[Headroom, ...]
    policy: RiskPolicy
    held: Amounts = NOTHING

    @property
    def budget(self) -> Decimal:
        """Return the most that may be lost at the stop, in account currency."""
        return self.equity * self.policy.risk_fraction

    @property
    def fair_margin(self) -> Decimal:
        """Return one position's share of all margin, in quote currency."""
        most = self.equity * self.policy.max_margin / self.policy.max_positions
        return most / self.quote_rate

    def free_margin(self, wanted: Amounts) -> Decimal:
        """Return what is free for the margin and the entry's fee, in quote currency; may be negative.

        A venue ties up the fee of an entry with its margin: without the fees of all entries a
        position that takes the last of an unleveraged account would be refused there. Positions
        that are open have paid theirs; the little that is held back for them is not told apart.

        Args:
            wanted: what the plan takes by its risk alone. Where `max_margin` leaves too little of
                it, the check of that name refuses, and this one asks nothing more.
        """
        least = wanted.margin * self.policy.smallest_share
        rooms = [room.left for room in self.headrooms if room.basis is _MARGIN]
        if any(left == _ZERO or left < least for left in rooms):
            return self.capacity / self.quote_rate
        fees = self.held.notional * entry_fee(self.instrument)
        left = self.equity - self.held.margin - fees
        return min(self.capacity, left) / self.quote_rate


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """A size with what it takes and what bound it.

    Args:
        size: base units, a multiple of the lot; 0 where less than one lot fits.
        bound_by: the tightest cap: `risk`, `above_maximum`, `liquidity`, `margin` or the code
            of an exposure limit.
        leverage: of the position; 1 on spot.
        notional, margin: in quote currency.
        claim: what the size takes from the account.
        wanted: what it would have taken if only the risk budget bound it; margin at the highest
            leverage allowed.
    """

    size: Size
    bound_by: str
    leverage: Decimal
    notional: Decimal
    margin: Decimal
    claim: Amounts
    wanted: Amounts


def size_plan(plan: TradePlan, inputs: SizingInputs) -> Sizing:
    """Return the largest size that keeps every cap, rounded down to the lot.

    Caps: the risk budget, scaled by volatility, ÷ the loss per unit; what each exposure limit
    leaves; what free margin carries at the leverage that market, policy and liquidation allow;
    the venue's largest order, and its largest market order, because the protective stop is one;
    the share of the market's volume. Never rounded up to a venue's minimum: the caller declines
    what falls below it.

    A cap that leaves less than the policy's smallest share of the wanted size is no reason to
    shrink but to refuse. It is left out here, so that the check which names it sees the trade
    that was wanted and fails.

    Args:
        plan: sized at its near edge, where the loss per unit is largest.
        inputs: account, market and limits.

    Raises:
        ValueError: the lot or the fees are unknown.
    """
    lot = inputs.instrument.lot
    if lot is None:
        raise ValueError(f"the lot of {inputs.instrument.symbol} is unknown")
    with localcontext(_CAREFUL):
        sizer = _Sizer.of(plan, inputs)
        most, bound_by = sizer.smallest_cap()
        wanted = most * sizer.near
        carried, usable = sizer.carried(wanted, step=lot * sizer.near)
        if carried < wanted:
            bound_by, most = "margin", carried / sizer.near
        size = to_size(most, lot=lot)
        leverage = sizer.leverage(size * sizer.near, usable=usable)
    return sizer.sizing(size, bound_by, leverage)


@dataclass(slots=True, kw_only=True)
class _Sizer:
    """One plan's sizing: what a unit takes, what the plan wants, and what there is.

    Args:
        near, loss: per base unit, in quote currency.
        wanted: size that the risk budget alone allows.
        amounts: what that size would take.
        open_rooms: limits that leave enough of it.
        backing: what may back it.
        border: of liquidation.
    """

    inputs: SizingInputs
    near: Decimal
    loss: Decimal
    wanted: Decimal
    amounts: Amounts
    open_rooms: tuple[Headroom, ...]
    backing: Backing
    border: LiquidationBorder

    @classmethod
    def of(cls, plan: TradePlan, inputs: SizingInputs) -> _Sizer:
        policy, near, rate = inputs.policy, plan.entry_near, inputs.quote_rate
        loss = loss_per_unit(plan, inputs.instrument, policy.slippage_fraction)
        factor = volatility_factor(plan, floor=policy.volatility_floor)
        wanted = inputs.budget * factor / (loss * rate)
        highest = leverage_cap(inputs.instrument, wanted * near, policy.max_leverage)
        amounts = amounts_of(wanted, near=near, loss=loss, leverage=highest, quote_rate=rate)
        share = policy.smallest_share
        open_rooms = [
            room for room in inputs.headrooms if _ZERO < room.left >= amounts.on(room.basis) * share
        ]
        margins = [room.left for room in open_rooms if room.basis is _MARGIN]
        return cls(
            inputs=inputs,
            near=near,
            loss=loss,
            wanted=wanted,
            amounts=amounts,
            open_rooms=tuple(open_rooms),
            backing=Backing(
                capacity=inputs.free_margin(amounts),
                fee_fraction=entry_fee(inputs.instrument),
                margin=min(margins, default=BOUNDLESS) / rate,
            ),
            border=LiquidationBorder.of(plan, cushion=policy.liquidation_cushion),
        )

    @property
    def smallest(self) -> Decimal:
        """Return the size below which the plan is refused rather than shrunk."""
        return self.wanted * self.inputs.policy.smallest_share

    def smallest_cap(self) -> tuple[Decimal, str]:
        """Return the size that the tightest cap but margin and leverage allows, and its name."""
        loss, value = self.loss * self.inputs.quote_rate, self.near * self.inputs.quote_rate
        caps = [
            (room.left / (loss if room.basis is _RISK else value), room.code)
            for room in self.open_rooms
            if room.basis is not _MARGIN
        ]
        return min([(self.wanted, "risk"), *caps, *self._caps_of_the_market()])

    def _caps_of_the_market(self) -> list[tuple[Decimal, str]]:
        volume, smallest = self.inputs.quote_volume, self.smallest
        caps: list[tuple[Decimal, str]] = []
        largest = largest_order(self.inputs.instrument)
        if largest is not None and largest >= smallest:
            caps.append((largest, "above_maximum"))
        if volume is not None and volume > _ZERO:
            share = self.inputs.policy.max_volume_share * volume / self.near
            if share >= smallest:
                caps.append((share, "liquidity"))
        return caps

    def carried(self, notional: Decimal, *, step: Decimal) -> tuple[Decimal, Decimal]:
        """Return the largest notional up to the given one that is carried, and the leverage.

        The leverage is the highest that may be used there; 0 where liquidation allows none.

        Args:
            notional: wanted, in quote currency, and no less than the smallest share.
            step: value of one lot.
        """
        backing, smallest = self.backing, self.smallest * self.near
        safe = self._safe(notional)
        if backing.carries(notional, safe):
            return notional, safe
        if not backing.carries(smallest, self._cap(smallest)):
            return notional, safe  # the check `max_leverage` refuses it
        # Where liquidation leaves too little, the check `liquidation` refuses it.
        is_safe = backing.carries(smallest, self._safe(smallest))
        return self._largest(self._safe if is_safe else self._cap, notional, step)

    def _largest(
        self, usable: Callable[[Decimal], Decimal], notional: Decimal, step: Decimal
    ) -> tuple[Decimal, Decimal]:
        """Return the largest notional that some margin step carries, the highest step first."""
        tiers = self.inputs.instrument.margin_tiers
        for floor in reversed((_ZERO, *(tier.notional_floor for tier in tiers[1:]))):
            if floor <= notional:
                leverage = usable(floor)
                most = min(notional, self.backing.largest(leverage)) if leverage >= 1 else _ZERO
                if most >= floor:
                    return most, leverage
                notional = floor - step  # the next lower step ends before this one begins
        return _ZERO, _ZERO

    def leverage(self, notional: Decimal, *, usable: Decimal) -> Decimal:
        """Return the lowest whole leverage that leaves the other positions their share.

        A position may take its share of all margin, so that ten positions fit where ten are
        allowed; never more leverage than usable, except where it would not fit otherwise: the
        checks of the size then refuse it.
        """
        room = self.backing.room(notional)
        # Where nothing is left, leverage 1 lets the check `max_leverage` tell so.
        if not self.inputs.instrument.allows_short or room <= _ZERO or notional <= _ZERO:
            return _ONE
        fair = lowest_leverage(notional, self.inputs.fair_margin)
        needed = lowest_leverage(notional, room)
        chosen = fair if fair <= usable else usable
        return needed if needed >= chosen else chosen

    def sizing(self, size: Size, bound_by: str, leverage: Decimal) -> Sizing:
        """Return the size with what it takes, in the digits a ledger entry counts it with."""
        near, rate = self.near, self.inputs.quote_rate
        notional = size * near
        return Sizing(
            size=size,
            bound_by=bound_by,
            leverage=leverage,
            notional=notional,
            margin=notional / leverage,
            claim=amounts_of(size, near=near, loss=self.loss, leverage=leverage, quote_rate=rate),
            wanted=self.amounts,
        )

    def _cap(self, notional: Decimal) -> Decimal:
        policy = self.inputs.policy
        return leverage_cap(self.inputs.instrument, notional, policy.max_leverage)

    def _safe(self, notional: Decimal) -> Decimal:
        instrument, most = self.inputs.instrument, self.inputs.policy.max_leverage
        return safe_leverage(instrument, notional, most, border=self.border)


def amounts_of(
    size: Decimal, *, near: Decimal, loss: Decimal, leverage: Decimal, quote_rate: Decimal
) -> Amounts:
    """Return what a size takes from the account, as a ledger entry of it will count it."""
    notional = size * near * quote_rate
    return Amounts(risk=size * loss * quote_rate, notional=notional, margin=notional / leverage)


def cost_per_unit(plan: TradePlan, instrument: Instrument, slippage_fraction: Decimal) -> Decimal:
    """Return fees and slippage of entry and stop per unit, in quote currency.

    The larger of the plan's own round-trip cost and ours: a limit entry, and a market exit at
    the stop with slippage.

    Raises:
        ValueError: the fees are unknown.
    """
    maker, taker = _fees(instrument)
    ours = plan.entry_near * maker + plan.stop_loss.price * (taker + slippage_fraction)
    return ours if ours >= plan.round_trip_cost else plan.round_trip_cost


def loss_per_unit(plan: TradePlan, instrument: Instrument, slippage_fraction: Decimal) -> Decimal:
    """Return what one unit loses if the stop fills, costs included, in quote currency.

    From the near edge, where the loss is largest.

    Raises:
        ValueError: the fees are unknown.
    """
    cost = cost_per_unit(plan, instrument, slippage_fraction)
    return abs(plan.entry_near - plan.stop_loss.price) + cost


def volatility_factor(plan: TradePlan, *, floor: Decimal) -> Decimal:
    """Return what volatility leaves of a size: 1 in usual times, `floor` at its highest.

    Read from the factor `volatile` of the plan's confluence, which grades the ATR against its
    own window from 0 to 1; a grade that is no number counts as the highest. A plan of another
    source without that factor is not scaled.
    """
    unusual = _ZERO
    for factor in plan.confluence.factors:
        if factor.name == "volatile":
            graded = Decimal(str(factor.value))
            unusual = max(unusual, graded) if graded.is_finite() else _ONE
    return _ONE - (unusual if unusual <= _ONE else _ONE) * (_ONE - floor)


def largest_order(instrument: Instrument) -> Decimal | None:
    """Return the largest size whose entry and protective stop are one order each; None: any."""
    largest, at_market = instrument.max_size, instrument.max_market_size
    if largest is None or at_market is None:
        return largest or at_market
    return min(largest, at_market)


def entry_fee(instrument: Instrument) -> Decimal:
    """Return the most that the entry's fee may be, as a fraction of its notional.

    A limit entry that meets the market is charged as a taker, and a venue ties up as much.

    Raises:
        ValueError: the fees are unknown.
    """
    return max(_fees(instrument))


def _fees(instrument: Instrument) -> tuple[Decimal, Decimal]:
    """Return maker and taker fractions; a rebate counts as no fee."""
    fees = instrument.fees
    if fees is None:
        raise ValueError(f"the fees of {instrument.symbol} are unknown")
    return (
        fees.maker if fees.maker >= _ZERO else _ZERO,
        fees.taker if fees.taker >= _ZERO else _ZERO,
    )
