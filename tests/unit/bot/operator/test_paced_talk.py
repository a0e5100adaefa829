"""What is said in a chat waits for its turn; what is no message passes."""

import asyncio

import pytest

from snipersight.bot.notifications.markup.formatted_text import FormattedText
from snipersight.bot.notifications.sending.answer_turns import AnswerTurns
from snipersight.bot.notifications.sending.rates import RateLimiter
from snipersight.bot.operator.paced_talk import PacedTalk
from snipersight.domain.channels import Button, Delivered, Stopped, TryAgain
from tests.fakes.scripted_talk import ScriptedTalk
from tests.fakes.virtual_time import run_virtually

HELLO = FormattedText(text="hello")


def paced(talk: ScriptedTalk, limiter: RateLimiter | None = None) -> PacedTalk:
    clock = asyncio.get_running_loop().time
    turns = AnswerTurns(limiter or RateLimiter(), "telegram", monotonic=clock)
    return PacedTalk(talk, turns)


def test_texts_and_buttons_of_one_chat_leave_a_second_apart():
    async def main():
        talk, loop = ScriptedTalk(), asyncio.get_running_loop()
        way, began_s = paced(talk), loop.time()
        assert await way.say("7", HELLO) == Delivered()
        assert await way.replace_buttons("7", "1", ()) == Delivered()
        assert await way.say("7", HELLO) == Delivered()
        assert 2 < loop.time() - began_s < 2.2
        await way.say("8", HELLO)
        assert loop.time() - began_s < 2.2

    run_virtually(main)


def test_the_answer_to_a_press_waits_for_nothing():
    async def main():
        talk, loop = ScriptedTalk(), asyncio.get_running_loop()
        way, began_s = paced(talk), loop.time()
        await way.say("7", HELLO)
        await way.answer_press("q", "done")
        assert loop.time() == began_s

    run_virtually(main)


def test_the_patience_that_is_asked_for_holds_for_whatever_shares_the_limiter():
    async def main():
        limiter = RateLimiter()
        talk = ScriptedTalk(outcomes=[TryAgain(error="flood", after_s=9.0)])
        await paced(talk, limiter).say("7", HELLO)
        now_us = int(asyncio.get_running_loop().time() * 1e6)
        assert ("telegram", "7") in limiter.at_limit(now_us + 8_900_000)
        assert ("telegram", "7") not in limiter.at_limit(now_us + 9_100_000)

    run_virtually(main)


def test_a_chat_that_stays_full_is_told_so_and_nothing_is_sent():
    async def main():
        limiter = RateLimiter()
        limiter.hold("telegram", "7", until_us=2**60)
        talk = ScriptedTalk()
        assert isinstance(await paced(talk, limiter).say("7", HELLO), Stopped)
        assert talk.tried == []

    run_virtually(main)


@pytest.mark.parametrize("after_s", [1e12, float("inf"), float("nan")])
def test_a_patience_without_measure_holds_a_chat_for_no_longer_than_deliveries(after_s):
    async def main():
        limiter = RateLimiter()
        talk = ScriptedTalk(outcomes=[TryAgain(error="flood", after_s=after_s)])
        await paced(talk, limiter).say("7", HELLO)
        week_us = int((asyncio.get_running_loop().time() + 7 * 86_400 + 2) * 1e6)
        assert ("telegram", "7") not in limiter.at_limit(week_us)

    run_virtually(main)


def test_late_buttons_are_made_as_their_text_leaves():
    async def main():
        talk, loop = ScriptedTalk(), asyncio.get_running_loop()
        way, began_s = paced(talk), loop.time()

        def rows():
            return ((Button(text=f"{loop.time() - began_s:.0f} s", data="x"),),)

        await asyncio.gather(*(way.say("7", HELLO, rows=rows) for _ in range(3)))
        return [told.rows[0][0].text for told in talk.tried]

    assert run_virtually(main) == ["0 s", "1 s", "2 s"]
