"""The candles of a signal: what was known at any moment a person scrolls to, and bar by bar."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from snipersight.bootstrap.dashboard.views import MOST_BARS, ChartRequest, ChartView
from snipersight.domain.errors import SniperSightError
from snipersight.domain.wording import decimals_of
from snipersight.web.charts.candles import Drawn, Shown, candle_options, overlay_series, price_tags
from snipersight.web.charts.element import Chart
from snipersight.web.charts.overlays import inside_zones, nearest_zones, zone_legend
from snipersight.web.pages.kit import Node, button, panel
from snipersight.web.pages.states import blank, failed, ghost
from snipersight.web.pages.visit import Visit
from snipersight.web.pages.words import moment

_BARS: Final = 1_000
_FACT_BARS: Final = 600  # what is older than these and still matters is drawn from their first one
_PLAY_S: Final = 0.8
_RETRY_S: Final = 3.0
_OVERLAYS: Final = (("zones", "Zones"), ("structure", "Structure"), ("pools", "Liquidity"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the chart is about.

    Args:
        request: market, timeframe and profile; its `until_ms` is None.
        drawn: prices of the plan, when it was made, and what its orders did.
        until_ms: up to where it is shown at first; None: up to the present.
    """

    request: ChartRequest
    drawn: Drawn
    until_ms: int | None = None


