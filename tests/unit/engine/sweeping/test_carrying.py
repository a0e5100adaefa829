"""Tasks come to an end whoever dies on the way, and a death costs its own task alone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from snipersight.engine.sweeping.carrying import Failed, carried_out
from snipersight.engine.sweeping.crews import ExecutorCrew, LocalCrew
from tests.fakes.sweep_work import doubled, fatal, unusable, worker_of


@pytest.fixture
def pair() -> Iterator[LocalCrew]:
    crew = LocalCrew(2)
    yield crew
    crew.close()


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_processes_and_threads_give_the_same(pair):
    wanted = {place: 2 * number for place, number in enumerate(range(10, 20))}
    assert dict(carried_out(range(10, 20), doubled, pair)) == wanted
    with ThreadPoolExecutor(3) as pool:
        assert dict(carried_out(range(10, 20), doubled, ExecutorCrew(pool, 3))) == wanted


def test_a_process_makes_many_runs_and_there_are_as_many_as_were_asked_for(pair):
    assert len({found for _place, found in carried_out(range(12), worker_of, pair)}) <= 2


def test_a_task_whose_worker_is_killed_is_done_by_another(pair, tmp_path):
    tasks = [(number, str(tmp_path), number == 3) for number in range(6)]
    found = dict(carried_out(tasks, fatal, pair))
    assert found == {number: 2 * number for number in range(6)}
    assert [one.name for one in tmp_path.iterdir()] == ["3-0"]


def test_a_task_that_kills_two_workers_fails_and_no_other_is_tried_twice(pair, tmp_path):
    tasks = [(number, str(tmp_path), 9 if number == 2 else 0) for number in range(6)]
    found = dict(carried_out(tasks, fatal, pair))
    failed = found.pop(2)
    assert isinstance(failed, Failed)
    assert "ended its worker 2 times" in failed.reason
    assert found == {number: 2 * number for number in (0, 1, 3, 4, 5)}
    assert sorted(one.name for one in tmp_path.iterdir()) == ["2-0", "2-1"]


@pytest.mark.parametrize("threads", [0, 1])
def test_data_that_cannot_be_used_fails_its_task_alone(pair, threads):
    pool = ThreadPoolExecutor(threads) if threads else None
    crew = pair if pool is None else ExecutorCrew(pool, 2)
    found = dict(carried_out([0, 1, 3], unusable, crew))
    assert found[0] == 0
    assert isinstance(found[1], Failed)
    assert found[1].reason == "BTC/USDT: a bar is missing"
    assert isinstance(found[2], Failed)  # out of memory, twice
    if pool is not None:
        pool.shutdown()


def test_a_fault_of_the_program_is_raised(pair):
    with pytest.raises(ZeroDivisionError, match="a fault"):
        list(carried_out([0, 2], unusable, pair))


def test_who_leaves_is_noticed_while_nothing_ends_and_takes_the_workers_along():
    crew = LocalCrew(1)
    ((_place, pid),) = carried_out([0], worker_of, crew)
    assert isinstance(pid, int)

    def leave(_absent_s: float) -> None:
        raise KeyError("left")

    started = time.monotonic()
    with pytest.raises(KeyError, match="left"):
        list(carried_out([60], time.sleep, crew, tick=leave))
    crew.close()
    assert time.monotonic() - started < 10
    waited_for(lambda: not is_running(pid))


def test_workers_end_when_the_program_is_killed(tmp_path):
    pids = tmp_path / "pids"
    words = [sys.executable, "-c", _ORPHANS, str(pids)]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as parent:
        waited_for(lambda: pids.exists() and bool(pids.read_text()))
        worker = int(pids.read_text())
        was_running = is_running(worker)
        parent.kill()
    assert was_running
    waited_for(lambda: not is_running(worker))


_ORPHANS = """
import sys, time
from pathlib import Path
from snipersight.engine.sweeping.carrying import carried_out
from snipersight.engine.sweeping.crews import LocalCrew
from tests.fakes.sweep_work import worker_of
if __name__ == "__main__":
    crew = LocalCrew(1)
    ((_, pid),) = carried_out([0], worker_of, crew)
    Path(sys.argv[1]).write_text(str(pid))
    time.sleep(60)
"""


def waited_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)
