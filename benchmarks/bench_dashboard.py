"""The figures of the dashboard's API: `make bench-dashboard`; QUICK=1 shortens it to a minute.

Figures that miss their target are shown as such and do not change the exit code.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.dashboard_api import measure_api
from benchmarks.harness import is_quick, progress, publish
from benchmarks.machine import load_text

HOW = (
    "A dashboard of its own process behind its whole door, and a program with a token: requests "
    "leave when they are due, whoever waits; one writer stores, and each listener tells when it heard."
)


def main() -> None:
    """Measure everything and print it."""
    load_before, quick = load_text(), is_quick()
    signals = 10_000 if quick else 100_000
    progress(f"the API over {signals:,} signals")
    with tempfile.TemporaryDirectory(prefix="snipersight-bench-") as folder:
        figures = measure_api(
            Path(folder),
            signals=signals,
            seconds=10 if quick else 60,
            rounds=5 if quick else 20,
        )
    form = "short form" if quick else "full form"
    publish(f"SniperSight dashboard, {form}", figures, load_before=load_before, notes=(HOW,))


if __name__ == "__main__":
    main()
