"""A browser that has logged in: how soon it paints, and how soon it shows what happens."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from playwright.async_api import Browser, Page, StorageState, async_playwright

from benchmarks.dashboard_events import Heard, Scans, halt, listening
from benchmarks.harness import Figure, at_most, median, percentile, spread

if TYPE_CHECKING:
    from benchmarks.dashboard_served import Served
    from snipersight.bootstrap.books import Books

CHROMIUM: Final = shutil.which("chromium") or ""
LISTENERS: Final = 19
_FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
_PATIENCE_MS: Final = 60_000
_BETWEEN_S: Final = 0.3
_ROW: Final = "a[data-row]"
_STATE: Final = ".head .facts .state"

# Remembers when each row and each state was first on the screen: after the frame was painted.
_WATCH: Final = f"""() => {{
  window.stood = {{}};
  const look = () => {{
    const names = [...document.querySelectorAll('{_ROW}')].map((one) => one.pathname);
    const state = document.querySelector('{_STATE}');
    const now = state ? state.textContent.trim() : '';
    if (now !== window.state) {{ window.state = now; delete window.stood[now]; names.push(now); }}
    const fresh = names.filter((one) => one && !(one in window.stood));
    if (!fresh.length) return;
    for (const one of fresh) window.stood[one] = 0;
    requestAnimationFrame(() => setTimeout(() => {{
      for (const one of fresh) window.stood[one] = Date.now();
    }}));
  }};
  look();
  new MutationObserver(look).observe(
    document.body, {{ childList: true, subtree: true, characterData: true }});
}}"""
_PAINTED: Final = """() => {
  const first = performance.getEntriesByName('first-contentful-paint')[0];
  return document.querySelector('a[data-row]') && first
    ? [first.startTime, performance.now()] : false;
}"""


@dataclass(slots=True)
class Visitor:
    """Somebody with a browser who has logged in.

    Args:
        browser: a window for each visit, with nothing cached.
        served: the dashboard.
        state: cookies.
    """

    browser: Browser
    served: Served
    state: StorageState | None = None

    @contextlib.asynccontextmanager
    async def page(self, path: str) -> AsyncIterator[Page]:
        """Yield a page that begins to show a path."""
        window = await self.browser.new_context(
            viewport={"width": 1440, "height": 900}, storage_state=self.state
        )
        window.set_default_timeout(_PATIENCE_MS)
        try:
            page = await window.new_page()
            await page.goto(self.served.url + path, wait_until="commit")
            yield page
        finally:
            await window.close()

    async def log_in(self) -> None:
        """Show the token once."""
        async with self.page("/") as page:
            await page.fill("input[type=password]", self.served.token)
            await page.click("button[type=submit]")
            await page.wait_for_selector(_ROW)
            self.state = await page.context.storage_state()


@contextlib.asynccontextmanager
async def visiting(served: Served) -> AsyncIterator[Visitor]:
    """Yield somebody who has logged in, with a browser of its own."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=[*_FLAGS])
        try:
            visitor = Visitor(browser, served)
            await visitor.log_in()
            yield visitor
        finally:
            await browser.close()


async def measure_paint(visitor: Visitor, *, repeats: int) -> list[Figure]:
    """Return how soon the list of signals is painted in a browser that has cached nothing.

    Args:
        visitor: opens it.
        repeats: visits, at least 1.
    """
    first, whole = [], []
    for _ in range(repeats):
        async with visitor.page("/") as page:
            found = await (await page.wait_for_function(_PAINTED)).json_value()
            first.append(found[0] / 1000)
            whole.append(found[1] / 1000)
    how = f"from the request for the list of signals, nothing cached; {spread(first)}"
    return [
        Figure(
            name="dashboard_first_paint_s",
            value=median(first),
            unit="s",
            target=at_most(1.5),
            note=f"first contentful paint, {how}",
        ),
        Figure(
            name="dashboard_first_rows_s",
            value=median(whole),
            unit="s",
            note=f"until its rows stand; {spread(whole)}",
        ),
    ]


@dataclass(slots=True)
class Delays:
    """How soon it was shown and told what happened, seconds."""

    signals_s: list[float] = field(default_factory=list)
    states_s: list[float] = field(default_factory=list)
    stored_s: list[float] = field(default_factory=list)
    told_s: list[float] = field(default_factory=list)


async def measure_updates(
    visitor: Visitor, scans: Scans, books: Books, *, rounds: int
) -> list[Figure]:
    """Return how soon an open page shows what happens, and clients of the stream are told.

    Args:
        visitor: has the list of signals open.
        scans: store a signal each round.
        books: entries are paused, or resumed, each round.
        rounds: of two events each.
    """
    delays = Delays()
    async with listening(visitor.served, LISTENERS) as heard, visitor.page("/") as page:
        await page.wait_for_selector(_STATE)
        await page.wait_for_selector(_ROW)
        await page.evaluate(_WATCH)
        await asyncio.sleep(1.0)
        events = _Events(page, heard, delays)
        for number in range(rounds):
            plan_id = f"bench-{time.time_ns()}"
            await events.happen(delays.signals_s, _signalled(scans, plan_id))
            await events.happen(delays.states_s, _halted(books, number))
    return update_figures(delays)


def _signalled(scans: Scans, plan_id: str) -> Callable[[], str]:
    def happens() -> str:
        scans.signal(plan_id)
        return f"/signals/{plan_id}"

    return happens


def _halted(books: Books, number: int) -> Callable[[], str]:
    return lambda: halt(books, number)


@dataclass(slots=True)
class _Events:
    """Lets things happen and waits until everybody knows."""

    page: Page
    heard: list[Heard]
    delays: Delays

    async def happen(self, shown_s: list[float], event: Callable[[], str]) -> None:
        began_s = time.time()
        name = await asyncio.to_thread(event)
        self.delays.stored_s.append(time.time() - began_s)
        stood = await self.page.wait_for_function(
            "([name, began]) => window.stood[name] >= began && window.stood[name]",
            arg=[name, began_s * 1000],
        )
        shown_s.append(await stood.json_value() / 1000 - began_s)
        self.delays.told_s += [await _told(one, began_s) for one in self.heard]
        await asyncio.sleep(_BETWEEN_S)


async def _told(heard: Heard, began_s: float) -> float:
    async with asyncio.timeout(_PATIENCE_MS / 1000):
        return await heard.after(began_s)


def update_figures(delays: Delays) -> list[Figure]:
    """Return what the delays of all events say."""
    shown = delays.signals_s + delays.states_s
    medians = (delays.signals_s, delays.states_s, delays.stored_s)
    signal, state, stored = (1000 * median(one) for one in medians)
    return [
        Figure(
            name="dashboard_update_ms",
            value=1000 * percentile(shown, 95),
            unit="ms",
            target=at_most(250),
            note=f"p95 of {len(shown)} events, from before one is stored ({stored:.0f} ms) until it is "
            f"painted; medians: a signal in the list {signal:.0f} ms, a pause {state:.0f} ms; "
            f"{LISTENERS} clients of the stream listen",
        ),
        Figure(
            name="dashboard_stream_ms",
            value=1000 * percentile(delays.told_s, 95),
            unit="ms",
            note="p95, from before it is stored until one of these clients has the figures",
        ),
    ]
