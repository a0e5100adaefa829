"""The sender in virtual time: which message leaves when, and what becomes of it."""

import asyncio
import random
from collections import Counter

import pytest

from snipersight.bot.notifications.sending.precedence import Precedence
from snipersight.bot.notifications.sending.settling import TOO_OLD
from snipersight.domain.channels import Moved, TryAgain, Unsendable
from tests.fakes.chatting import (
    Chatting,
    Scripted,
    a_sender,
    an_outbox,
    draft,
    messages,
)
from tests.fakes.virtual_time import run_virtually


def test_alerts_overtake_signals_within_a_chat():
    async def main():
        outbox, channel = an_outbox(), Scripted()
        outbox.fan_out([], [draft("digest", priority=10), draft("signal", priority=20)])
        outbox.fan_out([], [draft("alert", priority=40)])
        await a_sender(outbox, channel).drain(until_empty=True)
        return [key for _, key in channel.sent]

    assert run_virtually(main) == ["alert", "signal", "digest"]


def test_a_new_signal_overtakes_what_waits_for_it_in_a_chat_and_nothing_else_waits():
    async def main():
        loop = asyncio.get_running_loop()
        outbox, channel = an_outbox(), Scripted()
        precedence = Precedence(monotonic=loop.time)
        sender = a_sender(outbox, channel, precedence=precedence)
        sending = asyncio.create_task(sender.drain(until_empty=False, deadline_s=20))
        precedence.expect_signals(within_s=5)
        outbox.fan_out([], [draft("target", priority=20), draft("stop", priority=20)])
        outbox.fan_out([], [draft("alert", "8", priority=30)])
        await asyncio.sleep(0.4)
        outbox.fan_out([], [draft("signal", priority=25)])
        sender.wake()
        await asyncio.sleep(0.1)
        precedence.signals_came()
        await sending
        return [key for _, key in channel.sent], channel.times

    sent, times = run_virtually(main)
    assert sent == ["alert", "signal", "target", "stop"]
    assert times[1] - times[0] < 0.5


def test_what_waits_for_a_signal_leaves_without_one_after_a_while():
    async def main():
        loop = asyncio.get_running_loop()
        outbox, channel = an_outbox(), Scripted()
        precedence = Precedence(monotonic=loop.time)
        began_s = loop.time()
        precedence.expect_signals(within_s=5)
        outbox.fan_out([], [draft("stop", priority=20)])
        await a_sender(outbox, channel, precedence=precedence).drain(until_empty=True)
        return began_s, channel.times

    began_s, (sent_s,) = run_virtually(main)
    assert 5 <= sent_s - began_s < 5.5


def test_a_reply_names_the_first_message_of_its_thread():
    async def main():
        outbox, channel = an_outbox(), Chatting(random.Random(1))
        outbox.fan_out([], [draft("1", thread="t"), draft("2", thread="t"), draft("3")])
        await a_sender(outbox, channel).drain(until_empty=True)
        return channel.replies

    assert run_virtually(main) == {"1": "", "2": "id-1", "3": ""}


def test_a_stop_lets_what_is_under_way_end_and_the_next_sender_begin_at_once():
    async def main():
        loop = asyncio.get_running_loop()
        outbox, channel = an_outbox(), Chatting(random.Random(4), slowest_s=1.0)
        outbox.fan_out([], drafts := messages(40, chats=10))
        first = a_sender(outbox, channel, owner="first")
        loop.call_later(1.7, first.request_stop)
        report = await first.drain(until_empty=True)
        assert 0 < report.sent == len(channel.arrived) < 40
        assert not outbox.live_claims(None)
        asked_s = loop.time()
        second = a_sender(outbox, channel, owner="second")
        await second.drain(until_empty=True)
        assert loop.time() - asked_s < 60
        assert Counter(key for _, key in channel.arrived) == Counter(one.key for one in drafts)
        assert channel.windows.over == 0
        return [one.is_ambiguous for one in outbox.items if one.is_ambiguous]

    assert run_virtually(main) == []


def test_the_time_is_kept_and_what_is_left_is_told():
    async def main():
        loop = asyncio.get_running_loop()
        outbox, channel = an_outbox(), Chatting(random.Random(4), slowest_s=0.01)
        outbox.fan_out([], messages(40, chats=1))
        started_s = loop.time()
        report = await a_sender(outbox, channel).drain(until_empty=False, deadline_s=5)
        assert 5 <= loop.time() - started_s < 6
        assert report.waiting == 40 - report.sent
        return report.sent

    assert run_virtually(main) == 5


