"""What backtests are measured on: recorded markets under a profile, or one market of chance."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np

from snipersight.analysis.leader import LeaderTimeline
from snipersight.analysis.resampling import resample
from snipersight.bootstrap.evidence.backtest import Making, RecordedWorld, open_world
from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.profiles import load_profile
from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.settings import Settings
from snipersight.domain.candles import Candles
from snipersight.domain.instrument import Fees, Instrument, MarginTier, MarketKind
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.backtest import BacktestTerms
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.recording import Period, Recording, warm_ms
from snipersight.planner.comparison.cross_source import CrossPlanSource
from snipersight.risk.policy import RiskPolicy

FAST, SLOW = 20, 50
STOP_ATR: Final = 2.0
NO_FOLDER: Final = Path("/nonexistent")  # shipped profiles only, whatever the user keeps
_SYMBOL: Final = Symbol("BTC/USDT:USDT")
_START_MS: Final = 1_420_070_400_000  # 2015-01-01
_ALL: Final = Decimal(1)
_TICK: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Exits:
    """How a trade of the moving averages ends beside its stop.

    Args:
        name: of the form, for the figure.
        targets: distance in stop distances, and the share closed there.
    """

    name: str
    targets: tuple[tuple[float, Decimal], ...]


ONE_TARGET: Final = Exits(name="cross", targets=((2.0, Decimal(1)),))
THREE_TARGETS: Final = Exits(
    name="brackets",
    targets=((1.5, Decimal("0.5")), (2.5, Decimal("0.25")), (4.0, Decimal("0.25"))),
)


def recorded_world(folder: Path, profile: str, symbols: str) -> RecordedWorld:
    """Return recorded markets as a shipped profile trades them, by the default settings."""
    request = RecordedRequest(
        data=folder, profile=load_profile(profile, own_folder=NO_FOLDER), symbols=symbols
    )
    settings = Settings(_env_file=None)
    return asyncio.run(open_world(request, settings, Making(), progress=lambda *_: None))


def wandering_candles(bars: int) -> Candles:
    """Return 5m bars of a market of chance; the first ones are the same however many there are."""
    # A stream each: one more bar then takes nothing from what another bar is made of.
    moves = np.random.default_rng(8).normal(0, 0.001, bars)
    reach = np.random.default_rng(9).exponential(0.0004, (bars, 2))
    # Pulled back to where it began, so that a million bars are traded like the first ones.
    log = np.zeros(bars + 1)
    for at in range(bars):
        log[at + 1] = log[at] * 0.9995 + moves[at]
    price = np.round(100 * np.exp(log) / _TICK) * _TICK
    opened, closed = price[:-1], price[1:]
    return Candles(
        symbol=_SYMBOL,
        timeframe=Timeframe.parse("5m"),
        open_time=_START_MS + 300_000 * np.arange(bars, dtype=np.int64),
        open=opened,
        high=np.round((np.maximum(opened, closed) * (1 + reach[:, 0])) / _TICK) * _TICK,
        low=np.round((np.minimum(opened, closed) * (1 - reach[:, 1])) / _TICK) * _TICK,
        close=closed,
        volume=np.full(bars, 1e9),
    )


def cross_world(candles: Candles, exits: Exits) -> RecordedWorld:
    """Return one market traded at every cross of two averages, by limits that refuse nothing."""
    profile = load_profile("scalp", own_folder=NO_FOLDER)
    roles = {profile.timeframe(one) for one in ("trigger", "zone", "bias")}
    recording = Recording(
        instrument=_free_market(),
        bars={one: resample(candles, one) for one in roles},
        finer=candles,
        quote_rate=Decimal(1),
        is_leading=True,
    )
    end_ms = int(candles.open_time[-1]) + candles.timeframe.duration_ms
    terms = BacktestTerms(
        profile=profile,
        plans=CrossPlanSource(
            profile, fast=FAST, slow=SLOW, stop_atr=STOP_ATR, targets=exits.targets
        ),
        policy=_open_policy(profile),
        currency=Currency("USDT"),
        balance=Decimal(1_000_000),
        period=Period(start_ms=warm_ms(recording, profile), end_ms=end_ms),
    )
    arena = Arena.of({_SYMBOL: recording}, profile, venue="benchmark", until_ms=end_ms)
    return RecordedWorld(arena=arena, leader=LeaderTimeline(profile), terms=terms, unread=())


def _free_market() -> Instrument:
    return Instrument(
        venue="benchmark",
        symbol=_SYMBOL,
        kind=MarketKind.PERPETUAL,
        base=Currency("BTC"),
        quote=Currency("USDT"),
        tick=Decimal("0.01"),
        lot=Decimal("0.001"),
        min_notional=Decimal(5),
        fees=Fees(maker=Decimal(0), taker=Decimal(0)),
        margin_tiers=(
            MarginTier(
                notional_floor=Decimal(0),
                max_leverage=Decimal(50),
                maintenance_fraction=Decimal("0.01"),
            ),
        ),
    )


def _open_policy(profile: Profile) -> RiskPolicy:
    """Return limits that no loss reaches: what is measured shall trade to its end."""
    policy = build_policy(Settings(_env_file=None), profile)
    return replace(
        policy,
        max_daily_loss=_ALL,
        max_weekly_loss=_ALL,
        max_drawdown=_ALL,
        max_loss_streak=1_000,
        cooldown_us=0,
        min_rr=Decimal(0),
    )
