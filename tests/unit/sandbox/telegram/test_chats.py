"""Chats, and what stands between a bot and them."""

import pytest

from snipersight.domain.errors import ConfigInvalid
from snipersight.sandbox.telegram.answers import Refusal, failure_body
from snipersight.sandbox.telegram.chats import (
    ChatBook,
    ChatKind,
    SandboxChat,
    Standing,
    check_may_write,
)


def refusal_of(chat: SandboxChat, what: str = "text messages") -> tuple[int, str]:
    """Return the code and description that a chat gives."""
    with pytest.raises(Refusal) as caught:
        check_may_write(chat, what=what)
    return caught.value.code, caught.value.what


@pytest.mark.parametrize(
    ("chat_id", "kind"),
    [(7, "private"), (-7, "group"), (-1_000_000_000_001, "supergroup")],
)
def test_the_id_says_what_a_chat_is(chat_id, kind):
    assert SandboxChat(id=chat_id).as_json()["type"] == kind


@pytest.mark.parametrize(
    ("standing", "code", "description"),
    [
        (Standing.BLOCKED, 403, "Forbidden: bot was blocked by the user"),
        (Standing.DEACTIVATED, 403, "Forbidden: user is deactivated"),
        (Standing.NOT_STARTED, 403, "Forbidden: bot can't initiate conversation with a user"),
        (Standing.KICKED, 403, "Forbidden: bot was kicked from the group chat"),
        (Standing.NOT_MEMBER, 403, "Forbidden: bot is not a member of the group chat"),
        (Standing.NO_RIGHTS, 400, "Bad Request: not enough rights to send photos to the chat"),
    ],
)
def test_each_standing_is_told_in_telegrams_words(standing, code, description):
    assert refusal_of(SandboxChat(id=-7, standing=standing), "photos") == (code, description)


def test_a_channel_needs_an_administrator():
    chat = SandboxChat(id=-1009, kind=ChatKind.CHANNEL, standing=Standing.NO_RIGHTS)
    assert refusal_of(chat) == (400, "Bad Request: need administrator rights in the channel chat")


def test_an_upgraded_group_names_its_new_id_in_the_order_of_the_bot_api():
    with pytest.raises(Refusal) as caught:
        check_may_write(SandboxChat(id=-7, standing=Standing.UPGRADED, moved_to=-1007))
    assert list(failure_body(caught.value).items()) == [
        ("ok", False),
        ("error_code", 400),
        ("description", "Bad Request: group chat was upgraded to a supergroup chat"),
        ("parameters", {"migrate_to_chat_id": -1007}),
    ]


def test_a_chat_is_found_by_id_and_name_and_one_that_is_not_there_is_not():
    book = ChatBook([SandboxChat(id=-1009, username="Signals")])
    assert book.find("-1009") is book.find("@signals")
    for written, why in (
        ("", "chat_id is empty"),
        ("7", "chat not found"),
        ("@x", "chat not found"),
    ):
        with pytest.raises(Refusal, match=why):
            book.find(written)
    book.put(SandboxChat(id=-1009, standing=Standing.NOT_FOUND))
    with pytest.raises(Refusal, match="chat not found"):
        book.find("-1009")


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 0},
        {"id": 7, "kind": ChatKind.GROUP},
        {"id": -7, "kind": ChatKind.PRIVATE},
        {"id": -7, "standing": Standing.UPGRADED},
        {"id": -7, "moved_to": -1007},
    ],
)
def test_impossible_chats_are_refused(wrong):
    with pytest.raises(ConfigInvalid):
        SandboxChat(**wrong)
