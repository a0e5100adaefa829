"""Whatever goes wrong, and whoever is killed: each message arrives, in order, within the limits."""

import asyncio
import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.bot.notifications.sending.send_report import SendReport
from tests.fakes.chatting import (
    AWAY,
    Chatting,
    a_sender,
    an_outbox,
    in_order,
    messages,
)
from tests.fakes.memory_lease import MemoryLease
from tests.fakes.virtual_time import run_virtually


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 120),
    chats=st.integers(1, 60),
    groups=st.integers(0, 4),
    concurrency=st.integers(1, 40),
    slowest_s=st.sampled_from([0.0, 0.01, 0.3, 2.0]),
)
def test_without_faults_everything_arrives_once_in_order_and_no_limit_is_passed(
    seed, count, chats, groups, concurrency, slowest_s
):
    async def main():
        drafts = messages(count, chats=chats, groups=groups)
        outbox, channel = an_outbox(), Chatting(random.Random(seed), slowest_s=slowest_s)
        outbox.fan_out([], drafts)
        report = await a_sender(outbox, channel, concurrency=concurrency).drain(until_empty=True)
        assert channel.windows.over == 0
        assert Counter(key for _, key in channel.arrived) == Counter(one.key for one in drafts)
        assert in_order(channel.arrived, drafts)
        assert report == SendReport(
            sent=count, retried=0, buried=0, stopped=0, ambiguous=0, waiting=0
        )

    run_virtually(main)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 60),
    chats=st.integers(1, 20),
    groups=st.integers(0, 3),
    shares=st.lists(st.floats(0, 0.2), min_size=4, max_size=4),
)
def test_with_faults_nothing_is_lost_and_what_came_twice_is_known(
    seed, count, chats, groups, shares
):
    async def main():
        drafts = messages(count, chats=chats, groups=groups)
        kinds = ("unreachable", "drop_before", "drop_after", "flood")
        channel = Chatting(random.Random(seed), faults=dict(zip(kinds, shares, strict=True)))
        outbox = an_outbox()
        outbox.fan_out([], drafts)
        report = await a_sender(outbox, channel).drain(until_empty=True)
        assert channel.windows.over == 0
        counted = Counter(key for _, key in channel.arrived)
        assert set(counted) == {one.key for one in drafts}
        assert counted.total() - count <= channel.dropped_after
        twice = {key for key, times in counted.items() if times > 1}
        assert twice <= {one.draft.key for one in outbox.items if one.is_ambiguous}
        assert in_order(channel.arrived, drafts)
        assert (report.sent, report.waiting) == (count, 0)

    run_virtually(main)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), lives=st.lists(st.floats(0.1, 6), min_size=1, max_size=6))
def test_senders_that_are_killed_lose_nothing_and_pass_no_limit(seed, lives):
    """Each is cut off at any moment, without a word to the store, and the next one takes over."""

    async def main():
        drafts = messages(80, chats=12, groups=2)
        channel = Chatting(random.Random(seed), faults={"drop_after": 0.1, "drop_before": 0.1})
        outbox = an_outbox()
        outbox.fan_out([], drafts)
        for number, life_s in enumerate(lives):
            lease = MemoryLease(outbox, f"life-{number}", for_us=1_000_000)
            await killed_after(life_s, a_sender(outbox, channel, lease=lease))
        lease = MemoryLease(outbox, "last", for_us=1_000_000)
        report = await a_sender(outbox, channel, lease=lease).drain(until_empty=True)
        counted = Counter(key for _, key in channel.arrived)
        assert channel.windows.over == 0
        assert set(counted) == {one.key for one in drafts}
        assert counted.total() - 80 <= channel.dropped_after + 8 * len(lives)
        twice = {key for key, times in counted.items() if times > 1}
        assert twice <= {one.draft.key for one in outbox.items if one.is_ambiguous}
        assert in_order(channel.arrived, drafts)
        assert report.waiting == 0

    run_virtually(main)


async def killed_after(life_s: float, sender) -> None:
    """Let a sender run for a while, then end every task of it where it stands."""
    before = asyncio.all_tasks()
    life = asyncio.create_task(sender.drain(until_empty=True))
    await asyncio.wait([life], timeout=life_s)
    sender._outbox.error = AWAY  # a dead process stores nothing
    sender.request_stop()
    while left := asyncio.all_tasks() - before:
        for task in left:
            task.cancel()
        await asyncio.wait(left)
        for task in left:
            if not task.cancelled():
                task.exception()
    sender._outbox.error = None


def test_messages_leave_as_fast_as_the_limits_allow():
    async def main():
        outbox, channel = an_outbox(), Chatting(random.Random(1), slowest_s=0.005)
        outbox.fan_out([], messages(290, chats=50))
        started_s = asyncio.get_running_loop().time()
        await a_sender(outbox, channel).drain(until_empty=True)
        return asyncio.get_running_loop().time() - started_s

    assert run_virtually(main) < 290 / 27
