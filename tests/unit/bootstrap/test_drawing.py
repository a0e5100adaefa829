"""Charts are drawn one after the other, whoever asks: for a scan on one thread, for a bot elsewhere."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

import snipersight.charts
from snipersight.bootstrap.drawing import DrawingProcess, DrawingThread
from snipersight.bootstrap.drawing_process import ChartProcess
from snipersight.charts import ChartUnavailable, render_plan
from snipersight.charts.rehearsal import example_picture


async def test_every_chart_is_drawn_on_the_same_thread_one_after_the_other(monkeypatch):
    drawn: list[tuple[Any, str, str]] = []

    def save(picture: Any, path: Path) -> None:
        drawn.append((picture, path.name, threading.current_thread().name))

    monkeypatch.setattr(snipersight.charts, "save_plan", save)
    drawing = DrawingThread()
    await asyncio.gather(*(drawing.save(n, Path(f"{n}.png")) for n in (1, 2, 3)))  # type: ignore[arg-type]
    assert [name for _, name, _ in drawn] == ["1.png", "2.png", "3.png"]
    (thread,) = {thread for _, _, thread in drawn}
    assert thread != threading.main_thread().name


async def test_what_cannot_be_drawn_is_told_to_whoever_asked(monkeypatch):
    def save(_picture: Any, path: Path) -> None:
        raise ChartUnavailable("the disk is full", where=str(path))

    monkeypatch.setattr(snipersight.charts, "save_plan", save)
    with pytest.raises(ChartUnavailable, match="full"):
        await DrawingThread().save(1, Path("x.png"))  # type: ignore[arg-type]


async def test_a_bot_has_its_charts_drawn_by_one_process_that_ends_with_it(tmp_path):
    before = set(psutil.Process().children())
    charts = ChartProcess()
    drawing = DrawingProcess(charts)
    drawing.warm_up()
    drawing.warm_up()
    paths = [tmp_path / f"{number}.png" for number in (1, 2)]
    await asyncio.gather(*(drawing.save(example_picture(), path) for path in paths))
    (child,) = set(psutil.Process().children()) - before
    assert child.pid == charts.pid
    for path in paths:
        assert path.read_bytes() == render_plan(example_picture())
    await drawing.close()
    assert not child.is_running()
    with pytest.raises(ChartUnavailable, match="nothing more"):
        await drawing.save(example_picture(), tmp_path / "late.png")


async def test_a_chart_that_hangs_keeps_no_bot_from_ending(tmp_path):
    charts = ChartProcess(("sleep", "60"))
    charts.start()
    child = psutil.Process(charts.pid)
    drawing = DrawingProcess(charts)
    saving = asyncio.create_task(drawing.save(example_picture(), tmp_path / "x.png"))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await drawing.close()
    assert not child.is_running()
    with pytest.raises(ChartUnavailable):
        await saving
