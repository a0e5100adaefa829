"""Draws the pictures of the dashboard: hours of the built-in market, lived through in minutes.

    python docs/pictures/draw_dashboard.py

Needs Chromium. The bot begins just before the plans of `tests/fakes/run_story.py`; the pictures
are taken once one of them is held.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parents[1]))

from PIL import Image  # noqa: E402 - the repository has to be found first
from playwright.sync_api import Page  # noqa: E402

from snipersight.domain.access import Scope  # noqa: E402
from tests.builders.sweeps import write_candles, write_profile  # noqa: E402
from tests.fakes.dashboard_desk import PHONE, DashboardDesk, open_desk  # noqa: E402
from tests.fakes.run_story import ARGUMENTS  # noqa: E402

RUN = (*ARGUMENTS, "--at", "2026-05-30T04:10", "--time-scale", "60")
WIDE = {"width": 1320, "height": 840}
LOW = {"width": 1320, "height": 460}
HALF = {"width": 1320, "height": 640}
COLOURS = 96
FOUR_HOURS_MS = 420_000
THEMES = {"book": "light", "system": "light"}
PERIODS = (("--to", "2025-07-05"), ())


def keep(page: Page, name: str) -> None:
    """Write what a page shows, with as few colours as nobody misses."""
    seen = Image.open(io.BytesIO(page.screenshot()))
    seen.convert("RGB").quantize(COLOURS).save(FOLDER / f"dashboard-{name}.png", optimize=True)


def main() -> None:
    """Draw all of them."""
    with tempfile.TemporaryDirectory() as folder:
        candles = write_candles(Path(folder))
        with open_desk(Path(folder), *RUN, listen="127.0.0.1:9464") as desk:
            draw(desk, candles)


def draw(desk: DashboardDesk, candles: Path) -> None:
    """Draw them at a desk that is open.

    Args:
        desk: with a bot that has just begun.
        candles: folder of those that a backtest trades.
    """
    token = desk.token("laptop", Scope.ADMIN)
    test_profile(desk, candles)
    with desk.visit(token, "/book", size=PHONE) as page:
        held = "section[aria-label='Positions'] tbody tr .chip.good"
        page.wait_for_selector(held, timeout=FOUR_HOURS_MS)
        path = page.get_attribute("section[aria-label='Positions'] a[data-row]", "href")
        keep(page, "phone")
    with desk.visit(token, str(path), size=WIDE, theme="light") as page:
        page.wait_for_selector(".candles canvas")
        page.wait_for_timeout(1_500)
        keep(page, "signal")
    with desk.visit(token, "/?show=all", size=LOW) as page:
        settle(page)
        keep(page, "signals")
    for name in ("book", "evidence", "audit", "system"):
        with desk.visit(token, f"/{name}", size=HALF, theme=THEMES.get(name, "dark")) as page:
            settle(page)
            keep(page, name)
    with desk.visit(token, "/risk", size=HALF) as page:
        settle(page)
        page.click(".head .button.stop")
        page.wait_for_timeout(500)
        keep(page, "stop")


def test_profile(desk: DashboardDesk, candles: Path) -> None:
    """Let a quick profile trade two periods, so that there are backtests to compare."""
    write_profile(desk.home)
    words = ("--data", str(candles), "--profile", "quick", "--random-runs", "50")
    for period in PERIODS:
        desk.program("backtest", *words, *period)


def settle(page: Page) -> None:
    """Wait until a page says nothing of trouble and has drawn what it knows."""
    page.wait_for_selector(".head .facts:not(:has(.chip.bad))")
    page.wait_for_selector("main .ghost", state="detached")
    page.wait_for_timeout(800)


if __name__ == "__main__":
    main()
