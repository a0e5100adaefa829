"""Only what we signed counts as a press, whatever else is sent."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from snipersight.bot.operator.callbacks import (
    APPROVE,
    CONFIRM,
    DISMISS,
    REJECT,
    TOOK,
    WHY,
    Pressed,
    button_secret,
    callback_data,
    parse_callback,
)

SECRET = button_secret("42:token")
PLAN = "9f86d081884c7d65-1a2b3c4d"
ACTIONS = st.sampled_from([APPROVE, REJECT, TOOK, WHY, CONFIRM, DISMISS])
SUBJECTS = st.from_regex(r"[A-Za-z0-9_.-]{1,50}", fullmatch=True)


@given(ACTIONS, SUBJECTS)
def test_what_a_button_sends_is_read_back_and_fits(action, subject):
    data = callback_data(action, subject, secret=SECRET)

    assert 1 <= len(data.encode()) <= 64
    assert data.isascii()
    assert parse_callback(data, secret=SECRET) == Pressed(action=action, subject=subject)


@given(st.text(max_size=80))
def test_text_of_any_kind_is_no_press(data):
    assert parse_callback(data, secret=SECRET) is None


@given(ACTIONS, SUBJECTS, st.data())
def test_a_changed_character_is_noticed(action, subject, data):
    sent = callback_data(action, subject, secret=SECRET)
    place = data.draw(st.integers(0, len(sent) - 1))
    sign = data.draw(st.sampled_from("abkrtwy:-_.Z9é"))
    forged = sent[:place] + sign + sent[place + 1 :]
    assume(forged != sent)

    assert parse_callback(forged, secret=SECRET) is None


def test_the_signature_of_one_action_does_not_serve_another():
    why = callback_data(WHY, PLAN, secret=SECRET)

    assert parse_callback(APPROVE + why[1:], secret=SECRET) is None


def test_the_button_of_another_bot_is_no_press():
    foreign = callback_data(APPROVE, PLAN, secret=button_secret("43:token"))

    assert parse_callback(foreign, secret=SECRET) is None


def test_a_line_break_after_the_signature_is_no_press():
    assert parse_callback(callback_data(WHY, PLAN, secret=SECRET) + "\n", secret=SECRET) is None


def test_the_secret_is_always_the_same_and_shows_no_token():
    assert button_secret("42:token") == SECRET
    assert "token" not in SECRET


@pytest.mark.parametrize(
    ("action", "subject"),
    [("x", PLAN), ("", PLAN), (APPROVE, ""), (APPROVE, "a:b"), (APPROVE, "ä"), (WHY, "a" * 54)],
)
def test_what_no_button_can_send_is_refused(action, subject):
    with pytest.raises(ValueError, match="no button can send"):
        callback_data(action, subject, secret=SECRET)
