"""Three weeks of the built-in market through the backtest and through the run itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from snipersight.bootstrap.evidence.backtest import Making
from snipersight.bootstrap.evidence.parity import Verified, verify_parity
from snipersight.bootstrap.evidence.parity_run import PlansOf, smc_plans
from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.profiles import list_profiles
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.to_end import run_to_end
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.parity.comparing import Finding
from snipersight.engine.parity.facts import Kind
from snipersight.sandbox.market import SyntheticMarket
from tests.fakes.peeking import peeking_plans

END_MS = 1_752_883_200_000  # 2025-07-19
WARM_DAYS = 110
DAYS = 20
TURN_MS = DAY_MS // 4
BASES = ("ADA", "BNB", "BTC", "DOGE", "ETH", "XRP")
ALL = ",".join(f"{base}/USDT:USDT" for base in BASES)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("binance_usdm_made_up")
    for place, base in enumerate(BASES):
        run_to_end(write(folder, place, base))
    return folder


async def write(folder: Path, place: int, base: str) -> None:
    """Write a market's file; what is traded there goes up and down, for each at another time."""
    bars = await SyntheticMarket(7, clock=lambda: END_MS).candles(
        Symbol(f"{base}/USDT:USDT"),
        Timeframe.parse("5m"),
        start_ms=END_MS - (WARM_DAYS + DAYS) * DAY_MS,
        end_ms=END_MS,
    )
    columns = {key: getattr(bars, key) for key in ("open", "high", "low", "close", "volume")}
    turn = bars.open_time // TURN_MS + 2 * place
    worth = bars.volume / bars.volume.mean() * np.where(turn % len(BASES) < 3, 1.0, 1e-4)
    columns["volume"] = 1e9 * worth / bars.close
    frame = pl.DataFrame({"timestamp": bars.open_time, **columns})
    frame.write_parquet(folder / f"{base}USDT-5m.parquet")


def verified(folder: Path, plans: PlansOf = smc_plans, *, symbols: str = ALL) -> Verified:
    request = RecordedRequest(
        data=folder,
        profile=list_profiles(Path("no-own-profiles"))["balanced"].load(),
        symbols=symbols,
        start_ms=END_MS - DAYS * DAY_MS,
        end_ms=END_MS,
    )
    settings = load_settings()[0]
    nobody = lambda *_: None  # noqa: E731  nobody is told
    return run_to_end(verify_parity(request, settings, Making(), progress=nobody, plans=plans))


def test_backtest_and_run_agree_in_every_plan_decision_order_and_fill(candles: Path):
    comparison = verified(candles).comparison
    assert comparison.differences == ()
    assert comparison.finding is Finding.PARITY
    assert min(comparison.compared[kind] for kind in Kind) >= 6


def test_a_source_that_peeks_is_caught(candles: Path):
    told = verified(candles, peeking_plans, symbols=f"{BASES[0]}/USDT:USDT").comparison
    assert told.finding is Finding.DIFFERENT
    assert {one.kind for one in told.differences} >= {Kind.PLAN, Kind.DECISION}


def test_the_largest_markets_are_those_that_the_run_chooses_every_hour(candles: Path):
    told = verified(candles, symbols="top2")
    assert told.comparison.differences == ()
    assert told.comparison.finding is Finding.PARITY
    assert len(told.markets) == len(BASES)
