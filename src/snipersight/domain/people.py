"""Who may say what to the running bot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What a person may do; each role may do what the ones before it may."""

    VIEWER = 1  # look
    TRADER = 2  # decide on plans, record trades by hand, pause
    ADMIN = 3  # resume, pull the kill switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as a channel knows them.

    Args:
        channel: where they speak, `telegram`.
        user_id: the channel's own; what they are allowed by. Names may be anybody's.
        name: as the channel shows it, for people to read.
        role: what they may do.
    """

    channel: str
    user_id: str
    name: str
    role: Role

    @property
    def actor(self) -> str:
        """Return who the audit says it was, `telegram:424242`."""
        return f"{self.channel}:{self.user_id}"
