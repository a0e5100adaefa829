"""The figures of telemetry: `make bench-telemetry`; QUICK=1 shortens it to a minute.

Figures that miss their target are shown as such and do not change the exit code.
"""

from __future__ import annotations

import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness import Figure, is_quick, progress, publish
from benchmarks.machine import load_text
from benchmarks.telemetry_events import event_figures
from benchmarks.telemetry_logging import log_figure, scrape_figure
from benchmarks.telemetry_outcomes import measure_outcomes
from benchmarks.telemetry_stats import measure_stats

HOW = (
    "Events and signals lie in SQLite with synchronous FULL. The process that emits is killed by "
    "SIGKILL while it does; what it had been told is stored must be in the file once."
)


def main() -> None:
    """Measure everything and print it."""
    load_before, quick = load_text(), is_quick()
    with tempfile.TemporaryDirectory(prefix="snipersight-bench-") as folder:
        figures = measure(Path(folder), is_short=quick)
    form = "short form" if quick else "full form"
    notes = (HOW, f"numba {version('numba')}, scipy {version('scipy')}.")
    publish(f"SniperSight telemetry, {form}", figures, load_before=load_before, notes=notes)


def measure(scratch: Path, *, is_short: bool) -> list[Figure]:
    """Return every figure.

    Args:
        scratch: folder for everything temporary.
        is_short: fewer events, signals and repetitions.
    """
    progress("events")
    figures = event_figures(_folder(scratch, "events"), is_short=is_short)
    progress("a log call")
    figures.append(log_figure(_folder(scratch, "logs")))
    progress("outcomes of 10,000 signals")
    figures += measure_outcomes(repeats=1 if is_short else 5)
    signals = 10_000 if is_short else 100_000
    progress(f"statistics of {signals:,} signals")
    figures += measure_stats(
        _folder(scratch, "stats"), signals=signals, repeats=1 if is_short else 5
    )
    figures.append(scrape_figure(_folder(scratch, "metrics"), signals=signals))
    return figures


def _folder(scratch: Path, name: str) -> Path:
    folder = scratch / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
