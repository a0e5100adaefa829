"""Everything one verdict depends on, as one value: what is judged, and what is recorded of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.account import AccountState
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import NOTHING, Amounts
from snipersight.domain.observations import MarketFacts
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.quick import quick
from snipersight.domain.standing import Cooldown, TrippedBreaker
from snipersight.domain.units import Currency, Symbol

_ZERO = Decimal(0)
_LONG = Direction.LONG


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A live claim on the plan's underlying, or one of the same setup: what may conflict.

    Args:
        plan_id, setup_id: None for a foreign position.
        is_open: a position; otherwise only pending.
    """

    venue: str
    symbol: Symbol
    direction: Direction
    plan_id: PlanId | None
    setup_id: SetupId | None
    is_open: bool


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterLoad:
    """Risk held in the cluster of one underlying (itself included); account currency.

    A cluster is all that is related to it directly or through others that are held.

    Enough to tell the cluster's risk with any further trade in that underlying: with x its signed
    risk (long positive), the correlated heat is √(x² + 2·x·cross_for(direction) + square).

    Args:
        members: underlyings with a claim in the cluster, sorted.
        long, short: risk of each side, every correlation taken as 1.
        square: Σ ρ(i,j)·r(i)·r(j) over the members' signed risks r; an unknown ρ is 1 on the same
            side and 0 between opposite sides.
        cross: Σ ρ(plan, j)·r(j) where ρ is known.
        unknown_long, unknown_short: Σ |r(j)| of the members of each side where ρ is unknown.
    """

    members: tuple[Currency, ...] = ()
    long: Decimal = _ZERO
    short: Decimal = _ZERO
    square: Decimal = _ZERO
    cross: Decimal = _ZERO
    unknown_long: Decimal = _ZERO
    unknown_short: Decimal = _ZERO

    def cross_for(self, direction: Direction) -> Decimal:
        """Return `cross` for a trade of one side: what is unknown adds to it, never relieves it."""
        if direction is _LONG:
            return self.cross + self.unknown_long
        return self.cross - self.unknown_short


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureView:
    """What one plan needs to know of the ledger.

    Args:
        total: all live claims.
        asset: those in the plan's underlying.
        cluster: those related to it, directly or through others.
        positions: number of live claims.
        holdings: in the plan's underlying, or of its setup, on any venue.
    """

    total: Amounts = NOTHING
    asset: Amounts = NOTHING
    cluster: ClusterLoad = ClusterLoad()
    positions: int = 0
    holdings: tuple[Holding, ...] = ()


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class GateInputs:
    """What a verdict depends on beside plan and policy; complete, so that it can be replayed.

    Args:
        account: equity, currency, free margin.
        facts: the plan's market; None if it was not observed.
        view: the ledger as this plan sees it.
        tripped: breakers that hold at `at_us`.
        cooldowns: of the plan's symbol that have not ended at `at_us`.
        at_us: the decision, microseconds UTC, by our clock.
        last_us: newest time recorded for the account; `at_us` behind it means a clock set back.
        as_of_ms: the markets' moment, milliseconds UTC; plan and prices are held against it.
        clock_skew_ms: venue's clock minus ours; None if unknown.
        is_reserving: budget is to be taken; plan and markets must then be of `at_us`, and not
            only of each other's moment.
    """

    account: AccountState
    facts: MarketFacts | None
    view: ExposureView
    tripped: tuple[TrippedBreaker, ...]
    cooldowns: tuple[Cooldown, ...]
    at_us: int
    last_us: int
    as_of_ms: int
    clock_skew_ms: int | None
    is_reserving: bool = False
