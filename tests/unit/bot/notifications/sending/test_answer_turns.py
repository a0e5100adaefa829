"""People's answers and queued messages over one channel, which counts them by its own clock."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.bot.notifications.sending.answer_turns import PATIENCE_S, AnswerTurns
from snipersight.bot.notifications.sending.lanes import IN_SERIES
from snipersight.bot.notifications.sending.rates import SPARE, RateLimiter
from snipersight.domain.channels import TryAgain
from tests.fakes.chatting import Chatting, Scripted, a_sender, an_outbox, messages
from tests.fakes.virtual_time import run_virtually

GROUP, PERSON = "-100", "7"


class Desk:
    """Answers people over the channel that a sender sends over."""

    def __init__(self, channel: Chatting | Scripted) -> None:
        self.channel = channel
        self.limiter = RateLimiter()
        loop = asyncio.get_running_loop()
        self.turns = AnswerTurns(self.limiter, channel.name, monotonic=loop.time)
        self.waited_s: list[float] = []
        self.now_s: Callable[[], float] = loop.time

    async def answer(self, address: str, key: str = "answer") -> bool:
        """Send one answer in its turn; return whether it left."""
        asked_s = self.now_s()
        async with self.turns.turn(address) as may_leave:
            if may_leave:
                self.waited_s.append(self.now_s() - asked_s)
                await self.channel.send(address, {"text": key}, key=key)
        return may_leave


def queued(count: int, address: str) -> list:
    drafts = messages(count, chats=1)
    return [
        type(one)(key=one.key, channel=one.channel, address=address, body=one.body)
        for one in drafts
    ]


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(0, 80),
    chats=st.integers(1, 12),
    groups=st.integers(0, 4),
    slowest_s=st.sampled_from([0.0, 0.01, 0.3, 2.0]),
    answers=st.lists(st.tuples(st.floats(0, 40), st.integers(0, 11)), max_size=40),
)
def test_answers_and_queued_messages_together_pass_no_limit(
    seed, count, chats, groups, slowest_s, answers
):
    async def main():
        outbox, channel = an_outbox(), Chatting(random.Random(seed), slowest_s=slowest_s)
        drafts = messages(count, chats=chats, groups=groups)
        outbox.fan_out([], drafts)
        desk = Desk(channel)
        sender = a_sender(outbox, channel, limiter=desk.limiter)
        addresses = sorted({one.address for one in drafts} | {PERSON, GROUP})

        async def ask(after_s: float, who: int) -> None:
            await asyncio.sleep(after_s)
            await desk.answer(addresses[who % len(addresses)])

        sending = asyncio.create_task(sender.drain(until_empty=True))
        await asyncio.gather(*(ask(*one) for one in answers))
        await sending
        assert channel.windows.over == 0
        assert {key for _, key in channel.arrived} >= {one.key for one in drafts}

    run_virtually(main)


def test_an_answer_goes_before_what_is_queued_for_its_chat():
    async def main():
        outbox, channel = an_outbox(), Chatting(random.Random(1), slowest_s=0.1)
        outbox.fan_out([], queued(20, PERSON))
        desk = Desk(channel)
        sending = asyncio.create_task(
            a_sender(outbox, channel, limiter=desk.limiter).drain(until_empty=True)
        )
        await asyncio.sleep(3.5)
        assert await desk.answer(PERSON)
        assert desk.waited_s[0] < 1.3
        await sending
        assert channel.windows.over == 0

    run_virtually(main)


def test_a_group_that_is_full_of_signals_still_has_room_for_an_answer():
    async def main():
        outbox, channel = an_outbox(), Chatting(random.Random(1), slowest_s=0.1)
        outbox.fan_out([], queued(40, GROUP))
        desk = Desk(channel)
        sending = asyncio.create_task(
            a_sender(outbox, channel, limiter=desk.limiter).drain(until_empty=True)
        )
        await asyncio.sleep(40)
        assert len(channel.arrived) == 20 - SPARE
        for _ in range(SPARE):
            assert await desk.answer(GROUP)
        assert max(desk.waited_s) < 1.3
        await sending
        assert channel.windows.over == 0

    run_virtually(main)


def test_answers_without_end_do_not_keep_the_queue_from_moving():
    async def main():
        outbox, channel = an_outbox(), Chatting(random.Random(1), slowest_s=0.1)
        outbox.fan_out([], queued(6, PERSON))
        desk = Desk(channel)
        sending = asyncio.create_task(
            a_sender(outbox, channel, limiter=desk.limiter).drain(until_empty=True)
        )

        async def ask_on() -> None:
            while True:
                await desk.answer(PERSON)

        asking = [asyncio.create_task(ask_on()) for _ in range(4)]
        await asyncio.wait_for(sending, 6 * (IN_SERIES + 1) * 1.6)
        for task in asking:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*asking)
        assert channel.windows.over == 0

    run_virtually(main)


def test_what_a_chat_asks_the_sender_for_holds_for_answers_too():
    async def main():
        outbox, channel = (
            an_outbox(),
            Scripted("telegram", **{"0": [TryAgain(error="flood", after_s=9.0)]}),
        )
        outbox.fan_out([], queued(1, PERSON))
        desk = Desk(channel)
        sending = asyncio.create_task(
            a_sender(outbox, channel, limiter=desk.limiter).drain(until_empty=True)
        )
        await asyncio.sleep(1)
        assert await desk.answer(PERSON)
        assert channel.times[1] - channel.times[0] >= 9
        await sending

    run_virtually(main)


def test_what_a_chat_asks_an_answer_for_holds_for_the_sender_too():
    async def main():
        outbox, channel = an_outbox(), Scripted()
        outbox.fan_out([], queued(1, PERSON))
        desk = Desk(channel)
        began_s = desk.now_s()
        desk.turns.hold(PERSON, for_s=9.0)
        await a_sender(outbox, channel, limiter=desk.limiter).drain(until_empty=True)
        assert channel.times[0] - began_s >= 9

    run_virtually(main)


def test_an_answer_that_gets_no_turn_is_given_up():
    async def main():
        channel = Scripted()
        desk = Desk(channel)
        desk.turns.hold(PERSON, for_s=10 * PATIENCE_S)
        assert not await desk.answer(PERSON)
        assert channel.sent == []
        # Nothing of it is left behind that would keep the queue waiting.
        assert not desk.limiter.at_limit(10**15)

    run_virtually(main)


def test_answers_of_one_chat_leave_in_the_order_they_were_asked_for():
    async def main():
        channel = Scripted()
        desk = Desk(channel)
        await asyncio.gather(*(desk.answer(PERSON, str(number)) for number in range(5)))
        assert [key for _, key in channel.sent] == list("01234")

    run_virtually(main)


def test_a_sender_that_starts_again_does_not_forget_the_answers():
    async def main():
        outbox, channel = an_outbox(), Chatting(random.Random(1), slowest_s=0.0)
        desk = Desk(channel)
        await desk.answer(PERSON)
        outbox.fan_out([], queued(1, PERSON))
        await a_sender(outbox, channel, limiter=desk.limiter).drain(until_empty=True)
        assert channel.windows.over == 0

    run_virtually(main)


def test_an_answer_waits_for_what_is_being_claimed_for_its_chat():
    async def main():
        outbox, channel = an_outbox(), Chatting(random.Random(1), slowest_s=0.0)
        outbox.fan_out([], queued(1, PERSON))
        desk, is_claimed = Desk(channel), asyncio.Event()

        async def slowly(call):
            result = call()
            if any(one.state == "claimed" for one in outbox.items):
                is_claimed.set()
            await asyncio.sleep(0.1)
            return result

        sender = a_sender(outbox, channel, limiter=desk.limiter, in_thread=slowly)
        sending = asyncio.create_task(sender.drain(until_empty=True))
        await is_claimed.wait()
        assert await desk.answer(PERSON)
        await sending
        assert channel.windows.over == 0

    run_virtually(main)