class SignalChart:
    """The chart and its controls.

    Args:
        visit: the open page.
        subject: what it is about.
    """

    def __init__(self, visit: Visit, subject: Subject) -> None:
        self._visit = visit
        self._subject = subject
        self._request = replace(subject.request, bars=_BARS, until_ms=subject.until_ms)
        self._shown = Shown()
        self._view: ChartView | None = None
        self._facts: ChartView | None = None  # of the moment scrolled to; None: of the last bar
        self._chart: Chart | None = None
        self._read_request: ChartRequest | None = None  # that `_view` answers
        self._turn = asyncio.Lock()
        prices = [Decimal(str(one.price)) for one in subject.drawn.levels]
        self._decimals = min(decimals_of(prices), 8) if prices else 2
        self._draw_frame()

    def _draw_frame(self) -> None:
        head, body = panel("Chart", note=f"{self._request.symbol} {self._request.timeframe}")
        with head:
            Node("span", classes="spring")
            self._every = button(
                "", "plain", data_key="z", title="Every zone, or those nearest to the price (z)"
            )
            self._every.on("click", self._toggle_every)
            for name, words in _OVERLAYS:
                self._toggle(name, words)
        with body:
            self._box = Node("div")
            with self._box:
                ghost(8, words="Reading candles. The first chart after an update takes a minute.")
            self._draw_controls()

    def _draw_controls(self) -> None:
        with Node("div", classes="replay", role="group", aria_label="Replay"):
            self._button("◀", "One bar back", "ArrowLeft", lambda: self.step(-1))
            self._button("▶", "One bar on", "ArrowRight", lambda: self.step(1))
            self._play = self._button("Play", "Play bar by bar", "p", self._toggle_play)
            self._button("At the decision", "Show what was known then", "d", self.at_decision)
            self._button("Now", "Show the newest bar", "n", self.at_present)
            self._when = Node("span", classes="aside when", role="status")
            self._remark = Node("span", classes="aside")
            with Node("div", classes="legend"):
                for colour, words in zone_legend():
                    with Node("span"):
                        Node("i", classes=colour, aria_hidden="true")
                        Node("span", words)
        self._timer = ui.timer(_PLAY_S, self._advance, active=False)

    def _button(self, text: str, label: str, key: str, pressed: Callable[[], Any]) -> Node:
        made = button(text, aria_label=label, title=f"{label} ({key})", data_key=key)
        made.on("click", pressed)
        return made

    def _toggle(self, name: str, words: str) -> None:
        made = button(words, "plain", aria_pressed=str(getattr(self._shown, name)).lower())

        def pressed() -> None:
            self._shown = replace(self._shown, **{name: not getattr(self._shown, name)})
            made.put(aria_pressed=str(getattr(self._shown, name)).lower())
            self._redraw()

        made.on("click", pressed)

    def _toggle_every(self) -> None:
        self._shown = replace(self._shown, every=not self._shown.every)
        self._redraw()

    async def show(self, drawn: Drawn) -> None:
        """Read the bars again and draw them with what the plan's orders have done since."""
        is_news = drawn != self._subject.drawn
        self._subject = replace(self._subject, drawn=drawn)
        if is_news:
            self._redraw()
        await self.refresh()

    async def refresh(self) -> None:
        """Read the bars again and draw them; while a replay stands, nothing newer is drawn."""
        async with self._turn:
            await self._read()

    async def step(self, bars: int) -> None:
        """Show one bar less or more than is asked for now, and play no further."""
        self._halt()
        await self._move(bars)

    async def at_decision(self) -> None:
        """Show what was known when the plan was made, and play no further."""
        self._halt()
        await self._go(self._subject.drawn.decided_ms)

    async def at_present(self) -> None:
        """Show the newest bar, follow it, and play no further."""
        self._halt()
        await self._go(None)

    async def _advance(self) -> None:
        if self._view is not None and not self._view.has_later:
            self._halt()
            return
        await self._move(1)

    async def _move(self, bars: int) -> None:
        view = self._view
        if view is None or view.known_ms is None:
            return
        # Presses come faster than bars are read: each counts from where the one before it leads.
        is_read = self._read_request is self._request
        at_ms = view.known_ms if is_read else self._request.until_ms or view.known_ms
        if bars < 0 or view.has_later or not is_read:
            await self._go(at_ms + bars * view.bar_ms)

    async def _go(self, until_ms: int | None) -> None:
        wanted = self._request = replace(self._request, until_ms=until_ms)
        async with self._turn:
            if self._request is wanted:  # else somebody wants to see another moment by now
                await self._read()

    async def _read(self) -> None:
        wanted = self._request
        try:
            view = await asyncio.to_thread(self._visit.reader.chart, wanted)
        except SniperSightError as error:
            self._fail(error)
            return
        self._read_request = wanted
        if self._box.is_deleted or _unchanged(self._view, view):
            return
        self._view, self._facts = view, None
        self._redraw()

    def _halt(self) -> None:
        self._timer.active = False
        self._play.text = "Play"

    def _toggle_play(self) -> None:
        self._timer.active = not self._timer.active
        self._play.text = "Stop" if self._timer.active else "Play"

    async def scrolled(self, first: int, at_ms: int) -> None:
        """Show the facts known at the right edge of the window; fetch older bars at its left end.

        Args:
            first: number of the first bar in the window.
            at_ms: open of its last one.
        """
        view = self._view
        if view is None or view.known_ms is None:
            return
        if first == 0 and view.has_earlier and self._request.bars < MOST_BARS:
            self._request = replace(self._request, bars=MOST_BARS)
            await self.refresh()
            return
        edge_ms = at_ms + view.bar_ms
        await self._know(view, None if edge_ms >= view.known_ms else edge_ms)

    async def _know(self, view: ChartView, at_ms: int | None) -> None:
        facts: ChartView | None = None
        if at_ms is not None:
            asked = replace(self._request, until_ms=at_ms, bars=_FACT_BARS)
            try:
                facts = await asyncio.to_thread(self._visit.reader.chart, asked)
            except SniperSightError as error:
                self._visit.toast(str(error), "bad")
                return
        if self._view is not view or self._box.is_deleted or facts is self._facts:
            return  # other bars are drawn by now, or the same facts
        self._facts = facts
        self._tell_known()
        if self._chart is not None:
            drawn = self._subject.drawn
            self._chart.patch(
                overlay_series(view, drawn=drawn, facts=facts, shown=self._shown),
                price_tags(view, drawn=drawn, facts=facts),
            )

    def _redraw(self) -> None:
        view = self._view
        if view is None:
            return
        self._tell_known()
        if not view.open_ms:
            self._empty(view)
            return
        options = candle_options(
            view,
            drawn=self._subject.drawn,
            facts=self._facts,
            shown=self._shown,
            decimals=self._decimals,
        )
        if self._chart is not None and not self._chart.is_deleted:
            self._chart.show(options)
            return
        self._box.clear()
        with self._box:
            label = f"Candles of {view.symbol}, {view.timeframe}, with the plan's prices"
            self._chart = Chart(options, label=label, classes="candles")
            self._chart.on("scrolled", self._heard, ["first", "at"])

    def _tell_known(self) -> None:
        known = self._facts or self._view
        if known is not None:
            self._when.text = f"As known at {moment(known.known_ms)} UTC"
            self._remark.text = known.remark
            self._tell_zones(known)

    def _tell_zones(self, known: ChartView) -> None:
        """Say how many zones are drawn of how many there are; pressed, all of them are."""
        bars = self._view or known
        every, near = len(inside_zones(known, bars)), len(nearest_zones(known, bars))
        is_hiding = self._shown.zones and every > near
        self._every.text = f"All {every} zones" if self._shown.every else f"{near} of {every} zones"
        self._every.put(aria_pressed=str(self._shown.every).lower())
        self._every.classes(add="" if is_hiding else "hidden", remove="hidden" if is_hiding else "")

    async def _heard(self, event: GenericEventArguments) -> None:
        await self.scrolled(int(event.args["first"]), int(event.args["at"]))

    def _empty(self, view: ChartView) -> None:
        self._box.clear()
        self._chart = None
        with self._box:
            blank("No candles here", view.remark or "None are stored for this market.")

    def _fail(self, error: SniperSightError) -> None:
        if self._chart is not None or self._box.is_deleted:
            return  # what is drawn stays; the page above says that the store is away
        self._box.clear()
        with self._box:
            failed(error)
            ui.timer(_RETRY_S, self.refresh, once=True)


def _unchanged(before: ChartView | None, after: ChartView) -> bool:
    return before is not None and replace(before, read_ms=after.read_ms) == after
