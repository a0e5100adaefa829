"""The two streams: results on stdout, everything else on stderr. Colours only on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Report = Callable[[str, int, int], None]


def output() -> Console:
    """Return the console for results; colours follow the terminal and NO_COLOR."""
    return Console(highlight=False, markup=False, emoji=False)


@contextmanager
def progress() -> Iterator[Report]:
    """Yield what a scan calls as it gets on: stage, done, total; drawn on a terminal's stderr only.

    The first stage is drawn when it begins, however short the work is; the bar disappears when it
    is done.
    """
    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("starting", total=None)
        begun = False

        def report(stage: str, done: int, total: int) -> None:
            nonlocal begun
            first, begun = not begun, True
            bar.update(task, description=stage, completed=done, total=total or None, refresh=first)

        yield report
