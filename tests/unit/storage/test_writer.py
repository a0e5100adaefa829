"""The writer thread and the question of who came first: the caller who gave up, or the commit."""

import threading

import pytest

from snipersight.storage.writer import Abandoned, Job, Stage, WriterThread


@pytest.fixture
def thread():
    ended = threading.Event()
    started = WriterThread("test-writer", at_end=ended.set)
    yield started
    assert started.close(5)


def test_jobs_run_one_after_another_on_one_thread(thread):
    seen: list[tuple[int, int]] = []

    def numbered(number: int) -> Job[None]:
        return Job(lambda _job: seen.append((number, threading.get_ident())))

    jobs = [numbered(number) for number in range(20)]
    for job in jobs:
        assert thread.submit(job.run)
    assert all(job.wait(5) for job in jobs)

    assert [number for number, _ in seen] == list(range(20))
    assert len({ident for _, ident in seen}) == 1
    assert seen[0][1] != threading.get_ident()


def test_an_error_of_a_job_is_raised_where_it_was_submitted_and_the_next_one_runs(thread):
    def fail(_job):
        raise KeyError("x")

    bad, good = Job(fail), Job(lambda _job: 7)
    thread.submit(bad.run)
    thread.submit(good.run)

    assert bad.wait(5)
    with pytest.raises(KeyError):
        bad.outcome()
    assert good.wait(5)
    assert good.outcome() == 7


def test_a_job_abandoned_in_line_never_runs():
    ran: list[int] = []
    job = Job(lambda _job: ran.append(1))

    assert job.abandon() is Stage.WAITING
    job.run()

    assert ran == []


def test_a_job_abandoned_while_it_runs_cannot_commit():
    def work(job):
        assert job.abandon() is Stage.RUNNING
        with pytest.raises(Abandoned):
            job.check()
        job.begin_commit()

    job = Job(work)
    job.run()

    with pytest.raises(Abandoned):
        job.outcome()


def test_a_commit_that_has_begun_is_not_stopped():
    def work(job):
        job.begin_commit()
        assert job.abandon() is Stage.COMMITTING
        job.check()
        return "stored"

    job = Job(work)
    job.run()

    assert job.outcome() == "stored"
    assert job.abandon() is Stage.DONE


def test_the_thread_ends_what_is_in_line_when_it_is_closed():
    ended = threading.Event()
    thread = WriterThread("test-writer", at_end=ended.set)
    jobs = [Job(lambda _job: 1) for _ in range(5)]
    for job in jobs:
        thread.submit(job.run)

    assert thread.close(5)
    assert thread.close(5)

    assert all(job.stage is Stage.DONE for job in jobs)
    assert ended.is_set()
    assert not thread.submit(jobs[0].run)


def test_a_thread_that_hangs_is_not_waited_for_longer_than_asked():
    release = threading.Event()
    thread = WriterThread("test-writer", at_end=lambda: None)
    thread.submit(Job(lambda _job: release.wait(30)).run)

    assert not thread.close(0.05)

    release.set()
    assert thread.close(5)
