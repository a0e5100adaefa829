import asyncio
import threading

import pytest

from snipersight.bot.notifications.channels.apart import call_apart


async def test_calls_that_hang_keep_no_other_waiting() -> None:
    end = threading.Event()
    hanging = [asyncio.create_task(call_apart(end.wait)) for _ in range(40)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert await asyncio.to_thread(lambda: "stored") == "stored"
        assert await call_apart(lambda: "sent") == "sent"
    end.set()
    assert await asyncio.gather(*hanging) == [True] * 40


async def test_what_a_call_raises_reaches_whoever_waits() -> None:
    def fail() -> None:
        raise OSError("no line")

    with pytest.raises(OSError, match="no line"):
        await call_apart(fail)


async def test_an_answer_that_nobody_waits_for_any_more_is_dropped() -> None:
    begun, end = threading.Event(), threading.Event()

    def slow() -> bool:
        begun.set()
        return end.wait()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await call_apart(slow)
    end.set()
    await asyncio.sleep(0.05)
    assert begun.is_set()


def test_a_call_outlives_its_loop_in_silence() -> None:
    end, over = threading.Event(), threading.Event()

    def slow() -> None:
        end.wait()
        over.set()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await call_apart(slow)

    asyncio.run(give_up())
    end.set()
    assert over.wait(5)
