"""Where people may speak to the bot: alone with it, or in a chat of the trader's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from snipersight.bot.operator.updates import Place, Sender
from snipersight.domain.channels import Chat, ChatRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """The chats that are configured.

    Args:
        private: ids and `@names` of the trader's own chats, in small letters.
        public: the same of those with an audience: nothing is done or answered there.
    """

    private: frozenset[str] = field(default_factory=frozenset)
    public: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, chats: Iterable[Chat], *, channel: str) -> Self:
        """Return the rooms of a channel's chats."""
        named = {
            role: frozenset(
                chat.address.strip().lower()
                for chat in chats
                if chat.channel == channel and chat.role is role
            )
            for role in ChatRole
        }
        return cls(private=named[ChatRole.PRIVATE], public=named[ChatRole.PUBLIC])

    def accepts(self, place: Place, sender: Sender) -> bool:
        """Return whether what somebody says there is listened to."""
        names = {place.address} | ({f"@{place.username}"} if place.username else set())
        if names & self.public:
            return False
        is_alone = place.is_private and place.address == sender.user_id
        return is_alone or bool(names & self.private)