def test_a_sender_that_waits_for_more_sends_what_comes_in_later():
    async def main():
        outbox, channel = an_outbox(), Scripted()
        sender = a_sender(outbox, channel)
        sending = asyncio.create_task(sender.drain(until_empty=False))
        await asyncio.sleep(100)
        outbox.fan_out([], [draft("a")])
        await asyncio.sleep(1)
        sender.request_stop()
        await sending
        return channel.sent

    assert run_virtually(main) == [("7", "a")]


def test_progress_is_told_after_every_outcome():
    heard: list[int] = []

    async def main():
        outbox, channel = an_outbox(), Scripted(a=[TryAgain(error="x")])
        outbox.fan_out([], [draft("a"), draft("b")])
        sender = a_sender(
            outbox, channel, on_progress=lambda counts: heard.append(counts.sent + counts.retried)
        )
        await sender.drain(until_empty=True)

    run_virtually(main)
    assert heard == [1, 2, 3]


def test_a_message_that_is_never_taken_is_given_up_and_its_chat_goes_on():
    async def main():
        outbox, channel = an_outbox(), Scripted(a=[Unsendable(error="bad request")])
        outbox.fan_out([], [draft("a"), draft("b")])
        report = await a_sender(outbox, channel).drain(until_empty=True)
        assert (report.sent, report.buried) == (1, 1)
        return [(one.draft.key, one.state, one.last_error) for one in outbox.items]

    assert run_virtually(main) == [("a", "dead", "bad request"), ("b", "done", None)]


def test_what_is_too_old_is_not_sent_as_new():
    async def main():
        outbox, channel = an_outbox(), Scripted()
        outbox.fan_out([], [draft("old", expires_us=outbox.now_us()), draft("new", "8")])
        outbox.fan_out([], [draft("young", expires_us=outbox.now_us() + 60_000_000)])
        report = await a_sender(outbox, channel).drain(until_empty=True)
        assert (report.sent, report.buried) == (2, 1)
        assert outbox.items[0].last_error == TOO_OLD
        return sorted(key for _, key in channel.sent)

    assert run_virtually(main) == ["new", "young"]


def test_a_chat_that_moved_is_followed_at_once():
    async def main():
        outbox, channel = an_outbox(), Scripted(a=[Moved(address="-100")])
        outbox.fan_out([], [draft("a", "-5"), draft("b", "-5")])
        report = await a_sender(outbox, channel).drain(until_empty=True)
        assert (report.sent, report.retried) == (2, 1)
        return channel.sent

    assert run_virtually(main) == [("-5", "a"), ("-100", "a"), ("-100", "b")]


@pytest.mark.parametrize("address", ["7", "", "x" * 300])
def test_a_chat_that_moved_nowhere_is_tried_again(address):
    async def main():
        outbox, channel = an_outbox(), Scripted(a=[Moved(address=address)])
        outbox.fan_out([], [draft("a")])
        report = await a_sender(outbox, channel).drain(until_empty=True)
        return report.sent, report.retried

    assert run_virtually(main) == (1, 1)


def test_a_notifier_that_breaks_is_no_end_and_its_words_are_kept_out():
    async def main():
        outbox, channel = an_outbox(), Scripted(a=[RuntimeError("token 123:secret")])
        outbox.fan_out([], [draft("a")])
        heard: list[str] = []
        report = await a_sender(
            outbox,
            channel,
            on_progress=lambda _: heard.append(outbox.items[0].last_error or ""),
        ).drain(until_empty=True)
        return report, heard, outbox.items[0].is_ambiguous

    report, heard, is_ambiguous = run_virtually(main)
    assert (report.sent, report.retried, report.ambiguous) == (1, 1, 1)
    assert heard[0] == "the notifier broke off with RuntimeError"
    assert is_ambiguous


def test_a_notifier_that_hangs_is_cut_off_and_the_message_doubtful():
    async def main():
        async def hang():
            await asyncio.sleep(10**6)

        outbox, channel = an_outbox(), Scripted(a=[hang])
        outbox.fan_out([], [draft("a"), draft("b", "8")])
        report = await a_sender(outbox, channel, request_s=20).drain(until_empty=True)
        return report.sent, [one.is_ambiguous for one in outbox.items]

    assert run_virtually(main) == (2, [True, False])
