"""What somebody says waits for as little as it may."""

from typing import Any

import pytest

from snipersight.bot.operator.callbacks import APPROVE, CONFIRM, DISMISS, WHY, callback_data
from snipersight.bot.operator.confirmations import Grave, Question
from snipersight.bot.operator.conversation import Conversation
from snipersight.bot.operator.hearing import Urgency
from snipersight.bot.operator.updates import ButtonPress, Place, Said, Sender

SECRET = "s" * 32
NOBODY: Any = None
ANN, HOME = Sender(user_id="7", name="Ann"), Place(address="7", is_private=True)


@pytest.fixture
def conversation() -> Conversation:
    return Conversation(
        roster=NOBODY,
        rooms=NOBODY,
        speech=NOBODY,
        pressing=NOBODY,
        replies=NOBODY,
        strangers=NOBODY,
        secret=SECRET,
        monotonic_s=lambda: 0.0,
    )


def pressed(action: str, subject: str) -> ButtonPress:
    return ButtonPress(
        update_id=1,
        sender=ANN,
        query_id="q",
        data=callback_data(action, subject, secret=SECRET),
        place=HOME,
        message_s=0,
        message_id="1",
    )


def asked(about: Grave) -> str:
    return Question(about=about, user_id="7", expires_s=60, update_id=1).subject


@pytest.mark.parametrize(
    ("action", "subject", "urgency"),
    [
        (CONFIRM, asked(Grave.KILL), Urgency.KILLS),
        (CONFIRM, asked(Grave.KILL_AND_FLATTEN), Urgency.KILLS),
        (CONFIRM, asked(Grave.RESUME), Urgency.ACTS),
        (DISMISS, asked(Grave.KILL), Urgency.ACTS),
        (APPROVE, "e47e28528aaf248a-84e05d02", Urgency.ACTS),
        (WHY, "e47e28528aaf248a-84e05d02", Urgency.LOOKS),
    ],
)
def test_a_press_that_kills_waits_for_nothing(conversation, action, subject, urgency):
    assert conversation.urgency_of(pressed(action, subject)) is urgency


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("/kill flatten", Urgency.KILLS),
        ("/pause", Urgency.ACTS),
        ("/resume", Urgency.ACTS),
        ("/status", Urgency.LOOKS),
        ("hello", Urgency.LOOKS),
    ],
)
def test_only_a_kill_overtakes_what_was_said_before(conversation, text, urgency):
    heard = Said(
        update_id=1, sender=ANN, place=HOME, message_id="1", at_s=0, text=text, is_own=True
    )
    assert conversation.urgency_of(heard) is urgency
