"""The figures of the scan: `make bench-scan`, or `python3 dev.py bench scan`; QUICK=1 shortens it.

The peers' Python is taken from SNIPERSIGHT_PEERS_PYTHON, which `dev.py bench` sets. Figures that
miss their target are shown as such and do not change the exit code: a loaded machine is no bug.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.harness import Figure, at_most, is_quick, publish
from benchmarks.machine import load_text
from benchmarks.scan_commands import (
    FIRST_RUN_LIMIT_S,
    first_run_figures,
    help_figures,
    warm_scan_figures,
)
from snipersight.bootstrap.compile_cache import configure_compile_cache

# The short form keeps its compiled kernels from call to call.
QUICK_HOME = Path(__file__).parent / "results" / "home"


def main() -> None:
    """Measure everything and print it."""
    load_before = load_text()
    with tempfile.TemporaryDirectory(prefix="snipersight-bench-") as folder:
        scratch = Path(folder)
        figures = measure(scratch, home=QUICK_HOME if is_quick() else scratch / "home")
    from benchmarks.scan_stack import FAIRNESS

    form = "short form" if is_quick() else "full form"
    publish(f"SniperSight scan, {form}", figures, load_before=load_before, notes=(FAIRNESS,))


def measure(scratch: Path, *, home: Path) -> list[Figure]:
    """Return every figure.

    Args:
        scratch: folder for everything temporary.
        home: where compiled kernels are kept; the commands and this process share them.
    """
    rounds = 3 if is_quick() else 7
    home.mkdir(parents=True, exist_ok=True)
    is_cold = configure_compile_cache(home).is_cold  # before anything imports numba
    first = first_run_figures(home, scratch, rounds=1 if is_quick() else 2) if is_cold else []
    commands = [
        *warm_scan_figures(home, scratch, rounds=rounds),
        *help_figures(home, scratch, rounds=rounds),
    ]
    from benchmarks.scan_rescoring import rescoring_figures
    from benchmarks.scan_stack import added_bar_figures, linearity_figures, stack_figures

    return [
        *stack_figures(scratch, rounds=rounds),
        *linearity_figures(rounds=rounds),
        *added_bar_figures(),
        *rescoring_figures(rounds=rounds),
        *commands,
        *(first or [skipped_first_run()]),
    ]


def skipped_first_run() -> Figure:
    """Return the first run's figure for a home whose kernels are compiled already."""
    reason = "the short form keeps its compiled detectors; the full form measures the first scan"
    return Figure(
        name="first_scan_time",
        value=None,
        unit="s",
        target=at_most(FIRST_RUN_LIMIT_S),
        note=reason,
    )


if __name__ == "__main__":
    main()
