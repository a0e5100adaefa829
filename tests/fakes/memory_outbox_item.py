"""What lies in an outbox in memory, and who holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from snipersight.domain.outbox import Delivery, StoredNotice

NOT_TOLD = "its sender ended without saying what became of it"


@dataclass(kw_only=True)
class Item:
    """A notice or a delivery on its way."""

    number: int
    draft: Any
    created_us: int
    available_us: int
    state: str = "pending"
    owner: str = ""
    until_us: int = 0
    attempt: int = 0
    is_ambiguous: bool = False
    last_error: str | None = None

    @property
    def is_unfinished(self) -> bool:
        """Return whether it is still on its way."""
        return self.state in ("pending", "claimed")

    def is_due(self, now_us: int, owner: str | None) -> bool:
        """Return whether it may be claimed; claims of others than an owner are void, if one is given."""
        if self.state == "pending":
            return self.available_us <= now_us
        return self.state == "claimed" and not self.is_claimed(now_us, owner)

    def is_claimed(self, now_us: int, owner: str | None) -> bool:
        """Return whether somebody holds it, or an owner, if one is given."""
        is_ours = owner in (None, self.owner)
        return self.state == "claimed" and self.until_us > now_us and is_ours

    def is_held_as(self, held: Delivery | StoredNotice) -> bool:
        """Return whether it is held by the very claim that handed this out."""
        return (self.state, self.owner, self.attempt) == ("claimed", held.owner, held.attempt)

    def claim(self, owner: str, until_us: int) -> None:
        """Begin a claim, and an attempt."""
        self.state, self.owner, self.until_us = "claimed", owner, until_us
        self.attempt += 1

    def let_go(self, state: str, at_us: int, error: str | None) -> None:
        """End its claim."""
        self.state, self.available_us, self.last_error = state, at_us, error
