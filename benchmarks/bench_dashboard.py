"""The figures of the dashboard: `make bench-dashboard`; QUICK=1 shortens it to a minute.

Figures that miss their target are shown as such and do not change the exit code.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.dashboard_api import measure_api
from benchmarks.dashboard_browser import CHROMIUM, measure_paint, measure_updates, visiting
from benchmarks.dashboard_events import Scans
from benchmarks.dashboard_pan import measure_pan
from benchmarks.dashboard_served import Served, prepare_home, serving
from benchmarks.harness import Figure, Target, at_most, is_quick, progress, publish
from benchmarks.machine import load_text
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import open_telemetry

HOW: Final = (
    "`snipersight dashboard` as a process of its own behind its whole door, a token made by the "
    "command line, and Chromium without a graphics processor on the same machine."
)
_NO_BROWSER: Final = "Chromium is absent (apt install chromium)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How much is measured.

    Args:
        signals: in the store.
        seconds: of requests.
        rounds: of two events each.
        repeats: of visits and drags.
    """

    signals: int = 100_000
    seconds: float = 60
    rounds: int = 30
    repeats: int = 5


SHORT: Final = Form(signals=10_000, seconds=8, rounds=10, repeats=2)


def main() -> None:
    """Measure everything and print it."""
    load_before, quick = load_text(), is_quick()
    form = SHORT if quick else Form()
    with tempfile.TemporaryDirectory(prefix="snipersight-bench-") as folder:
        figures = asyncio.run(measure(Path(folder), form))
    name = "short form" if quick else "full form"
    publish(f"SniperSight dashboard, {name}", figures, load_before=load_before, notes=(HOW,))


async def measure(scratch: Path, form: Form) -> list[Figure]:
    """Return every figure.

    Args:
        scratch: an empty folder; becomes the home of the dashboard.
        form: how much.
    """
    progress(f"a store of {form.signals:,} signals")
    environment = prepare_home(scratch, signals=form.signals)
    with serving(environment) as served:
        figures = await _looked_at(served, form) if CHROMIUM else nobody_looks()
        progress("the API")
        figures += await measure_api(served, signals=form.signals, seconds=form.seconds)
        return [*figures, *_memory(served)]


async def _looked_at(served: Served, form: Form) -> list[Figure]:
    settings, _ = load_settings(None)
    with (
        open_telemetry(settings) as telemetry,
        open_books(settings, account_id="main") as books,
    ):
        scans = Scans(telemetry.evidence)
        scans.charted()
        async with visiting(served) as visitor:
            progress("a browser opens the list of signals")
            figures = await measure_paint(visitor, repeats=form.repeats)
            progress("things happen while it is open")
            figures += await measure_updates(visitor, scans, books, rounds=form.rounds)
            progress("a chart is dragged")
            return figures + await measure_pan(visitor, repeats=form.repeats)


def nobody_looks() -> list[Figure]:
    """Return what only a browser can measure, as missing."""
    targets: dict[str, tuple[str, Target]] = {
        "dashboard_first_paint_s": ("s", at_most(1.5)),
        "dashboard_update_ms": ("ms", at_most(250)),
        "dashboard_pan_frame_p95_ms": ("ms", at_most(50)),
    }
    return [
        Figure(name=name, value=None, unit=unit, target=target, note=_NO_BROWSER)
        for name, (unit, target) in targets.items()
    ]


def _memory(served: Served) -> list[Figure]:
    return [
        Figure(
            name="dashboard_memory_mb",
            value=served.memory_mb(),
            unit="MB",
            target=at_most(250),
            note="resident memory of the process after all of this",
        ),
        Figure(
            name="dashboard_helpers_mb",
            value=served.helpers_mb(),
            unit="MB",
            note="of the processes that read charts for it, which end when nobody looks at one",
        ),
    ]


if __name__ == "__main__":
    main()
