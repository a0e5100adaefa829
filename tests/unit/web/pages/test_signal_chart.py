"""A replay goes as many bars as it was pressed, and stands still once somebody has said where."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from snipersight.bootstrap.dashboard.views import ChartRequest, ChartView
from snipersight.web.charts.candles import Drawn
from snipersight.web.pages.signal_chart import SignalChart, Subject
from snipersight.web.pages.visit import Visit
from tests.unit.web.charts.views import a_view, at

BARS = 40
NEWEST_MS = at(BARS)


class SlowCharts:
    """Answers with the bars up to the moment that is asked for, after a while."""

    def __init__(self) -> None:
        self.asked: list[int | None] = []

    def chart(self, request: ChartRequest) -> ChartView:
        self.asked.append(request.until_ms)
        time.sleep(0.02)
        until_ms = min(request.until_ms or NEWEST_MS, NEWEST_MS)
        bars = sum(1 for bar in range(BARS) if at(bar + 1) <= until_ms)
        return a_view(bars, has_later=bars < BARS)


@pytest.fixture
def charts() -> SlowCharts:
    return SlowCharts()


async def opened(charts: SlowCharts, draw_here: Callable[[], object]) -> SignalChart:
    """Return a chart that shows the newest bar."""
    request = ChartRequest(venue="sandbox", symbol="BTC/USDT", timeframe="15m")
    subject = Subject(request=request, drawn=Drawn(decided_ms=at(30)))
    draw_here()
    chart = SignalChart(cast("Visit", SimpleNamespace(reader=charts)), subject)
    await chart.refresh()
    return chart


def shown_ms(chart: SignalChart) -> int | None:
    assert chart._view is not None
    return chart._view.known_ms


@pytest.mark.parametrize("presses", [1, 2, 12])
async def test_so_many_presses_are_so_many_bars_however_quick(draw_here, charts, presses):
    chart = await opened(charts, draw_here)
    await asyncio.gather(*(chart.step(-1) for _ in range(presses)))
    assert shown_ms(chart) == at(BARS - presses)
    await asyncio.gather(*(chart.step(1) for _ in range(presses)))
    assert shown_ms(chart) == NEWEST_MS


async def test_past_the_newest_bar_presses_lead_nowhere_and_back_is_one_bar(draw_here, charts):
    chart = await opened(charts, draw_here)
    await chart.step(-1)
    await asyncio.gather(*(chart.step(1) for _ in range(5)))
    await chart.step(-1)
    assert shown_ms(chart) == at(BARS - 1)


async def test_moments_that_nobody_waits_for_any_more_are_not_read(draw_here, charts):
    chart = await opened(charts, draw_here)
    charts.asked.clear()
    await asyncio.gather(*(chart.step(-1) for _ in range(12)))
    assert len(charts.asked) <= 2


@pytest.mark.parametrize("press", ["back", "decision", "now"])
async def test_whoever_says_where_to_stand_stops_the_play(draw_here, charts, press):
    chart = await opened(charts, draw_here)
    await chart.step(-5)
    chart._toggle_play()
    assert chart._timer.active
    if press == "back":
        await chart.step(-1)
    elif press == "decision":
        await chart.at_decision()
    else:
        await chart.at_present()
    assert not chart._timer.active
    assert chart._play.text == "Play"


async def test_what_plays_stops_at_the_newest_bar(draw_here, charts):
    chart = await opened(charts, draw_here)
    await chart.step(-2)
    chart._toggle_play()
    for _ in range(5):
        await chart._advance()
    assert shown_ms(chart) == NEWEST_MS
    assert not chart._timer.active
