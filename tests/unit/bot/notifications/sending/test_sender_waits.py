"""Whoever is asked to wait waits, and nobody else; what stays away is asked less and less."""

import asyncio
import itertools
import math

import pytest

from snipersight.domain.channels import Delivered, TryAgain
from tests.fakes.chatting import (
    Scripted,
    a_sender,
    an_outbox,
    draft,
    messages,
)
from tests.fakes.virtual_time import run_virtually


def test_a_chat_that_is_asked_to_wait_waits_and_others_go_on():
    async def main():
        channel = Scripted(a=[TryAgain(error="429", after_s=30)])
        outbox = an_outbox()
        outbox.fan_out([], [draft("a"), draft("b"), draft("x", "8"), draft("y", "8")])
        report = await a_sender(outbox, channel).drain(until_empty=True)
        times = dict(zip([key for _, key in channel.sent], channel.times, strict=True))
        assert report.retried == 1
        return channel, times

    channel, times = run_virtually(main)
    assert [key for _, key in channel.sent] == ["a", "x", "y", "a", "b"]
    assert times["a"] - channel.times[0] >= 30
    assert times["y"] - channel.times[0] < 2


def test_a_channel_at_its_limit_waits_as_a_whole_and_another_goes_on():
    async def main():
        channel = Scripted(a=[TryAgain(error="429", after_s=30, is_whole_channel=True)])
        other, outbox = Scripted("webhook"), an_outbox()
        drafts = [draft("a"), draft("b", channel="webhook"), draft("c", "8"), draft("d", "9")]
        outbox.fan_out([], drafts)
        await a_sender(outbox, channel, other, concurrency=1).drain(until_empty=True)
        return channel, other

    channel, other = run_virtually(main)
    assert [key for _, key in channel.sent] == ["a", "a", "c", "d"]
    assert channel.times[1] - channel.times[0] >= 30
    assert other.times[0] - channel.times[0] < 1


def test_a_channel_that_is_away_is_asked_less_and_less():
    async def main():
        loop = asyncio.get_running_loop()
        back_s = loop.time() + 3600

        async def away():
            is_back = loop.time() > back_s
            return Delivered() if is_back else TryAgain(error="away", is_whole_channel=True)

        drafts = messages(50, chats=50)
        channel = Scripted()
        channel.outcomes = {one.key: [away] * 5000 for one in drafts}
        outbox = an_outbox()
        outbox.fan_out([], drafts)
        report = await a_sender(outbox, channel).drain(until_empty=True)
        return report, len(channel.sent), loop.time() - back_s

    report, attempts, late_s = run_virtually(main)
    assert (report.sent, report.waiting) == (50, 0)
    assert attempts < 400
    assert late_s < 330


def test_a_moment_without_the_channel_counts_once_however_much_was_under_way():
    async def main():
        loop = asyncio.get_running_loop()
        channel = Scripted()
        away = TryAgain(error="away", is_whole_channel=True)
        channel.outcomes = {str(number): [away] for number in range(8)}
        outbox = an_outbox()
        outbox.fan_out([], messages(8, chats=8))
        started_s = loop.time()
        await a_sender(outbox, channel, concurrency=8).drain(until_empty=True)
        return len(channel.sent), loop.time() - started_s

    attempts, seconds = run_virtually(main)
    assert attempts == 16
    assert seconds < 3


def test_the_waits_of_a_channel_that_stays_away_grow_across_its_chats():
    async def main():
        channel = Scripted()
        away = TryAgain(error="away", is_whole_channel=True)
        channel.outcomes = {"0": [away] * 20}
        outbox = an_outbox()
        outbox.fan_out([], [draft("0"), draft("1", "8"), draft("2", "9")])
        sender = a_sender(outbox, channel, concurrency=1)
        await sender.drain(until_empty=False, deadline_s=3600)
        return channel.times

    times = run_virtually(main)
    assert max(later - sooner for sooner, later in itertools.pairwise(times[:15])) > 100


def test_nobody_waits_for_a_channel_that_is_away_for_longer():
    async def main():
        loop = asyncio.get_running_loop()
        outbox, channel = an_outbox(), Scripted(a=[TryAgain(error="wait", after_s=120)])
        outbox.fan_out([], [draft("a")])
        started_s = loop.time()
        report = await a_sender(outbox, channel).drain(until_empty=True, deadline_s=60)
        assert loop.time() - started_s < 5
        return report.sent, report.waiting

    assert run_virtually(main) == (0, 1)


@pytest.mark.parametrize("after_s", [math.nan, math.inf, 1e18, -5.0])
def test_a_wait_that_no_clock_shows_is_not_waited_for(after_s):
    async def main():
        outbox = an_outbox()
        channel = Scripted(a=[TryAgain(error="busy", after_s=after_s)])
        outbox.fan_out([], [draft("a")])
        report = await a_sender(outbox, channel).drain(until_empty=True, deadline_s=30)
        next_us = outbox.waiting().next_us
        assert next_us is None or next_us < 2**62  # a time column takes it
        return report.retried

    assert run_virtually(main) == 1
