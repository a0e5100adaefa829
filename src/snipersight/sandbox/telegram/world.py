"""The sandbox's Telegram: chats, their messages, what passed, and what was refused."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from snipersight.sandbox.telegram.answers import Answer, bad_request, too_many_requests
from snipersight.sandbox.telegram.chats import ChatBook, SandboxChat
from snipersight.sandbox.telegram.limits import FloodGate, RateLimits
from snipersight.sandbox.telegram.messages import SandboxUser, SentMessage, as_bot_sees, user_of
from snipersight.sandbox.telegram.pictures import PictureShelf
from snipersight.sandbox.telegram.updates import UpdateQueue


class Clock(NamedTuple):
    """Where the time comes from: the date of messages, and a time that never goes back."""

    now_ms: Callable[[], int]
    monotonic_s: Callable[[], float]


class World:
    """Everything behind the Bot API: changes only by what methods and users do."""

    def __init__(
        self, *, bot_id: int, chats: Iterable[SandboxChat], limits: RateLimits, clock: Clock
    ) -> None:
        self.bot: Answer = {
            "id": bot_id,
            "is_bot": True,
            "first_name": "SniperSight sandbox",
            "username": "snipersight_sandbox_bot",
        }
        self.chats = ChatBook(chats)
        self.gate = FloodGate(limits)
        self.pictures = PictureShelf()
        self.updates = UpdateQueue()
        self.answered: dict[str, str] = {}
        self.commands: dict[str, list[object]] = {}
        self.requests: Counter[str] = Counter()
        self.codes: Counter[int] = Counter()
        self._changes = 0
        self._clock = clock
        self._messages: list[SentMessage] = []
        self._places: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self._queries: dict[str, str] = {}

    @property
    def messages(self) -> tuple[SentMessage, ...]:
        """Return every message in the order of delivery, edited ones as they are now."""
        return tuple(self._messages)

    @property
    def revision(self) -> int:
        """Return a number that grows with every change that a page shows."""
        return self._changes + self.chats.version

    def find(self, chat_id: int, message_id: int) -> SentMessage | None:
        """Return a message of a chat."""
        place = self._places[chat_id].get(message_id)
        return None if place is None else self._messages[place]

    def pass_or_refuse(self, chat: SandboxChat) -> None:
        """Count a message against the flood limits.

        Raises:
            Refusal: it is over one.
        """
        now_s = self._clock.monotonic_s()
        excess = self.gate.pass_or_refuse(chat.id, now_s, is_group=chat.is_group)
        if excess is not None:
            raise too_many_requests(excess.retry_after_s)

    def deliver(self, chat: SandboxChat, draft: SentMessage) -> SentMessage:
        """Store a message under its final place and time and return it."""
        places = self._places[chat.id]
        message = replace(
            draft,
            number=len(self._messages) + 1,
            chat_id=chat.id,
            message_id=len(places) + 1,
            at_ms=self._clock.now_ms(),
        )
        places[message.message_id] = len(self._messages)
        self._messages.append(message)
        self._changes += 1
        return message

    def edit(self, message: SentMessage) -> SentMessage:
        """Store a message in the place of its former self and return it."""
        edited = replace(message, edited_ms=self._clock.now_ms())
        self._messages[self._places[message.chat_id][message.message_id]] = edited
        self._changes += 1
        return edited

    def told(self, message: SentMessage) -> Answer:
        """Return a message as the Bot API tells it."""
        chat = self.chats[message.chat_id]
        replied = message.reply_to and self.find(chat.id, message.reply_to)
        return as_bot_sees(message, chat, self.bot, replied=replied or None)

    def write_as_user(
        self, chat: SandboxChat, text: str, user: SandboxUser | None = None
    ) -> SentMessage:
        """Let the user of a chat, or somebody else in it, write to the bot."""
        draft = SentMessage(
            number=0,
            chat_id=0,
            message_id=0,
            at_ms=0,
            text=text,
            raw_text=text,
            is_users=True,
            user=user,
        )
        message = self.deliver(chat, draft)
        self.updates.put("message", self.told(message))
        return message

    def press(
        self,
        message: SentMessage,
        data: str,
        user: SandboxUser | None = None,
        *,
        is_forged: bool = False,
    ) -> str:
        """Let somebody press a button and return the id of the query that tells the bot.

        Args:
            message: it is under.
            data: that it sends back.
            user: who presses; None: whoever the chat is with.
            is_forged: there need be no such button: a client can send what it likes.

        Raises:
            Refusal: the message has no such button.
        """
        held = {button.data for row in message.keyboard for button in row if button.data}
        if data not in held and not is_forged:
            raise bad_request("the message has no such button")
        query_id = str(len(self._queries) + 1)
        self._queries[query_id] = data
        chat = self.chats[message.chat_id]
        query: Answer = {"id": query_id, "from": user_of(chat, user), "message": self.told(message)}
        self.updates.put("callback_query", {**query, "chat_instance": str(chat.id), "data": data})
        return query_id

    def answer_query(self, query_id: str, text: str) -> None:
        """Note what the bot says to a pressed button.

        Raises:
            Refusal: the query is unknown or answered already.
        """
        if query_id not in self._queries or query_id in self.answered:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        self.answered[query_id] = text
        self._changes += 1
