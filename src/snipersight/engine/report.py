"""What a scan was asked and what it answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from snipersight.domain.account import AccountState
from snipersight.domain.decision import Approved, Check, TerminalReason
from snipersight.domain.direction import Direction
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime
from snipersight.domain.units import Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """What to scan.

    Args:
        profile: how to trade.
        symbols: `top20`, `BTC/USDT,ETH/USDT` or `@watchlist`.
        as_of_ms: the moment to speak about, milliseconds UTC; None for the source's newest.
        watchlists: the named lists there are.
        workers: how many symbols are read at the same time, at least 1; never changes a result.
    """

    profile: Profile
    symbols: str = "top20"
    as_of_ms: int | None = None
    watchlists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    workers: int = 1


class PlanStatus(StrEnum):
    """Where price stands towards the entry zone of a plan that is not void."""

    WAITING = "waiting"  # it has not come back to the zone yet
    IN_ZONE = "in zone"  # it is there, at the near edge or beyond
    TOUCHED = "touched"  # it was there and has left towards the targets


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPlan:
    """An approved plan that is not void.

    Args:
        rank: 1 is best.
        plan: the plan, unchanged since its decision.
        decision: size and checks of the risk gate, judged now.
        last_price: newest close.
        distance_fraction: from the last price to the near edge as a fraction of the last price;
            below 0 where price has to fall.
        status: where price stands towards the zone.
        entered_at_ms: close of the first bar that came back to the zone; None while none has.
    """

    rank: int
    plan: TradePlan
    decision: Approved
    last_price: Decimal
    distance_fraction: Decimal
    status: PlanStatus = PlanStatus.WAITING
    entered_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A candidate that ended otherwise, with its reason.

    Args:
        symbol: what was looked at.
        reason: the one terminal reason.
        detail: the reason in plain words with its numbers.
        at_ms: close of the bar that decided it, milliseconds UTC; None where there was none.
        direction, setup_id, plan: as far as it got.
        checks: everything that was asked.
        shadow: what would have been planned, had no gate refused it; for evidence alone.
    """

    symbol: Symbol
    reason: TerminalReason
    detail: str
    at_ms: int | None = None
    direction: Direction | None = None
    setup_id: SetupId | None = None
    plan: TradePlan | None = None
    checks: tuple[Check, ...] = ()
    shadow: TradePlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """The whole answer of one scan.

    Args:
        context_id: names this scan in logs.
        as_of_ms: the moment it speaks about, milliseconds UTC.
        venue: where the data comes from.
        profile, account: what it was judged by.
        universe: the symbols that were read.
        dropped: symbols the universe left out, each with its reason.
        plans: approved, best first.
        refusals: all other candidates, ordered by symbol and time.
        regimes: how many symbols are in which regime (zone timeframe), `unknown` included.
        warnings: what the reader should know, one sentence each.
        leaders: regime of the leading market at the decision of each plan, shadows included;
            without those where it was not known.

    The funnel counts every candidate once; every symbol of the universe has at least one.
    """

    context_id: str
    as_of_ms: int
    venue: str
    profile: Profile
    account: AccountState
    universe: tuple[Symbol, ...]
    dropped: tuple[tuple[str, str], ...]
    plans: tuple[RankedPlan, ...]
    refusals: tuple[Refusal, ...]
    regimes: Mapping[str, int]
    warnings: tuple[str, ...]
    leaders: Mapping[PlanId, Regime] = field(default_factory=dict)

    @property
    def signals(self) -> Iterator[TradePlan]:
        """Yield every plan that was made: approved, refused, and the shadows; in that order."""
        yield from (ranked.plan for ranked in self.plans)
        for refusal in self.refusals:
            plan = refusal.plan or refusal.shadow
            if plan is not None:
                yield plan

    @property
    def funnel(self) -> tuple[tuple[str, int], ...]:
        """Return how often each terminal reason occurred, most frequent first."""
        counts = Counter(str(refusal.reason) for refusal in self.refusals)
        if self.plans:
            counts["approved"] = len(self.plans)
        return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
