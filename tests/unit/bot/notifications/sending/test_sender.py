"""The sender in virtual time: every outcome, every limit, every trouble of the store."""

import asyncio
import itertools
import math
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.bot.notifications.sending.send_report import SendReport
from snipersight.bot.notifications.sending.settling import TOO_OLD
from snipersight.domain.channels import Delivered, Moved, Stopped, TryAgain, Unsendable
from snipersight.domain.errors import OutcomeUnknown, StateUnavailable
from snipersight.domain.outbox import DeliveryDraft, StoppedLane
from tests.fakes.chatting import Chatting, Scripted, a_sender, an_outbox, messages
from tests.fakes.memory_outbox import MemoryLease
from tests.fakes.virtual_time import VirtualLoop, run_virtually

AWAY = StateUnavailable("the database is locked")


def draft(key: str, address: str = "7", **fields) -> DeliveryDraft:
    fields = {"channel": "telegram", "body": {"text": key}} | fields
    return DeliveryDraft(key=key, address=address, **fields)


def in_order(arrived, drafts) -> bool:
    """Return whether each chat first saw its messages in the order they were stored in."""
    for address in {one.address for one in drafts}:
        seen = list(dict.fromkeys(key for at, key in arrived if at == address))
        if seen != [one.key for one in drafts if one.address == address]:
            return False
    return True


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


def test_alerts_overtake_signals_within_a_chat():
    async def main():
        outbox, channel = an_outbox(), Scripted()
        outbox.fan_out([], [draft("digest", priority=10), draft("signal", priority=20)])
        outbox.fan_out([], [draft("alert", priority=40)])
        await a_sender(outbox, channel).drain(until_empty=True)
        return [key for _, key in channel.sent]

    assert run_virtually(main) == ["alert", "signal", "digest"]


def test_a_reply_names_the_first_message_of_its_thread():
    async def main():
        outbox, channel = an_outbox(), Chatting(random.Random(1))
        outbox.fan_out([], [draft("1", thread="t"), draft("2", thread="t"), draft("3")])
        await a_sender(outbox, channel).drain(until_empty=True)
        return channel.replies

    assert run_virtually(main) == {"1": "", "2": "id-1", "3": ""}


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


def test_a_chat_that_blocks_us_is_told_once_and_keeps_its_messages():
    told: list[StoppedLane] = []

    async def main():
        channel = Scripted(a=[Stopped(error="blocked", is_whole_channel=False)])
        outbox = an_outbox()
        outbox.fan_out([], [draft("a"), draft("b"), draft("x", "8")])
        sender = a_sender(outbox, channel, on_stopped=told.append)
        report = await sender.drain(until_empty=True)
        assert (report.sent, report.stopped, report.waiting) == (1, 1, 2)
        assert [(lane.address, lane.error) for lane in told] == [("7", "blocked")]
        outbox.resume()
        again = await sender.drain(until_empty=True)
        assert (again.sent, again.waiting) == (2, 0)
        return [key for _, key in channel.sent]

    assert run_virtually(main) == ["a", "x", "a", "b"]
    assert len(told) == 1


def test_a_wrong_token_stops_the_channel_and_another_tells_of_it():
    async def main():
        channel = Scripted(a=[Stopped(error="unauthorized", is_whole_channel=True)] * 2)
        other, outbox = Scripted("webhook"), an_outbox()
        outbox.fan_out([], [draft("a"), draft("b", "8")])

        async def tell(lane: StoppedLane) -> None:
            alert = draft("alert", channel="webhook", body={"text": lane.error}, priority=40)
            outbox.fan_out([], [alert])

        sender = a_sender(outbox, channel, other, on_stopped=tell, concurrency=1)
        report = await sender.drain(until_empty=True)
        assert (report.sent, report.waiting) == (1, 2)
        return channel.sent, other.sent

    assert run_virtually(main) == ([("7", "a")], [("7", "alert")])


def test_a_channel_that_several_chats_find_stopped_is_told_once():
    told: list[StoppedLane] = []

    async def main():
        channel = Scripted()
        refusal = Stopped(error="unauthorized", is_whole_channel=True)
        channel.outcomes = {key: [refusal] for key in "abc"}
        outbox = an_outbox()
        outbox.fan_out([], [draft("a"), draft("b", "8"), draft("c", "9")])
        report = await a_sender(outbox, channel, on_stopped=told.append).drain(until_empty=True)
        assert len(channel.sent) == 3
        return report.stopped

    assert run_virtually(main) == 1
    assert len(told) == 1


def test_what_was_stopped_before_is_told_again_at_every_start():
    told: list[StoppedLane] = []

    async def main():
        outbox = an_outbox()
        outbox.stop("telegram", "7", error="blocked")
        for owner in ("one", "two"):
            sender = a_sender(outbox, Scripted(), owner=owner, on_stopped=told.append)
            await sender.drain(until_empty=True)

    run_virtually(main)
    assert [lane.address for lane in told] == ["7", "7"]
    assert len({lane.since_us for lane in told}) == 1


def test_a_teller_that_finds_the_store_away_loses_no_delivery():
    async def main():
        channel = Scripted(a=[Stopped(error="blocked", is_whole_channel=False)])
        outbox = an_outbox()
        outbox.fan_out([], [draft("a")])

        def tell(_lane: StoppedLane) -> None:
            raise AWAY

        await a_sender(outbox, channel, on_stopped=tell).drain(until_empty=True)
        return outbox.items[0].state, outbox.items[0].is_ambiguous

    assert run_virtually(main) == ("pending", False)


def test_a_channel_that_is_not_set_up_stops_and_nothing_of_it_is_lost():
    async def main():
        outbox, channel = an_outbox(), Scripted()
        outbox.fan_out([], [draft("a", channel="discord"), draft("b")])
        report = await a_sender(outbox, channel).drain(until_empty=True)
        assert (report.sent, report.stopped, report.waiting) == (1, 1, 1)
        return outbox.stopped()[0].error

    assert "no channel named discord" in run_virtually(main)


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
