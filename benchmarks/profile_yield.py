"""How many plans each shipped profile makes: `python benchmarks/profile_yield.py`.

The recorded 2024 candles are read twice: under the rules of a perpetual (both sides, 0.02 % maker
and 0.05 % taker) and as recorded, on spot (long only, 0.1 %). A plan counts once, however often its
setup is decided. A table goes to stdout for people, then one JSON line a row for programs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.compile_cache import configure_compile_cache
from snipersight.bootstrap.profiles import list_profiles
from snipersight.domain.candles import Candles
from snipersight.domain.confluence import Tier
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Fees, Instrument, MarketKind
from snipersight.domain.plan import SetupId, TradePlan
from snipersight.domain.ports import LeaderContext
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import WEEK_MS, Timeframe
from snipersight.domain.units import Symbol

if TYPE_CHECKING:  # it brings numba, which must not be imported before its cache is chosen
    from snipersight.analysis.leader import LeaderTimeline

ROOT: Final = Path(__file__).resolve().parents[1]
RECORDED: Final = ROOT.parent / "shared/data/ohlcv/a_permissive/binance_spot_5m_2024"
FIVE_MINUTES: Final = Timeframe.parse("5m")
LEADER: Final = Symbol("BTC/USDT")
PERPETUAL_FEES: Final = Fees(maker=Decimal("0.0002"), taker=Decimal("0.0005"))
MARKETS: Final = (MarketKind.PERPETUAL, MarketKind.SPOT)
_FOREVER_MS: Final = 2**60

Bars = Mapping[Timeframe, Candles]


@dataclass(slots=True, kw_only=True)
class ProfileYield:
    """What one profile made of all symbols under one kind of rules.

    Args:
        profile: name of the profile.
        market: whose rules applied.
        weeks: time after warm-up, added up over the symbols.
        plans: every plan, once a setup.
        rates: plans a week, by symbol.
        refusals: how the other decisions ended, by terminal reason.
    """

    profile: str
    market: MarketKind
    weeks: float = 0.0
    plans: list[TradePlan] = field(default_factory=list)
    rates: dict[Symbol, float] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def per_symbol_week(self) -> float:
        """Return plans per symbol and week; 0 before any symbol was added."""
        return len(self.plans) / self.weeks if self.weeks else 0.0

    def count(self, *, direction: Direction | None = None, tier: Tier | None = None) -> int:
        """Return how many plans are of a direction and a tier; None means any."""
        return sum(
            direction in (None, plan.direction) and tier in (None, plan.confluence.tier)
            for plan in self.plans
        )

    def add(self, symbol: Symbol, candidates: Iterable[Candidate], *, weeks: float) -> None:
        """Count what was decided about one symbol in so many weeks after warm-up."""
        plans: dict[SetupId, TradePlan] = {}
        for candidate in candidates:
            if candidate.plan is None:
                self.refusals[str(candidate.reason)] += 1
            else:
                plans.setdefault(candidate.plan.setup_id, candidate.plan)
        self.plans += plans.values()
        self.weeks += weeks
        self.rates[symbol] = len(plans) / weeks

    def as_json(self) -> str:
        """Return the row as one line of JSON, with the ten commonest refusals."""
        values = {
            "figure": "profile_yield",
            "profile": self.profile,
            "market": self.market.value,
            "symbols": len(self.rates),
            "symbol_weeks": round(self.weeks, 1),
            "plans": len(self.plans),
            "per_symbol_week": round(self.per_symbol_week, 3),
            "lowest_symbol": round(min(self.rates.values(), default=0.0), 3),
            "highest_symbol": round(max(self.rates.values(), default=0.0), 3),
            "by_direction": {side.value: self.count(direction=side) for side in Direction},
            "by_tier": {tier.value: self.count(tier=tier) for tier in Tier},
            "refusals": dict(self.refusals.most_common(10)),
        }
        return json.dumps(values)


def shipped_profiles() -> list[Profile]:
    """Return the profiles of the package, by name; the user's own play no part."""
    return [entry.load() for entry in list_profiles(ROOT / "no-own-profiles").values()]


