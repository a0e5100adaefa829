"""The figures of backtests: `make bench-backtest`, or `python3 dev.py bench backtest`; QUICK=1 shortens it.

The peers' Python is taken from SNIPERSIGHT_PEERS_PYTHON, which `dev.py bench` sets. Figures that
miss their target are shown as such and do not change the exit code: a loaded machine is no bug.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.harness import Figure, is_quick, publish
from benchmarks.machine import load_text
from snipersight.bootstrap.compile_cache import configure_compile_cache


def main() -> None:
    """Measure everything and print it."""
    load_before = load_text()
    configure_compile_cache()  # before anything imports numba, as the engine does
    from benchmarks.backtest_cross import FAIRNESS

    with tempfile.TemporaryDirectory(prefix="snipersight-bench-") as folder:
        figures = measure(Path(folder))
    form = "short form" if is_quick() else "full form"
    publish(f"SniperSight backtests, {form}", figures, load_before=load_before, notes=(FAIRNESS,))


def measure(scratch: Path) -> list[Figure]:
    """Return every figure.

    Args:
        scratch: folder for the candles of the peers.
    """
    from benchmarks.backtest_cross import cross_figures
    from benchmarks.backtest_pipeline import pipeline_figures, random_figures
    from benchmarks.backtest_sweeps import sweep_figures

    if is_quick():
        return [
            *pipeline_figures(symbols="BTC/USDT,SOL/USDT,PEPE/USDT", rounds=1),
            *cross_figures(scratch, bars=20_000, long_bars=40_000, rounds=1),
            *random_figures(runs=1),
            *sweep_figures(symbols="BTC/USDT:USDT,ETH/USDT:USDT,SOL/USDT:USDT", runs=16),
        ]
    return [
        *pipeline_figures(symbols="all", rounds=5),
        *cross_figures(scratch, bars=100_000, long_bars=1_000_000, rounds=5),
        *random_figures(runs=9),
        *sweep_figures(symbols="all", runs=64),
    ]


if __name__ == "__main__":
    main()
