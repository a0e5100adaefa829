"""People are heard alone with the bot and in their own rooms, never before an audience."""

import pytest

from snipersight.bot.operator.rooms import Rooms
from snipersight.bot.operator.updates import Place, Sender
from snipersight.domain.channels import Chat, ChatRole

ANN = Sender(user_id="7", name="Ann")
ROOMS = Rooms.of(
    [
        Chat(channel="telegram", address="-5"),
        Chat(channel="telegram", address="@Desk"),
        Chat(channel="telegram", address="-6", role=ChatRole.PUBLIC),
        Chat(channel="telegram", address="@audience", role=ChatRole.PUBLIC),
        Chat(channel="discord", address="-8"),
    ],
    channel="telegram",
)


@pytest.mark.parametrize(
    ("place", "accepts"),
    [
        (Place(address="7", is_private=True), True),
        (Place(address="-5"), True),
        (Place(address="-50", username="desk"), True),
        (Place(address="-6"), False),
        (Place(address="-60", username="audience"), False),
        (Place(address="-8"), False),
        (Place(address="-9"), False),
        (Place(address="8", is_private=True), False),
    ],
)
def test_where_people_are_heard(place, accepts):
    assert ROOMS.accepts(place, ANN) is accepts


def test_a_persons_own_chat_that_is_called_public_is_public():
    rooms = Rooms.of(
        [Chat(channel="telegram", address="7", role=ChatRole.PUBLIC)], channel="telegram"
    )
    assert not rooms.accepts(Place(address="7", is_private=True), ANN)