def measure(
    data: Path,
    profiles: Sequence[Profile],
    *,
    markets: Sequence[MarketKind] = MARKETS,
    most_symbols: int | None = None,
) -> list[ProfileYield]:
    """Return what every profile yields under every kind of rules.

    Args:
        data: folder of recorded 5m candles that holds the leading market, BTC/USDT.
        profiles: what is measured; each timeframe is resampled once for all of them.
        markets: whose rules are applied.
        most_symbols: only the first so many by name; None takes all.
    """
    listed = _instruments(data)
    leaders = _leaders(_bars(data, listed[LEADER], profiles), profiles)
    found = {
        (profile.name, market): ProfileYield(profile=profile.name, market=market)
        for profile in profiles
        for market in markets
    }
    for symbol in sorted(listed)[:most_symbols]:
        bars = _bars(data, listed[symbol], profiles)
        for profile in profiles:
            leader = None if symbol == LEADER else leaders[profile.name]
            for market in markets:
                instrument = under_rules_of(listed[symbol], market)
                candidates = _decide(profile, instrument, leader, bars)
                warm_ms = _warm_ms(profile, bars)
                weeks = (_end_ms(bars) - warm_ms) / WEEK_MS
                after = (one for one in candidates if one.at_ms >= warm_ms)
                found[profile.name, market].add(symbol, after, weeks=weeks)
    return list(found.values())


def under_rules_of(spot: Instrument, market: MarketKind) -> Instrument:
    """Return a spot market as it is, or as a perpetual of the same steps at a perpetual's fees."""
    if market is MarketKind.SPOT:
        return spot
    symbol = Symbol(f"{spot.symbol}:{spot.quote}")
    return replace(spot, symbol=symbol, kind=market, fees=PERPETUAL_FEES)


def _instruments(data: Path) -> Mapping[Symbol, Instrument]:
    from snipersight.market.parquet_source import ParquetDirectory

    return asyncio.run(ParquetDirectory(data).instruments())


def _bars(data: Path, instrument: Instrument, profiles: Sequence[Profile]) -> Bars:
    """Return the candles of one market on every timeframe that plays a role in a profile."""
    from snipersight.analysis.resampling import resample
    from snipersight.market.raw_bars import read_bars

    path = data / f"{instrument.base}{instrument.quote}-{FIVE_MINUTES}.parquet"
    recorded = read_bars(path).candles(instrument.symbol, FIVE_MINUTES)
    wanted = {timeframe for profile in profiles for timeframe in profile.history()}
    return {timeframe: resample(recorded, timeframe) for timeframe in wanted}


def _leaders(bars: Bars, profiles: Sequence[Profile]) -> dict[str, LeaderTimeline]:
    from snipersight.analysis.leader import LeaderTimeline

    leaders = {profile.name: LeaderTimeline(profile) for profile in profiles}
    for profile in profiles:
        leaders[profile.name].advance(bars[profile.timeframe("bias")], until_ms=_FOREVER_MS)
    return leaders


def _decide(
    profile: Profile, instrument: Instrument, leader: LeaderContext | None, bars: Bars
) -> Sequence[Candidate]:
    from snipersight.planner.smc_source import SmcPlanSource

    feed = SmcPlanSource(profile).open(instrument, leader)
    return feed.advance(bars, until_ms=_FOREVER_MS)


def _warm_ms(profile: Profile, bars: Bars) -> int:
    """Return from when on what the profile says no longer depends on the first bar."""
    first_ms = min(int(candles.open_time[0]) for candles in bars.values())
    return first_ms + max(profile.history().values())


def _end_ms(bars: Bars) -> int:
    return max(int(candles.close_time[-1]) for candles in bars.values())


def table(found: Sequence[ProfileYield]) -> Iterator[str]:
    """Yield the rows below their heading, in aligned columns."""
    tiers = " ".join(f"{tier.value:>5}" for tier in Tier)
    yield (
        f"{'profile':<13} {'market':<10} {'plans':>6} {'weeks':>7} {'a week':>7} "
        f"{'by symbol':>12} {'long':>6} {'short':>6} {tiers}"
    )
    for one in found:
        rates = one.rates.values()
        span = f"{min(rates):.2f}-{max(rates):.2f}"
        tiers = " ".join(f"{one.count(tier=tier):>5}" for tier in Tier)
        sides = " ".join(f"{one.count(direction=side):>6}" for side in Direction)
        yield (
            f"{one.profile:<13} {one.market:<10} {len(one.plans):>6} {one.weeks:>7.0f} "
            f"{one.per_symbol_week:>7.2f} {span:>12} {sides} {tiers}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code: 2 where there are no recorded candles."""
    parser = argparse.ArgumentParser(description="plans per symbol and week of every profile")
    parser.add_argument("--data", type=Path, default=RECORDED, help="folder of 5m candles")
    parser.add_argument("--symbols", type=int, metavar="N", help="only the first N by name")
    given = parser.parse_args(arguments)
    if not given.data.is_dir():
        print(f"there is no folder {given.data}: name one with --data", file=sys.stderr)
        return 2
    configure_compile_cache()
    started = time.perf_counter()
    found = measure(given.data, shipped_profiles(), most_symbols=given.symbols)
    print("\n".join(table(found)))
    print(
        f"\n'a week' is plans per symbol and week; measured in {time.perf_counter() - started:.0f} s\n"
    )
    print("\n".join(one.as_json() for one in found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
