"""What channels allow: so many messages in any such time, overall, in a chat, in a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SECOND_US: Final = 1_000_000
LONGEST_ASKED_S: Final = 7 * 86_400.0  # more is no channel's wish, and beyond a time column
# Two clocks run apart, and a channel may count its windows a little longer than it says.
_MARGIN_SHARE: Final = 0.02
_MARGIN_US: Final = 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """At most so many messages in any such time.

    Args:
        most: messages, at least 1.
        seconds: length of the window.
    """

    most: int
    seconds: float

    @property
    def length_us(self) -> int:
        """Return the length with its margin, microseconds."""
        return int(self.seconds * SECOND_US * (1 + _MARGIN_SHARE)) + _MARGIN_US


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLimits:
    """What a channel allows.

    Args:
        overall: over all chats together.
        per_chat: in each chat.
        per_group: in each group besides; its address begins with `-` or `@`.
    """

    overall: tuple[Window, ...] = ()
    per_chat: tuple[Window, ...] = ()
    per_group: tuple[Window, ...] = ()

    def of(self, address: str) -> tuple[Window, ...]:
        """Return the windows of one chat."""
        return self.per_chat + (self.per_group if address.startswith(("-", "@")) else ())


# Telegram's FAQ for bots; channels behave like groups.
TELEGRAM_LIMITS: Final = ChannelLimits(
    overall=(Window(30, 1),), per_chat=(Window(1, 1),), per_group=(Window(20, 60),)
)
# What services that are not known by name stand well: the strictest webhooks take 30 a minute.
OTHER_LIMITS: Final = ChannelLimits(
    overall=(Window(10, 1),), per_chat=(Window(1, 1), Window(30, 60))
)
LIMITS: Final[Mapping[str, ChannelLimits]] = {"telegram": TELEGRAM_LIMITS}
LONGEST_WINDOW_US: Final = Window(1, 60).length_us
