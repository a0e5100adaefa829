"""The chats that the sandbox knows, and what stands between a bot and each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from snipersight.domain.errors import ConfigInvalid
from snipersight.sandbox.telegram.answers import Answer, Refusal, bad_request

FIRST_SUPERGROUP_ID: Final = -1_000_000_000_000


class ChatKind(StrEnum):
    """What a chat is; the names are the Bot API's."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Standing(StrEnum):
    """Whether the bot may write to a chat, and why not."""

    OPEN = "open"
    NOT_FOUND = "not_found"
    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    NOT_STARTED = "not_started"
    KICKED = "kicked"
    NOT_MEMBER = "not_member"
    NO_RIGHTS = "no_rights"
    UPGRADED = "upgraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxChat:
    """A chat of the sandbox.

    Args:
        id: above 0 for a person, below for a group, at most -1000000000000 for a supergroup or
            a channel.
        kind: what it is; None: what its id says.
        title: shown on the page and in answers.
        username: without the `@`; the chat is found under `@username` too.
        standing: what stands between the bot and the chat.
        moved_to: the supergroup that a group became; only with `UPGRADED`.
    """

    id: int
    kind: ChatKind | None = None
    title: str = ""
    username: str = ""
    standing: Standing = Standing.OPEN
    moved_to: int | None = None

    def __post_init__(self) -> None:
        is_user = self.id > 0
        if self.id == 0 or (self.kind is not None and is_user != (self.kind is ChatKind.PRIVATE)):
            raise ConfigInvalid(
                f"chat id {self.id} is no id of a {self.kind or 'chat'}",
                next_step="use a number above 0 for a person and one below 0 for a group",
            )
        if (self.standing is Standing.UPGRADED) != (self.moved_to is not None):
            raise ConfigInvalid(
                f"chat {self.id}: an upgraded group, and only such a one, has a new id",
                next_step="give moved_to together with the standing `upgraded`",
            )

    @property
    def is_group(self) -> bool:
        """Return whether the limit per minute counts; a channel is like a group."""
        return self.id < 0

    @property
    def what(self) -> ChatKind:
        """Return its kind, from its id where none was given."""
        if self.kind is not None:
            return self.kind
        if self.id > 0:
            return ChatKind.PRIVATE
        return ChatKind.SUPERGROUP if self.id <= FIRST_SUPERGROUP_ID else ChatKind.GROUP

    @property
    def name(self) -> str:
        """Return what people read; never empty."""
        return self.title or f"{self.what} {self.id}"

    def as_json(self) -> Answer:
        """Return the `Chat` object of the Bot API."""
        key = "first_name" if self.what is ChatKind.PRIVATE else "title"
        chat: Answer = {"id": self.id, key: self.name}
        if self.username:
            chat["username"] = self.username
        return {**chat, "type": str(self.what)}


class ChatBook:
    """The chats by id, in the order they were first named."""

    def __init__(self, chats: Iterable[SandboxChat] = ()) -> None:
        self._chats = {chat.id: chat for chat in chats}
        self.version = 0  # counts changes

    def __iter__(self) -> Iterator[SandboxChat]:
        return iter(self._chats.values())

    def __getitem__(self, chat_id: int) -> SandboxChat:
        return self._chats[chat_id]

    def put(self, chat: SandboxChat) -> None:
        """Add a chat, or replace the one of the same id."""
        self._chats[chat.id] = chat
        self.version += 1

    def find(self, written: str) -> SandboxChat:
        """Return the chat that a request names by id or `@username`, whatever its standing.

        Raises:
            Refusal: there is none.
        """
        if not written:
            raise bad_request("chat_id is empty")
        for chat in self:
            names = {str(chat.id)} | ({f"@{chat.username.lower()}"} if chat.username else set())
            if written.lower() in names and chat.standing is not Standing.NOT_FOUND:
                return chat
        raise bad_request("chat not found")


def check_may_write(chat: SandboxChat, *, what: str = "text messages") -> None:
    """Let a message for an open chat pass.

    Args:
        chat: an existing one.
        what: is to be sent, for the description.

    Raises:
        Refusal: the failure that goes with the chat's standing.
    """
    if chat.standing is Standing.UPGRADED and chat.moved_to is not None:
        raise Refusal(
            400,
            "group chat was upgraded to a supergroup chat",
            parameters={"migrate_to_chat_id": chat.moved_to},
        )
    if chat.standing is Standing.NO_RIGHTS:
        raise bad_request(_no_rights(chat, what))
    forbidden = {
        Standing.BLOCKED: "bot was blocked by the user",
        Standing.DEACTIVATED: "user is deactivated",
        Standing.NOT_STARTED: "bot can't initiate conversation with a user",
        Standing.KICKED: f"bot was kicked from the {chat.what} chat",
        Standing.NOT_MEMBER: f"bot is not a member of the {chat.what} chat",
    }
    if chat.standing in forbidden:
        raise Refusal(403, forbidden[chat.standing])


def _no_rights(chat: SandboxChat, what: str) -> str:
    if chat.what is ChatKind.CHANNEL:
        return "need administrator rights in the channel chat"
    return f"not enough rights to send {what} to the chat"
