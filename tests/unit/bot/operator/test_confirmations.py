"""A question stands whole in its button, and fits."""

from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.operator.callbacks import CONFIRM, callback_data, parse_callback
from snipersight.bot.operator.commands import read_command
from snipersight.bot.operator.confirmations import Grave, Question, read_question
from snipersight.bot.operator.replies import Replies
from snipersight.bot.operator.speech import Speech
from snipersight.bot.operator.updates import Place, Said, Sender
from snipersight.domain.channels import TryAgain
from tests.fakes.scripted_talk import ScriptedTalk

NOBODY: Any = None
SECRET = "s" * 32

QUESTIONS = st.builds(
    Question,
    about=st.sampled_from(Grave),
    user_id=st.integers(1, 2**52).map(str),
    expires_s=st.integers(1_000_000_000, 9_999_999_999),
    update_id=st.integers(0, 2**31),
)


class NothingToLookUp:
    """Knows no command that only looks."""

    def knows(self, _name: str) -> bool:
        return False


@given(QUESTIONS)
def test_a_question_comes_back_from_its_button(question):
    pressed = parse_callback(
        callback_data(CONFIRM, question.subject, secret="secret"), secret="secret"
    )
    assert pressed is not None
    assert read_question(pressed.subject) == question


@pytest.mark.parametrize(
    "subject", ["", "kill", "kill.7.1", "halt.7.1.1", "kill.-7.1.1", "kill.7.1.1."]
)
def test_what_is_no_question_is_none(subject):
    assert read_question(subject) is None


def test_only_resuming_does_not_stop():
    assert [about for about in Grave if not about.stops] == [Grave.RESUME]


def test_a_question_that_left_twice_is_one_question():
    first = Question(about=Grave.KILL, user_id="7", expires_s=60, update_id=1)
    again = replace(first, expires_s=75)
    assert first.subject != again.subject
    assert first.key == again.key
    others = [replace(first, user_id="8"), replace(first, update_id=2)]
    assert first.key not in {one.key for one in (*others, replace(first, about=Grave.RESUME))}


async def test_the_minute_of_a_question_begins_as_it_leaves():
    now_s = 1_000.0
    talk = ScriptedTalk(outcomes=[TryAgain(error="flood", after_s=0.01)])
    speech = Speech(
        asking=cast("Any", NothingToLookUp()),
        deciding=NOBODY,
        replies=Replies(talk),
        secret=SECRET,
        now_s=lambda: now_s + 30 * len(talk.tried),
    )
    said = Said(
        update_id=1,
        sender=Sender(user_id="7", name="Ann"),
        place=Place(address="7", is_private=True),
        message_id="1",
        at_s=0,
        text="/kill",
        is_own=True,
    )
    spoken = read_command(said.text)
    assert spoken is not None
    assert spoken.command is not None
    await speech.answer(said, spoken, NOBODY, spoken.command)
    asked = [parse_callback(told.rows[0][0].data, secret=SECRET) for told in talk.tried]
    questions = [read_question(one.subject) for one in asked if one is not None]
    assert [one.expires_s for one in questions if one is not None] == [1_060, 1_090]
