"""Loaded by the process that workers of a sweep come from: what they need is there when they begin.

Compiled detectors are loaded, and compiled if need be, once here instead of in each worker, and
workers share the memory that takes.
"""

from __future__ import annotations

import gc
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars  # noqa: F401, ICN001 - what candles are read with, slow to load

import snipersight.bootstrap.evidence.sweep_runs  # noqa: F401 - a worker's work
from snipersight.analysis.indicators import ta_lib
from snipersight.analysis.leader import LeaderTimeline
from snipersight.bootstrap.profiles import load_profile
from snipersight.bootstrap.to_end import run_to_end
from snipersight.domain.evidence import SignalKey
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.engine.evidence import signal_terms
from snipersight.engine.recording import Recording, decide
from snipersight.matching.outcomes import model_outcomes
from snipersight.matching.outcomes.steps import trade_paths
from snipersight.planner.smc_source import WholePlanSource
from snipersight.sandbox.market import SyntheticMarket

_SHIPPED_ONLY: Final = Path("/nonexistent")
_SYMBOL: Final = Symbol("DOGE/USDT:USDT")
_AS_OF_MS: Final = 1_752_883_200_000  # 2025-07-19; any moment of the built-in market does
_DAYS: Final = 14


def make_ready() -> int:
    """Decide over two weeks of the built-in market, follow what was planned, and forget it.

    Returns:
        How many plans there were.
    """
    ta_lib()  # what momentum is read with, slow to load
    profile = load_profile("aggressive", own_folder=_SHIPPED_ONLY)
    recording = run_to_end(_recording(profile))
    trigger = recording.bars[profile.timeframe("trigger")]
    leader = LeaderTimeline(profile)
    leader.advance(recording.bars[profile.timeframe("bias")], until_ms=_AS_OF_MS)
    decided = decide(recording, leader, WholePlanSource(profile), profile)
    plans = [one.plan for one in decided.candidates if one.plan is not None]
    signals = [
        (
            SignalKey(plan.plan_id),
            signal_terms(
                plan,
                profile,
                instrument=recording.instrument,
                known_ms=int(plan.created_at.timestamp() * 1000),
            ),
        )
        for plan in plans
    ]
    model_outcomes(signals, trigger)
    trade_paths(signals, trigger)
    return len(plans)


async def _recording(profile: Profile) -> Recording:
    market = SyntheticMarket(clock=lambda: _AS_OF_MS)
    bars = {
        frame: await market.candles(
            _SYMBOL,
            frame,
            start_ms=frame.floor(_AS_OF_MS - history_ms - _DAYS * DAY_MS),
            end_ms=_AS_OF_MS,
        )
        for frame, history_ms in profile.history().items()
    }
    return Recording(
        instrument=(await market.instruments())[_SYMBOL],
        bars=bars,
        finer=bars[profile.timeframe("trigger")],
        quote_rate=Decimal(1),
        is_leading=True,
    )


make_ready()
gc.collect()
gc.freeze()  # or collecting garbage would write to every page that workers share
