"""A question stands whole in its button, and fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.operator.callbacks import CONFIRM, callback_data, parse_callback
from snipersight.bot.operator.confirmations import Grave, Question, read_question

QUESTIONS = st.builds(
    Question,
    about=st.sampled_from(Grave),
    user_id=st.integers(1, 2**52).map(str),
    expires_s=st.integers(1_000_000_000, 9_999_999_999),
    update_id=st.integers(0, 2**31),
)


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
