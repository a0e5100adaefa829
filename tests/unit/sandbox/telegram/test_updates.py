"""Long polling."""

import asyncio

import pytest

from snipersight.sandbox.telegram.answers import Refusal
from snipersight.sandbox.telegram.updates import UpdateQueue


async def fetched(
    queue: UpdateQueue, offset: int = 0, limit: int = 100, wait_s: int = 0
) -> list[object]:
    """Return the ids of the updates of one request."""
    return [u["update_id"] for u in await queue.fetch(offset=offset, limit=limit, wait_s=wait_s)]


async def test_updates_stay_until_an_offset_confirms_them():
    queue = UpdateQueue()
    for _ in range(3):
        queue.put("message", {})
    assert await fetched(queue) == [1, 2, 3]
    assert await fetched(queue, limit=2) == [1, 2]
    assert await fetched(queue, offset=3) == [3]
    assert await fetched(queue) == [3]
    assert await fetched(queue, offset=4) == []


async def test_a_negative_offset_keeps_the_last_ones():
    queue = UpdateQueue()
    for _ in range(5):
        queue.put("message", {})
    assert await fetched(queue, offset=-2) == [4, 5]
    assert len(queue) == 2


async def test_a_poll_waits_for_the_next_update_and_gives_up_in_time():
    queue = UpdateQueue()
    waiting = asyncio.create_task(fetched(queue, wait_s=30))
    await asyncio.sleep(0)
    queue.put("message", {})
    assert await asyncio.wait_for(waiting, 5) == [1]
    assert await asyncio.wait_for(fetched(queue, offset=2, wait_s=1), 5) == []


async def test_a_second_poll_ends_the_first():
    queue = UpdateQueue()
    first = asyncio.create_task(fetched(queue, wait_s=30))
    await asyncio.sleep(0)
    second = asyncio.create_task(fetched(queue, wait_s=30))
    with pytest.raises(Refusal, match="terminated by other getUpdates request"):
        await asyncio.wait_for(first, 5)
    queue.put("message", {})
    assert await asyncio.wait_for(second, 5) == [1]


async def test_a_webhook_forbids_polling():
    queue = UpdateQueue()
    queue.has_webhook = True
    with pytest.raises(Refusal) as caught:
        await fetched(queue)
    assert caught.value.code == 409
