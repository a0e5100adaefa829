"""Backtests over a few hourly bars, with plans that are given: to be checked with a pencil.

The account has 10,000 USDT and risks 1 %, 100 USDT, in a trade. Nothing costs anything unless a
test says so. Hour 0 is Monday 2024-01-01 00:00 UTC; bar n of a table opens at hour n and closes
an hour later. A plan decided at hour n is known at the close of bar n - 1.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from snipersight.analysis.leader import LeaderTimeline
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan, plan_id_of, setup_id_of
from snipersight.domain.ports import LeaderContext, PlanSource
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Currency, Price, Symbol
from snipersight.engine.backtest import BacktestTerms, backtest
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.backtesting.hourly_universe import HourlyUniverse
from snipersight.engine.backtesting.results import BacktestResult, BacktestTrade
from snipersight.engine.recording import Period, Recording
from snipersight.risk.policy import RiskPolicy
from tests.builders.candles import Row
from tests.builders.instruments import an_instrument
from tests.builders.ledger import a_policy
from tests.builders.plans import a_plan
from tests.builders.profiles import a_profile

HOUR_MS = 3_600_000
START_MS = 19_723 * DAY_MS  # 2024-01-01 00:00 UTC, a Monday
HOURLY = Timeframe.parse("1h")
SPOT = "BTC/USDT"
PERPETUAL = "BTC/USDT:USDT"
BALANCE = Decimal(10_000)
QUIET = (102.0, 102.5, 101.5, 102.0)
_WARM_DAYS = {"1h": 30, "4h": 100, "1d": 500}  # before hour 0: nobody lacks history
_PRELUDE = 24  # quiet bars before hour 0, which a day's volume is taken from
_VOLUME = 1e9


def at_hour(hour: float) -> int:
    """Return a moment, milliseconds UTC."""
    return START_MS + int(hour * HOUR_MS)


def hours_of(moment_ms: int) -> float:
    """Return which hour a moment is; 0 for what never was."""
    return (moment_ms - START_MS) / HOUR_MS if moment_ms else 0.0


def a_profile_of_hours(**management: Any) -> Profile:
    """Return a profile that decides hourly and enters everything at the near edge.

    No slippage; break-even after the first target; other rules as said.
    """
    return a_profile(
        timeframes={"bias": "1d", "zone": "4h", "trigger": "1h"},
        setup={"valid_bars": 24},
        planner={"slippage_fraction": "0"},
        management={"entry_fractions": ("1", "0", "0"), **management},
    )


def free_policy(**limits: Any) -> RiskPolicy:
    """Return the default limits without slippage, with some of them set."""
    return a_policy(**({"slippage_fraction": "0"} | limits))


def free_market(symbol: str = SPOT, **rules: Any) -> Instrument:
    """Return a market without fees, in ticks of 0.01 and lots of 0.01."""
    return an_instrument(symbol, **({"maker": "0", "taker": "0", "lot": "0.01"} | rules))


def an_idea(
    hour: int,
    *,
    symbol: str = SPOT,
    direction: Direction = Direction.LONG,
    near: str = "100",
    far: str | None = None,
    stop: str | None = None,
    targets: Sequence[str] | None = None,
    valid_hours: float = 24,
    **overrides: Any,
) -> TradePlan:
    """Return a plan that is decided at an hour: in at 100, stop 10 away, out at 20 away.

    A short is the mirror image around 100.
    """
    sign = direction.sign
    name, edge, end = Symbol(symbol), Decimal(near), Decimal(far or near)
    protective = stop or str(edge - 10 * sign)
    created = datetime.fromtimestamp(at_hour(hour) / 1000, UTC)
    setup = setup_id_of("sandbox", name, direction, HOURLY, edge, end, at_hour(hour))
    values: dict[str, Any] = {
        "setup_id": setup,
        "plan_id": plan_id_of(setup, at_hour(hour), "testing"),
        "timeframe": HOURLY,
        "created_at": created,
        "valid_until": created + timedelta(hours=valid_hours),
        "atr": Price(Decimal(4)),
        "last_price": Price(edge + 2 * sign),
        "cost": "0",
    }
    return a_plan(
        direction,
        symbol=symbol,
        near=near,
        far=far or near,
        stop=protective,
        targets=targets or [str(edge + 20 * sign)],
        **(values | overrides),
    )


def candidate_of(plan: TradePlan) -> Candidate:
    """Return the candidate that a source decides a plan with."""
    return Candidate(
        symbol=plan.symbol,
        at_ms=int(plan.created_at.timestamp() * 1000),
        reason=None,
        setup_id=plan.setup_id,
        direction=plan.direction,
        plan=plan,
        confluence=plan.confluence,
    )


@dataclass(frozen=True, kw_only=True)
class ScriptedPlans:
    """Implements `PlanSource` with plans that are given.

    Args:
        plans: of all markets.
        shifts: of major structure, by symbol and hour.
    """

    plans: Sequence[TradePlan]
    shifts: Mapping[str, Mapping[int, Direction]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return "scripted"

    @property
    def history(self) -> Mapping[Timeframe, int]:
        return {HOURLY: 0}

    def open(self, instrument: Instrument, leader: LeaderContext | None) -> ScriptedFeed:
        mine = [candidate_of(one) for one in self.plans if one.symbol == instrument.symbol]
        shifts = self.shifts.get(instrument.symbol, {})
        return ScriptedFeed(
            sorted(mine, key=lambda one: one.at_ms),
            {at_hour(hour): side for hour, side in shifts.items()},
        )


class ScriptedFeed:
    """Tells each plan once its moment has come."""

    def __init__(self, candidates: Sequence[Candidate], shifts: Mapping[int, Direction]) -> None:
        self._candidates, self._shifts = candidates, shifts
        self._now_ms = 0

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Sequence[Candidate]:
        before_ms, self._now_ms = self._now_ms, until_ms
        return [one for one in self._candidates if before_ms < one.at_ms <= until_ms]

    def shifts(self) -> Mapping[int, Direction]:
        return {at_ms: side for at_ms, side in self._shifts.items() if at_ms <= self._now_ms}

    @property
    def is_warm(self) -> bool:
        return True

    @property
    def regime(self) -> Regime | None:
        return None

    def outlook(self) -> str:
        return "the next plan of the script"


def hourly(
    rows: Sequence[Row],
    *,
    symbol: str = SPOT,
    first_hour: int = 0,
    without: Sequence[int] = (),
    prelude: int = _PRELUDE,
) -> Candles:
    """Return hourly bars from an hour on, after quiet ones.

    Args:
        rows: open, high, low, close.
        symbol: of the market.
        first_hour: that the first row opens at.
        without: numbers of rows that are missing.
        prelude: how many quiet bars come before it.
    """
    return _candles(
        [QUIET] * prelude + list(rows),
        symbol=symbol,
        timeframe=HOURLY,
        start_ms=at_hour(first_hour - prelude),
        without=[prelude + one for one in without],
    )


def quarters(rows: Sequence[Row], *, symbol: str = SPOT) -> Candles:
    """Return bars of a quarter of an hour from hour 0 on, after quiet ones."""
    quiet = 4 * _PRELUDE
    return _candles(
        [QUIET] * quiet + list(rows),
        symbol=symbol,
        timeframe=Timeframe.parse("15m"),
        start_ms=at_hour(-_PRELUDE),
    )


def _candles(
    rows: Sequence[Row],
    *,
    symbol: str,
    timeframe: Timeframe,
    start_ms: int,
    without: Sequence[int] = (),
) -> Candles:
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4)
    kept = ~np.isin(np.arange(len(columns)), list(without))
    times = start_ms + np.arange(len(columns), dtype=np.int64) * timeframe.duration_ms
    return Candles(
        symbol=Symbol(symbol),
        timeframe=timeframe,
        open_time=times[kept],
        open=columns[kept, 0],
        high=columns[kept, 1],
        low=columns[kept, 2],
        close=columns[kept, 3],
        volume=np.full(int(kept.sum()), _VOLUME),
    )


def recorded(
    bars: Candles, instrument: Instrument | None = None, *, finer: Candles | None = None
) -> Recording:
    """Return a market whose history is long enough from its first bar on.

    Args:
        bars: hourly.
        instrument: its rules; those of `free_market` unless said.
        finer: bars that tell the order inside an hour.
    """
    longer = {Timeframe.parse(name): _one_bar(bars.symbol, name) for name in ("4h", "1d")}
    old = _one_bar(bars.symbol, "1h")
    return Recording(
        instrument=instrument or free_market(bars.symbol),
        bars={**longer, HOURLY: joined(old, bars)},
        finer=bars if finer is None else finer,
        quote_rate=Decimal(1),
    )


def _one_bar(symbol: Symbol, timeframe: str) -> Candles:
    """Return a bar from long ago."""
    return _candles(
        [QUIET],
        symbol=symbol,
        timeframe=Timeframe.parse(timeframe),
        start_ms=START_MS - _WARM_DAYS[timeframe] * DAY_MS,
    )


def joined(one: Candles, other: Candles) -> Candles:
    """Return the bars of both, of which the first end before the second begin."""
    names = ("open", "high", "low", "close", "volume")
    columns = {name: np.concatenate((getattr(one, name), getattr(other, name))) for name in names}
    return Candles(
        symbol=other.symbol,
        timeframe=other.timeframe,
        open_time=np.concatenate((one.open_time, other.open_time)),
        **columns,
    )


def lived(
    recordings: Recording | Sequence[Recording],
    plans: Sequence[TradePlan] | PlanSource,
    *,
    profile: Profile | None = None,
    policy: RiskPolicy | None = None,
    hours: int | None = None,
    rearm_days: int = 7,
    balance: Decimal = BALANCE,
    known_hours: int | None = None,
    universe: HourlyUniverse | None = None,
) -> BacktestResult:
    """Return what an account makes of plans.

    Args:
        recordings: the markets.
        plans: given ones, or where they come from.
        profile: `a_profile_of_hours()` unless said.
        policy: `free_policy()` unless said.
        hours: when the period ends; with the last bar unless said. It begins an hour before 0.
        rearm_days: after how many days the operator lifts a breaker.
        balance: what the account begins with.
        known_hours: until when the arena is made ready, if that is longer than the period.
        universe: which markets are looked at, hour by hour.
    """
    markets = [recordings] if isinstance(recordings, Recording) else list(recordings)
    rules = profile or a_profile_of_hours()
    newest_ms = max(int(one.bars[HOURLY].close_time[-1]) for one in markets)
    end_ms = newest_ms if hours is None else at_hour(hours)
    terms = BacktestTerms(
        profile=rules,
        plans=ScriptedPlans(plans=plans) if isinstance(plans, Sequence) else plans,
        policy=policy or free_policy(),
        currency=Currency("USDT"),
        balance=balance,
        period=Period(start_ms=at_hour(-1), end_ms=end_ms),
        rearm_days=rearm_days,
    )
    arena = Arena.of(
        {one.instrument.symbol: one for one in markets},
        rules,
        venue="sandbox",
        until_ms=end_ms if known_hours is None else at_hour(known_hours),
        universe=universe,
    )
    return backtest(arena, LeaderTimeline(rules), terms)


def looked_at(**hours: Collection[int]) -> HourlyUniverse:
    """Return a universe of which each market, by its base, is one in some hours of -1 to 47."""
    members = {
        Symbol(f"{name}/USDT"): np.isin(np.arange(-1, 48), list(at)) for name, at in hours.items()
    }
    return HourlyUniverse(first_hour=START_MS // HOUR_MS - 1, members=members)


def story(trade: BacktestTrade) -> list[str]:
    """Return what happened to a trade, a line for each thing: `3 out 5 at 120`.

    Hours are those that the bar closed at; sizes in base units, amounts in USDT.
    """
    told: list[str] = []
    size, stop = float(trade.staged.whole), float(trade.staged.trade.initial_stop)
    for one in trade.steps:
        hour = f"{hours_of(one.at_ms):g}"
        if one.entered > 0:
            told.append(f"{hour} in {one.entered * size:g} at {one.entry_value / one.entered:g}")
        if one.funding > 0:
            told.append(f"{hour} funding {one.funding * size:g}")
        if one.closed > 0:
            told.append(f"{hour} out {one.closed * size:g} at {one.proceeds / one.closed:g}")
        if one.held > 0 and one.stop != stop:
            told.append(f"{hour} stop {one.stop:g}")
            stop = one.stop
        if one.status.is_final:
            told.append(f"{hour} {one.ending or one.status}")
    return told


def stories(result: BacktestResult) -> list[list[str]]:
    """Return what happened to each trade."""
    return [story(one) for one in result.trades]


def refusals(result: BacktestResult) -> list[str]:
    """Return how each plan ended that was not sent."""
    return [str(one.reason) for one in result.refused]
