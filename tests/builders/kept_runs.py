"""Backtests as they are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from snipersight.performance.verdict import Finding
from snipersight.storage.kept_runs import KeptRun


def a_kept_run(run_id: str = "0123456789abcdef", **changes: Any) -> KeptRun:
    """Return a small one.

    Args:
        run_id: its id.
        changes: other fields.
    """
    run = KeptRun(
        run_id=run_id,
        made_ms=1,
        profile="testing",
        profile_hash="a",
        values_hash="v",
        is_shipped=False,
        policy_hash="b",
        code_hash="c",
        candles_hash="d",
        source="smc",
        markets=("sandbox BTC/USDT",),
        start_ms=0,
        end_ms=10,
        currency="USDT",
        starting_balance="10000",
        rearm_days=7,
        random_runs=0,
        trials=1,
        out_of_sample=0,
        finding=Finding.NOT_SHOWN,
        sentence="Edge not shown: …",
        metrics={"sharpe": None, "trades": 3.0},
        returns=(0.01, -0.02) * 200,
    )
    return replace(run, **changes)
