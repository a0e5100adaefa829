"""A cluster without workers is waited for as long as was said, and no longer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from snipersight.bootstrap.evidence.sweep_cluster import WatchedThreads
from snipersight.bootstrap.evidence.sweep_crews import opened_crew
from snipersight.domain.errors import StateUnavailable
from snipersight.engine.sweeping.carrying import carried_out
from tests.fakes.dask_processes import DaskProcesses
from tests.fakes.sweep_work import slowly_doubled

ADDRESS = "tls://scheduler.example:8786"


class Scene:
    """Threads that come and go on a clock that stands until it is moved."""

    def __init__(self, *, patience_s: float = 30) -> None:
        self.now_s, self.threads, self.asked = 100.0, 2, 0
        self.told: list[str] = []
        self.watched = WatchedThreads(
            self.count,
            where=ADDRESS,
            patience_s=patience_s,
            tell=self.told.append,
            clock=lambda: self.now_s,
        )

    def count(self) -> int:
        self.asked += 1
        return self.threads

    def after(self, seconds: float, *, threads: int | None = None) -> float:
        """Return for how long nobody has been there, so many seconds later."""
        self.now_s += seconds
        self.threads = self.threads if threads is None else threads
        return self.watched.absent_s()


def test_absence_is_counted_from_when_somebody_was_last_there():
    scene = Scene()
    assert [scene.after(10), scene.after(10, threads=0), scene.after(15)] == [0, 10, 25]
    assert scene.after(2, threads=1) == 0
    assert scene.after(2, threads=0) == 2


def test_it_is_told_once_and_once_more_when_somebody_is_back():
    scene = Scene()
    for _ in range(10):
        scene.after(1, threads=0)
    (gone,) = scene.told
    assert "no worker of the cluster has been there for 5 s" in gone
    assert "after 30 s the sweep ends" in gone
    assert f"dask worker {ADDRESS}" in gone
    scene.after(1, threads=1)
    assert scene.told[1:] == ["workers of the cluster are there again"]


def test_a_worker_that_is_replaced_at_once_is_not_worth_a_word():
    scene = Scene()
    scene.after(2, threads=0)
    scene.after(2, threads=1)
    assert scene.told == []


def test_patience_ends_when_it_was_said_to_and_says_what_to_do():
    scene = Scene(patience_s=30)
    scene.after(30, threads=0)
    with pytest.raises(StateUnavailable, match="gone, and for 31 s none has come") as ended:
        scene.after(1)
    assert ended.value.where == ADDRESS
    assert f"dask worker {ADDRESS} --nthreads 1" in ended.value.next_step
    assert "run the same command again" in ended.value.next_step
    assert "what was made is kept" in ended.value.next_step


def test_a_scheduler_is_asked_once_a_second_however_often_we_look():
    scene = Scene()
    for _ in range(40):
        scene.after(0.2)
    assert scene.asked <= 10


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[DaskProcesses]:
    pytest.importorskip("distributed")
    one = DaskProcesses(tmp_path, {}, protocol="tcp")
    one.add_worker()
    yield one
    one.close()


@pytest.mark.slow
def test_a_cluster_that_lost_all_workers_is_given_up_after_its_time(cluster):
    with opened_crew(workers=1, cluster=cluster.address, patience_s=3) as crew:
        running = carried_out(range(60), slowly_doubled, crew)
        made = [next(running) for _ in range(3)]
        cluster.kill_workers()
        began_s = time.monotonic()
        with pytest.raises(StateUnavailable, match="all workers of the cluster are gone"):
            made += running
    assert 3 <= time.monotonic() - began_s < 20
    assert all(result == 2 * place for place, result in made)


@pytest.mark.slow
def test_workers_that_come_in_time_make_the_rest(cluster):
    told: list[str] = []
    away: list[float] = []

    def tick(absent_s: float) -> None:
        away.append(absent_s)
        if absent_s > 6 and not cluster.workers:
            cluster.add_worker()

    made: dict[int, object] = {}
    with opened_crew(workers=1, cluster=cluster.address, patience_s=60, tell=told.append) as crew:
        for place, result in carried_out(range(8), slowly_doubled, crew, tick=tick):
            made[place] = result
            if len(made) == 2:
                cluster.kill_workers()
    assert made == {number: 2 * number for number in range(8)}
    assert max(away) > 6
    assert [one.split(",")[0] for one in told] == [
        told[0].split(",")[0],
        "workers of the cluster are there again",
    ]


@pytest.mark.slow
def test_a_scheduler_that_dies_ends_the_work_with_a_word(cluster):
    with opened_crew(workers=1, cluster=cluster.address, patience_s=60) as crew:
        running = carried_out(range(60), slowly_doubled, crew)
        next(running)
        cluster.scheduler.kill()
        with pytest.raises(StateUnavailable, match="was lost") as ended:
            list(running)
    assert "run the same command again" in ended.value.next_step
