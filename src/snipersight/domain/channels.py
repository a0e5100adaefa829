"""Where messages go: chats with their roles and filters, and the port that carries them there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Protocol

from snipersight.domain.confluence import Tier
from snipersight.domain.direction import Direction
from snipersight.domain.notices import Severity


class ChatRole(StrEnum):
    """Who reads a chat."""

    PRIVATE = "private"  # the trader: size, risk in currency and balance are shown
    PUBLIC = "public"  # an audience: never size, amounts or balance, and no alert


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A part of every day in which nothing rings; it may run over midnight.

    Args:
        begin, end: local wall times; equal ones mean no quiet hours at all.
        timezone: IANA name, `Europe/Berlin`.
    """

    begin: time
    end: time
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One place messages go to.

    Args:
        channel: name of the notifier that serves it, `telegram`.
        address: the channel's own: a chat id, the name of a configured URL; no secret.
        role: who reads it.
        tiers, symbols, directions: only signals of these; empty: of all. A symbol without a
            quote stands for all its markets.
        quiet_hours: when messages arrive without a sound; critical alerts ring all the same.
        cornix: add the text that Cornix reads to each signal.
        practice: takes signals and scans of the built-in market, too.
    """

    channel: str
    address: str
    role: ChatRole = ChatRole.PRIVATE
    tiers: frozenset[Tier] = frozenset()
    symbols: frozenset[str] = frozenset()
    directions: frozenset[Direction] = frozenset()
    quiet_hours: QuietHours | None = None
    cornix: bool = False
    practice: bool = True

    @property
    def lane(self) -> str:
        """Return the name of its queue: what lies in it is sent in order."""
        return f"{self.channel}:{self.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under a message.

    Args:
        text: what it says.
        data: what a press sends back, 1 to 64 bytes of ASCII.
    """

    text: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message worded for one chat, before its channel cuts it to size.

    Args:
        title: a few words for channels that have a subject line.
        markdown: CommonMark.
        data: the same as data, for machines; a versioned schema.
        picture: path of a PNG to go with it; None for none. A missing file is no reason to stay silent.
        severity: for channels that tell by it.
        is_silent: arrives without a sound.
        buttons: rows of buttons under the last message; channels without any leave them out.
    """

    title: str
    markdown: str
    data: Mapping[str, object] = field(default_factory=dict)
    picture: str | None = None
    severity: Severity = Severity.INFO
    is_silent: bool = False
    buttons: tuple[tuple[Button, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """It arrived, or was handed over for good.

    Args:
        message_id: the channel's, to reply to; empty where there is none.
    """

    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """It did not arrive as far as is known; try later.

    Args:
        error: why, without secrets.
        after_s: not before, as the channel asked; None: by our own backoff.
        is_ambiguous: the request had left and may have been carried out: a second attempt may
            deliver twice.
        is_whole_channel: the channel is at its limit or away, not this chat alone.
    """

    error: str
    after_s: float | None = None
    is_ambiguous: bool = False
    is_whole_channel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Nothing can be sent until a person has looked: the chat, or the channel, is not to be had.

    Args:
        error: why, without secrets.
        is_whole_channel: wrong token; else this chat alone: blocked, not found.
    """

    error: str
    is_whole_channel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The chat has a new address; send there from now on."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsendable:
    """This one message will never be taken, in whatever form; the next one may."""

    error: str


SendOutcome = Delivered | TryAgain | Stopped | Moved | Unsendable
Body = Mapping[str, object]  # of canonical JSON: text, int, bool, None, lists and mappings


class Notifier(Protocol):
    """A channel. `prepare` is pure; `send` is one request and never raises for its failure."""

    @property
    def name(self) -> str:
        """Return the channel's name, `telegram`; 1 to 16 characters."""
        ...

    def prepare(self, message: Rendered) -> tuple[Body, ...]:
        """Return the messages a rendering becomes, in order, each within the channel's limits."""
        ...

    async def send(self, address: str, body: Body, *, key: str, reply_to: str = "") -> SendOutcome:
        """Send one prepared message.

        Args:
            address: of the chat.
            body: as prepared, by this version or an older one.
            key: the same for every attempt; channels that know such a thing pass it on.
            reply_to: message id to reply to; empty for none.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
