"""What backtests are measured on: recorded markets under a profile, or one market of chance."""

from __future__ import annotations

import json
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
from snipersight.bootstrap.to_end import run_to_end
from snipersight.domain.candles import Candles
from snipersight.domain.funding import FundingRecord
from snipersight.domain.instrument import Fees, Instrument, MarginTier, MarketKind
from snipersight.domain.profile import Profile, parse_profile
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.backtest import BacktestTerms
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.recording import Period, Recording, warm_ms
from snipersight.planner.comparison.cross_source import CrossPlanSource
from snipersight.risk.policy import RiskPolicy

FAST, SLOW, ATR_BARS = 20, 50, 14
STOP_ATR: Final = 2.0
FEE: Final = Decimal("0.0002")  # of the notional, of every fill; the only cost there is
RISK: Final = Decimal("0.0001")  # of the account, lost at the stop
BALANCE: Final = 1_000_000
NO_FOLDER: Final = Path("/nonexistent")  # shipped profiles only, whatever the user keeps
_SYMBOL: Final = Symbol("BTC/USDT:USDT")
_START_MS: Final = 1_420_070_400_000  # 2015-01-01
_ALL: Final = Decimal(1)
_TICK: Final = 0.01
_DECIMALS: Final = 2  # of a price, which is then the one that its digits say
_VALID_BARS: Final = 1
_BAR_MS: Final = 300_000
_FUNDED_MS: Final = 8 * 3_600_000


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
    return run_to_end(open_world(request, settings, Making(), progress=lambda *_: None))


def wandering_candles(bars: int) -> Candles:
    """Return 5m bars of a market of chance; the first ones are the same however many there are.

    Each goes a tick beyond its open to either side: ours fills a limit order only where the price
    goes beyond it, others where it is touched.
    """
    # A stream each: one more bar then takes nothing from what another bar is made of.
    moves = np.random.default_rng(8).normal(0, 0.001, bars)
    reach = np.random.default_rng(9).exponential(0.0004, (bars, 2))
    # Pulled back to where it began, so that a million bars are traded like the first ones.
    log = np.zeros(bars + 1)
    for at in range(bars):
        log[at + 1] = log[at] * 0.9995 + moves[at]
    price = np.round(100 * np.exp(log), _DECIMALS)
    opened, closed = price[:-1], price[1:]
    return Candles(
        symbol=_SYMBOL,
        timeframe=Timeframe.parse("5m"),
        open_time=_START_MS + _BAR_MS * np.arange(bars, dtype=np.int64),
        open=opened,
        high=np.round(np.maximum(opened, closed) * (1 + reach[:, 0]) + _TICK, _DECIMALS),
        low=np.round(np.minimum(opened, closed) * (1 - reach[:, 1]) - _TICK, _DECIMALS),
        close=closed,
        volume=np.full(bars, 1e9),
    )


def cross_world(candles: Candles, exits: Exits) -> RecordedWorld:
    """Return one market traded at every cross of two averages, by limits that refuse nothing."""
    profile = _plain_profile()
    roles = {profile.timeframe(one) for one in ("trigger", "zone", "bias")}
    recording = Recording(
        instrument=_free_market(),
        bars={one: resample(candles, one) for one in roles},
        finer=candles,
        quote_rate=Decimal(1),
        is_leading=True,
        funding=_no_funding(candles),
    )
    end_ms = int(candles.open_time[-1]) + candles.timeframe.duration_ms
    terms = BacktestTerms(
        profile=profile,
        plans=CrossPlanSource(
            profile, fast=FAST, slow=SLOW, stop_atr=STOP_ATR, targets=exits.targets
        ),
        policy=_open_policy(profile),
        currency=Currency("USDT"),
        balance=Decimal(BALANCE),
        period=Period(start_ms=warm_ms(recording, profile), end_ms=end_ms),
    )
    arena = Arena.of({_SYMBOL: recording}, profile, venue="benchmark", until_ms=end_ms)
    return RecordedWorld(arena=arena, leader=LeaderTimeline(profile), terms=terms, unread=())


def save_terms(path: Path, world: RecordedWorld) -> None:
    """Write what is traded where another environment's Python can read it.

    Args:
        path: of the file.
        world: whose period says from which bar on.
    """
    first = (world.terms.period.start_ms - _START_MS) // _BAR_MS
    terms = {
        "fast": FAST,
        "slow": SLOW,
        "atr_bars": ATR_BARS,
        "stop_atr": STOP_ATR,
        "cash": BALANCE,
        "risk": float(RISK),
        "fee": float(FEE),
        "first": first,
    }
    forms = {
        one.name: [(distance, float(share)) for distance, share in one.targets]
        for one in (ONE_TARGET, THREE_TARGETS)
    }
    path.write_text(json.dumps({"terms": terms, "forms": forms}), encoding="utf-8")


def _plain_profile() -> Profile:
    """Return a profile that leaves a trade as it was entered, and waits for no better entry."""
    values = load_profile("scalp", own_folder=NO_FOLDER).model_dump(mode="json")
    changed: dict[str, dict[str, object]] = {
        "setup": {"valid_bars": _VALID_BARS},
        "planner": {
            "slippage_fraction": "0",
            "max_cost_fraction": 1,
            "max_stop_atr": 50,
            "min_rr": 0.01,
        },
        "sizing": {"risk_fraction": str(RISK), "volatility_floor": 1},
        "management": {"entry_fractions": ["1", "0", "0"], "break_even": False},
    }
    merged = values | {name: values[name] | some for name, some in changed.items()}
    return parse_profile(merged, where="the benchmark")


def _no_funding(candles: Candles) -> FundingRecord:
    span = range(_START_MS, int(candles.open_time[-1]) + _FUNDED_MS, _FUNDED_MS)
    return FundingRecord(rates=dict.fromkeys(span, 0.0), source="none is charged")


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
        fees=Fees(maker=FEE, taker=FEE),
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
        max_positions=1,
        slippage_fraction=Decimal(0),
        max_leverage=Decimal(50),
        max_volume_share=_ALL,
        min_rr=Decimal(0),
    )
