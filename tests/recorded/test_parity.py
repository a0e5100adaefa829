"""Two recorded weeks of three perpetuals through the backtest and through the run itself.

The short form is of the built-in market, `tests/integration/test_parity.py`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from snipersight.bootstrap.evidence.backtest import Making
from snipersight.bootstrap.evidence.parity import Verified, verify_parity
from snipersight.bootstrap.evidence.parity_run import PlansOf, smc_plans
from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.profiles import list_profiles
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.to_end import run_to_end
from snipersight.domain.timeframe import DAY_MS
from snipersight.engine.parity.comparing import Finding
from snipersight.engine.parity.facts import Kind
from tests.fakes.peeking import peeking_plans
from tests.fakes.recorded import OHLCV

FOLDER = OHLCV / "c_no_licence" / "binance_usdm_1h_2023_2025"
START_MS = 1_711_929_600_000  # 2024-04-01

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded candles are not here"),
]


@cache
def verified(bases: tuple[str, ...], days: int, plans: PlansOf = smc_plans) -> Verified:
    request = RecordedRequest(
        data=FOLDER,
        profile=list_profiles(Path("no-own-profiles"))["balanced"].load(),
        symbols=",".join(f"{one}/USDT:USDT" for one in bases),
        start_ms=START_MS,
        end_ms=START_MS + days * DAY_MS,
    )
    settings = load_settings()[0]
    nobody = lambda *_: None  # noqa: E731  nobody is told
    return run_to_end(verify_parity(request, settings, Making(), progress=nobody, plans=plans))


@pytest.mark.long
def test_backtest_and_run_agree_in_every_plan_decision_order_and_fill():
    comparison = verified(("BTC", "ETH", "XRP"), 14).comparison
    assert comparison.differences == ()
    assert comparison.finding is Finding.PARITY
    assert comparison.compared[Kind.PLAN] >= 5
    assert comparison.compared[Kind.DECISION] >= 10
    assert comparison.compared[Kind.ORDER] >= 5
    assert comparison.compared[Kind.LEDGER] >= 8


def test_a_period_without_a_trade_is_not_called_parity():
    told = verified(("BTC",), 2).comparison
    assert told.differences == ()
    assert told.compared[Kind.ORDER] == 0
    assert told.finding is Finding.UNPROVEN


@pytest.mark.long
def test_a_source_that_peeks_is_caught():
    told = verified(("XRP",), 14, peeking_plans).comparison
    assert told.finding is Finding.DIFFERENT
    assert {one.kind for one in told.differences} >= {Kind.PLAN, Kind.DECISION}
    assert {one.symbol for one in told.differences if one.kind is Kind.PLAN} == {"XRP/USDT:USDT"}
