"""The benchmark of the dashboard: what is measured is what its figures say."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.bench_dashboard import nobody_looks
from benchmarks.dashboard_browser import Delays, update_figures
from benchmarks.dashboard_events import Heard
from benchmarks.dashboard_pan import Drag, pan_figures


def test_without_a_browser_its_figures_are_missed_and_say_why():
    figures = nobody_looks()
    assert len(figures) == 3
    assert all(one.value is None and one.is_met is False for one in figures)
    assert all("Chromium" in one.note for one in figures)


async def test_a_client_counts_from_the_first_figures_after_an_event():
    heard = Heard()
    heard.add(10.0)
    waiting = asyncio.create_task(heard.after(11.0))
    await asyncio.sleep(0)
    assert not waiting.done()
    for at_s in (11.5, 12.0):
        heard.add(at_s)
    assert await waiting == pytest.approx(0.5)


def test_an_update_counts_in_its_95th_percentile_over_both_kinds_of_events():
    delays = Delays(
        signals_s=[0.2] * 19, states_s=[0.1] * 18 + [0.4] * 3, stored_s=[0.01], told_s=[0.3]
    )
    update, stream = update_figures(delays)
    assert update.value == pytest.approx(400)
    assert update.is_met is False
    assert "40 events" in update.note
    assert stream.value == pytest.approx(300)


def test_the_window_that_is_dragged_worse_counts_and_one_bad_drag_does_not():
    even, bad = [16.0] * 100, [16.0] * 90 + [200.0] * 10
    near = [Drag(even, 4.0, 200), Drag(even, 4.0, 200), Drag(bad, 4.0, 200)]
    far = [Drag([40.0] * 100, 9.0, 200)] * 3
    frames, cost = pan_figures({120: near, 1_000: far})
    assert (frames.value, frames.is_met) == (40, True)
    assert "120 in sight 16 ms" in frames.note
    assert cost.value == 9
