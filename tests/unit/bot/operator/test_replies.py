"""Answers arrive if they can, within seconds, and nothing that fails stops anything."""

from dataclasses import replace

from snipersight.bot.operator.hearing import Hearing, Urgency
from snipersight.bot.operator.replies import Replies
from snipersight.bot.operator.updates import ButtonPress, Place, Said, Sender
from snipersight.bot.telemetry.masking import register_secrets
from snipersight.domain.channels import Button, Delivered, Stopped, TryAgain, Unsendable
from tests.fakes.scripted_talk import ScriptedTalk

ROWS = ((Button(text="Yes", data="y"),),)
PRESS = ButtonPress(
    update_id=1,
    query_id="42",
    sender=Sender(user_id="7", name="Ann"),
    place=Place(address="7", is_private=True),
    message_id="3",
    message_s=0,
    data="",
)


def replies(talk: ScriptedTalk) -> Replies:
    return Replies(talk, first_pause_s=0.001)


async def test_a_long_answer_comes_in_parts_with_the_buttons_under_the_last():
    talk = ScriptedTalk()
    assert await replies(talk).say("7", "**bold** " + "word " * 2000, rows=ROWS, reply_to="3")
    assert len(talk.tried) == 3
    assert [one.rows for one in talk.tried] == [(), (), ROWS]
    assert all(len(one.text.text) <= 4096 for one in talk.tried)
    assert talk.tried[0].text.entities[0].kind == "bold"


async def test_what_fails_is_tried_again_a_few_times():
    away = TryAgain(error="away")
    talk = ScriptedTalk(outcomes=[away, away])
    assert await replies(talk).say("7", "hello")
    assert len(talk.tried) == 3
    talk = ScriptedTalk(outcomes=[away] * 9)
    assert not await replies(talk).say("7", "hello")
    assert len(talk.tried) == 3


async def test_a_long_wait_is_not_waited_for():
    talk = ScriptedTalk(outcomes=[TryAgain(error="flood", after_s=90)])
    assert not await replies(talk).say("7", "hello")
    assert len(talk.tried) == 1


async def test_a_chat_that_is_full_for_moments_gets_its_answer_all_the_same():
    talk = ScriptedTalk(outcomes=[TryAgain(error="flood", after_s=0.01)] * 9)
    assert await replies(talk).say("7", "hello")
    assert len(talk.tried) == 10


async def test_an_answer_that_waits_for_a_full_chat_holds_up_nothing_said_after_it():
    """Two presses that change something: the second is done while the first one's answer waits."""
    talk = ScriptedTalk(outcomes=[TryAgain(error="flood", after_s=0.2)])
    said, done = replies(talk), list[int]()

    async def converse(update: Said | ButtonPress) -> None:
        done.append(update.update_id)
        await said.say("7", "done")

    hearing = Hearing(lambda _: Urgency.ACTS)
    hearing.take([PRESS, replace(PRESS, update_id=2)], converse)
    await hearing.settle(within_s=0.05)
    assert (done, hearing.offset) == ([1, 2], 1)
    await hearing.settle(within_s=5)
    assert len(talk.tried) == 3


async def test_a_chat_that_stays_full_is_given_up(monkeypatch):
    monkeypatch.setattr("snipersight.bot.operator.replies._LONGEST_PATIENCE_S", 0.055)
    talk = ScriptedTalk(outcomes=[TryAgain(error="flood", after_s=0.01)] * 99)
    assert not await replies(talk).say("7", "hello")
    assert len(talk.tried) == 6


async def test_a_format_that_is_refused_is_left_out():
    talk = ScriptedTalk(outcomes=[Unsendable(error="entities")])
    assert await replies(talk).say("7", "**hello**")
    assert [len(one.text.entities) for one in talk.tried] == [1, 0]


async def test_a_chat_that_is_closed_ends_the_answer():
    talk = ScriptedTalk(outcomes=[Stopped(error="blocked", is_whole_channel=False)])
    assert not await replies(talk).say("7", "word " * 2000)
    assert len(talk.tried) == 1


async def test_a_press_that_is_too_old_to_be_answered_is_answered_in_the_chat():
    talk = ScriptedTalk(outcomes=[Unsendable(error="query is too old")])
    await replies(talk).answer(PRESS, "Approved.")
    (told,) = talk.tried
    assert (told.address, told.text.text, told.reply_to) == ("7", "Approved.", "3")


async def test_what_is_said_over_the_chat_is_cut():
    talk = ScriptedTalk()
    await replies(talk).answer(PRESS, "x" * 500, is_alert=True)
    ((query, text, is_alert),) = talk.answered
    assert (query, len(text), text[-1], is_alert) == ("42", 200, "…", True)


async def test_buttons_that_are_there_already_are_no_trouble():
    talk = ScriptedTalk(outcomes=[Unsendable(error="Bad Request: message is not modified")])
    await replies(talk).show_buttons(PRESS, ROWS)
    assert talk.buttons == [ROWS]


async def test_a_secret_that_somebody_writes_is_not_told_back():
    register_secrets(["123456:not-to-be-told"])
    talk = ScriptedTalk(outcomes=[Delivered()])
    await replies(talk).say("7", "**No plan** begins with 123456:not\\-to\\-be\\-told")
    assert "not-to-be-told" not in talk.tried[0].text.text
