"""A process that draws: what dies is replaced, what hangs is ended, and nothing outlives the bot."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from snipersight.bootstrap.drawing_process import ChartProcess
from snipersight.charts import ChartUnavailable
from snipersight.charts.rehearsal import example_picture

# Answers nothing, and tells how often it was started.
DIES = "import sys; open(sys.argv[1], 'a').write('x')"
KILLED = """
import os, signal
from snipersight.bootstrap.drawing_process import ChartProcess

charts = ChartProcess()
charts.start()
print(charts.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def charts() -> Iterator[ChartProcess]:
    made = ChartProcess()
    yield made
    made.end()


def pid_of(charts: ChartProcess) -> int:
    assert charts.pid is not None
    return charts.pid


def test_one_that_was_killed_is_replaced_and_the_chart_is_drawn(charts, tmp_path):
    charts.start()
    before = pid_of(charts)
    psutil.Process(before).kill()
    charts.draw(example_picture(), tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 10_000
    assert charts.pid != before


def test_what_ends_a_bot_is_not_for_the_process_that_draws_for_it(charts, tmp_path):
    charts.draw(example_picture(), tmp_path / "1.png")
    before = pid_of(charts)
    for one in (signal.SIGINT, signal.SIGTERM):
        psutil.Process(before).send_signal(one)
    charts.draw(example_picture(), tmp_path / "2.png")
    assert charts.pid == before


def test_what_cannot_be_written_is_told_as_it_is(charts, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ChartUnavailable, match="cannot be written"):
        charts.draw(example_picture(), tmp_path / "file/x.png")
    charts.draw(example_picture(), tmp_path / "x.png")


def test_a_fault_of_the_program_is_told_and_keeps_no_other_chart_away(charts, tmp_path):
    with pytest.raises(ChartUnavailable, match="AttributeError"):
        charts.draw("no picture", tmp_path / "x.png")
    charts.draw(example_picture(), tmp_path / "x.png")


def test_one_that_always_dies_is_asked_twice(tmp_path):
    charts = ChartProcess((sys.executable, "-c", DIES, str(tmp_path / "starts")))
    with pytest.raises(ChartUnavailable, match="no process can draw it"):
        charts.draw(example_picture(), tmp_path / "x.png")
    assert (tmp_path / "starts").read_text() == "xx"
    assert charts.pid is None


def test_one_that_hangs_is_not_waited_for(tmp_path):
    charts = ChartProcess(("sleep", "60"), patience_s=0.1)
    with pytest.raises(ChartUnavailable, match="-9"):
        charts.draw(example_picture(), tmp_path / "x.png")


def test_it_ends_with_a_bot_that_is_killed():
    killed = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, check=False)
    pid = int(killed.stdout)
    if psutil.pid_exists(pid):
        psutil.wait_procs([psutil.Process(pid)], timeout=20)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_no_secret_reaches_it(charts, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:abc")
    charts.draw(example_picture(), tmp_path / "x.png")
    assert "TELEGRAM_BOT_TOKEN" not in psutil.Process(pid_of(charts)).environ()
