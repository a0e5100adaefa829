"""A store that is away, a lease that went to another: nothing is lost, doubles are known."""

import asyncio
import random
from collections import Counter

import pytest

from snipersight.domain.channels import Delivered
from snipersight.domain.errors import OutcomeUnknown, StateUnavailable
from tests.fakes.chatting import (
    AWAY,
    Chatting,
    Scripted,
    a_sender,
    an_outbox,
    draft,
    in_order,
    messages,
)
from tests.fakes.memory_lease import MemoryLease
from tests.fakes.virtual_time import VirtualLoop, run_virtually


def test_an_hour_without_a_store_doubles_and_loses_nothing():
    async def main():
        loop = asyncio.get_running_loop()
        outbox, channel = an_outbox(), Chatting(random.Random(3))
        outbox.fan_out([], drafts := messages(60, chats=9))
        sending = asyncio.create_task(a_sender(outbox, channel).drain(until_empty=True))
        await asyncio.sleep(2.05)
        outbox.error = AWAY
        sent_before = len(channel.arrived)
        await asyncio.sleep(3600)
        assert len(channel.arrived) <= sent_before + 8
        outbox.error = None
        back_s = loop.time()
        report = await sending
        assert loop.time() - back_s < 60
        assert Counter(key for _, key in channel.arrived) == Counter(one.key for one in drafts)
        assert not any(one.is_ambiguous for one in outbox.items)
        return report.sent

    assert run_virtually(main) == 60


def test_an_outcome_that_may_have_been_stored_is_stored_again_and_counted_once():
    async def main():
        outbox = an_outbox()

        async def arrive():
            outbox.error = OutcomeUnknown("the commit was cut off")
            asyncio.get_running_loop().call_later(3, setattr, outbox, "error", None)
            return Delivered()

        outbox.fan_out([], [draft("a")])
        return await a_sender(outbox, Scripted(a=[arrive])).drain(until_empty=True)

    report = run_virtually(main)
    assert (report.sent, report.waiting) == (1, 0)


def test_whoever_set_a_time_is_not_held_up_by_a_store_that_stays_away():
    async def main():
        loop = asyncio.get_running_loop()
        outbox, channel = an_outbox(), Chatting(random.Random(3))
        outbox.fan_out([], drafts := messages(6, chats=3))
        sender = a_sender(outbox, channel)
        sending = asyncio.create_task(sender.drain(until_empty=True, deadline_s=60))
        await asyncio.sleep(0.05)  # requests are under way
        outbox.error = AWAY
        begun_s = loop.time()
        with pytest.raises(StateUnavailable, match="locked"):
            await sending
        assert loop.time() - begun_s < 110
        outbox.error = None
        await a_sender(outbox, channel).drain(until_empty=True)
        assert in_order(channel.arrived, drafts)
        twice = {key for (_, key), times in Counter(channel.arrived).items() if times > 1}
        assert 0 < len(twice) <= 3
        assert twice <= {one.draft.key for one in outbox.items if one.is_ambiguous}

    run_virtually(main)


def test_while_another_one_sends_this_one_says_so_and_sends_nothing():
    async def main():
        outbox, channel = an_outbox(), Scripted()
        outbox.fan_out([], [draft("a")])
        other = MemoryLease(outbox, "other")
        keeping = asyncio.create_task(kept(other))
        report = await a_sender(outbox, channel).drain(until_empty=True)
        keeping.cancel()
        assert channel.sent == []
        return report.is_elsewhere, report.waiting

    assert run_virtually(main) == (True, 1)


async def kept(lease: MemoryLease) -> None:
    while lease.keep():  # noqa: ASYNC110  it waits for time to pass
        await asyncio.sleep(1)


def test_a_sender_whose_lease_went_to_another_stops_and_both_send_each_message_once():
    async def main():
        outbox, channel = an_outbox(), Chatting(random.Random(5), slowest_s=0.2)
        outbox.fan_out([], drafts := messages(60, chats=5))
        first = asyncio.create_task(a_sender(outbox, channel, owner="1").drain(until_empty=True))
        await asyncio.sleep(3)
        outbox.holder, outbox.holder_until_us = "2", outbox.now_us() + 2_000_000
        report = await first
        assert report.is_elsewhere
        last = await a_sender(outbox, channel, owner="2").drain(until_empty=True)
        assert report.sent + last.sent == 60
        counted = Counter(key for _, key in channel.arrived)
        assert set(counted) == {one.key for one in drafts}
        twice = {key for key, times in counted.items() if times > 1}
        assert twice <= {one.draft.key for one in outbox.items if one.is_ambiguous}

    run_virtually(main)


def test_what_was_claimed_leaves_only_while_the_lease_is_held(monkeypatch):
    async def main():
        outbox, channel = an_outbox(), Scripted()
        outbox.fan_out([], [draft("a")])
        claim, slow = outbox.claim_deliveries, [True]
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)

        def slow_claim(*args, **options):
            claimed = claim(*args, **options)
            if claimed and slow.pop():  # the machine slept; meanwhile the lease has run out
                loop.sleep_through(20)
                slow.append(False)
            return claimed

        monkeypatch.setattr(outbox, "claim_deliveries", slow_claim)
        report = await a_sender(outbox, channel).drain(until_empty=True)
        assert len(outbox.attempts) == 2
        assert not outbox.items[0].is_ambiguous
        return channel.sent, report.sent

    assert run_virtually(main) == ([("7", "a")], 1)


def test_a_bug_in_recording_ends_the_sender_loudly(monkeypatch):
    async def main():
        outbox, channel = an_outbox(), Scripted()
        outbox.fan_out([], [draft("a"), draft("b")])
        monkeypatch.setattr(outbox, "delivered", lambda *_, **__: 1 / 0)
        await a_sender(outbox, channel).drain(until_empty=True)

    with pytest.raises(ZeroDivisionError):
        run_virtually(main)
