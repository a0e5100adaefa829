"""The figures of the running bot: `make bench-run`; QUICK=1 shortens it to a minute.

Figures that miss their target are shown as such and do not change the exit code.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.harness import Figure, at_most, is_quick, progress, publish, spread
from benchmarks.machine import load_text
from benchmarks.run_bot import Bot, compile_everything
from benchmarks.run_day import BEGINS_MS, Day, day_figures, live_through
from benchmarks.run_presses import press_figures
from benchmarks.run_trouble import Trouble, live_through_trouble
from benchmarks.run_trouble_figures import trouble_figures

_MINUTE_MS: Final = 60_000
_FULL: Final = Day(hours=24, scale=450.0)
_FULL_TROUBLE: Final = Trouble(hours=24, scale=180.0, restarts=3)
# The short forms begin shortly before signals that are known to come: four at one close, then some at
# another; and a zone that price enters within twenty minutes.
_QUICK: Final = Day(
    hours=90 / 60,
    scale=450.0,
    begins_ms=BEGINS_MS + 1_050 * _MINUTE_MS,
    opening_ms=40 * _MINUTE_MS,
)
_QUICK_TROUBLE: Final = Trouble(
    hours=33 / 60,
    scale=180.0,
    begins_ms=BEGINS_MS + 145 * _MINUTE_MS,
    symbols="BTC/USDT:USDT,ARB/USDT:USDT",  # a message a second: more would be waited for
    at_exchange=0.1,
    at_telegram=0.1,
    restarts=0,
)
_HOW: Final = (
    "Each bot is a process of `snipersight run` of its own, with a home of its own and detectors "
    "that were compiled before; Telegram and exchange are the sandbox's, over the loopback. A bot's "
    "time runs faster than ours where that is said; what is measured is always our time."
)


def main() -> None:
    """Measure everything and print it."""
    load_before, quick = load_text(), is_quick()
    # A short name: a socket's path may have some hundred characters.
    with tempfile.TemporaryDirectory(prefix="ss-run-") as folder:
        figures = measure(Path(folder), is_short=quick)
    form = "short form" if quick else "full form"
    notes = (_HOW, f"ccxt {version('ccxt')}, python-telegram-bot {version('python-telegram-bot')}.")
    publish(f"SniperSight running, {form}", figures, load_before=load_before, notes=notes)


def measure(scratch: Path, *, is_short: bool) -> list[Figure]:
    """Return every figure.

    Args:
        scratch: folder for everything temporary.
        is_short: fewer starts and presses, and hours instead of a day.
    """
    progress("compiling the detectors, if that was not done before")
    settings = compile_everything(scratch)
    progress("starts")
    figures = [ready_figure(scratch, settings, starts=1 if is_short else 7)]
    day, trouble = (_QUICK, _QUICK_TROUBLE) if is_short else (_FULL, _FULL_TROUBLE)
    progress(f"{day.hours:g} hours of its time in {day.real_s:.0f} s of ours")
    figures += day_figures(live_through(scratch, settings, day))
    progress(f"{trouble.hours:g} hours among faults in {trouble.real_s:.0f} s of ours")
    figures += trouble_figures(live_through_trouble(scratch, settings, trouble))
    progress("presses on Approve")
    figures += press_figures(scratch, settings, presses=2 if is_short else 20)
    return figures


def ready_figure(scratch: Path, settings: Mapping[str, str], *, starts: int) -> Figure:
    """Return how long a bot takes until it says that it is ready.

    Args:
        scratch: folder for everything temporary.
        settings: that every bot gets.
        starts: to measure; the first one finds an empty home.
    """
    took = []
    for _ in range(starts):
        bot = Bot(scratch / "starts", ["--mode", "paper", "--no-notify"], settings)
        try:
            took.append(bot.until_ready())
        finally:
            bot.end()
    return Figure(
        name="start_to_ready",
        value=max(took),
        unit="s",
        target=at_most(3),
        note=f"longest; {spread(took)} s; twenty markets, paper, the first in an empty home",
    )


if __name__ == "__main__":
    main()
