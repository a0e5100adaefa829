"""Charts are drawn on one thread, whoever asks for them."""

import asyncio
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import snipersight.charts
import snipersight.charts.rehearsal
from snipersight.bootstrap.drawing import Drawing
from snipersight.charts import ChartUnavailable


async def test_every_chart_is_drawn_on_the_same_thread_one_after_the_other(monkeypatch):
    drawn: list[tuple[Any, str, str]] = []

    def save(picture: Any, path: Path) -> None:
        drawn.append((picture, path.name, threading.current_thread().name))

    monkeypatch.setattr(snipersight.charts, "save_plan", save)
    drawing = Drawing()
    await asyncio.gather(*(drawing.save(n, Path(f"{n}.png")) for n in (1, 2, 3)))  # type: ignore[arg-type]
    assert [name for _, name, _ in drawn] == ["1.png", "2.png", "3.png"]
    (thread,) = {thread for _, _, thread in drawn}
    assert thread != threading.main_thread().name


async def test_what_cannot_be_drawn_is_told_to_whoever_asked(monkeypatch):
    def save(_picture: Any, path: Path) -> None:
        raise ChartUnavailable("the disk is full", where=str(path))

    monkeypatch.setattr(snipersight.charts, "save_plan", save)
    with pytest.raises(ChartUnavailable, match="full"):
        await Drawing().save(1, Path("x.png"))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _turns():
    before_s = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before_s)


async def test_threads_take_short_turns_once_charts_are_to_come(monkeypatch):
    monkeypatch.setattr(snipersight.charts.rehearsal, "rehearse", lambda: None)
    Drawing().warm_up()
    assert sys.getswitchinterval() == pytest.approx(0.001)


async def test_a_chart_that_nobody_sees_is_drawn_once_and_on_the_same_thread(monkeypatch):
    threads: list[str] = []

    def note(*_: Any) -> None:
        threads.append(threading.current_thread().name)

    monkeypatch.setattr(snipersight.charts.rehearsal, "rehearse", note)
    monkeypatch.setattr(snipersight.charts, "save_plan", note)
    drawing = Drawing()
    drawing.warm_up()
    drawing.warm_up()
    await drawing.save(1, Path("x.png"))  # type: ignore[arg-type]
    assert len(threads) == 2
    assert len(set(threads)) == 1


async def test_what_keeps_a_rehearsal_from_ending_keeps_no_chart_away(monkeypatch):
    def fail() -> None:
        raise OSError("the fonts cannot be read")

    saved: list[Path] = []
    monkeypatch.setattr(snipersight.charts.rehearsal, "rehearse", fail)
    monkeypatch.setattr(snipersight.charts, "save_plan", lambda _, path: saved.append(path))
    drawing = Drawing()
    drawing.warm_up()
    await drawing.save(1, Path("x.png"))  # type: ignore[arg-type]
    assert saved == [Path("x.png")]
