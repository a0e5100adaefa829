import asyncio
import threading

import pytest

from snipersight.bootstrap.evidence.leaving import Progress, done_in_thread


async def test_work_returns_and_tells_how_far_it_is():
    told: list[tuple[str, int, int]] = []

    def work(tell: Progress) -> int:
        tell("counting", 1, 2)
        return 42

    assert await done_in_thread(work, progress=lambda *one: told.append(one)) == 42
    assert told == [("counting", 1, 2)]


async def test_what_the_work_raises_is_raised():
    def work(tell: Progress) -> int:
        raise ValueError("no bars")

    with pytest.raises(ValueError, match="no bars"):
        await done_in_thread(work, progress=lambda *_: None)


async def test_work_that_nobody_waits_for_ends_when_it_next_tells_of_itself():
    began, ended, steps = threading.Event(), threading.Event(), list[int]()

    def work(tell: Progress) -> None:
        try:
            for step in range(10_000):
                tell("stepping", step, 10_000)
                steps.append(step)
                began.set()
                ended.wait(0.01)
        finally:
            ended.set()

    task = asyncio.ensure_future(done_in_thread(work, progress=lambda *_: None))
    assert await asyncio.to_thread(began.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 10)
    assert len(steps) < 10_000
