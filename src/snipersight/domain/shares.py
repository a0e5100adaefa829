"""How several processes share one scan: its symbols lie in slots, and each gets a fair part of them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from snipersight.domain.instrument import underlying_of
from snipersight.domain.units import Symbol

SLOTS: Final = 16
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One scan that processes may share; where any of it differs, they scan by themselves.

    Args:
        account_id: whose gate judges.
        market: what is scanned: the venue, and of the built-in market whatever tells one from
            another.
        profile_hash: content hash of the profile.
        symbols: the universe as it was asked for, `top20` or a list.
    """

    account_id: str
    market: str
    profile_hash: str
    symbols: str

    @property
    def key(self) -> str:
        """Return 16 hexadecimal digits that name it, for good."""
        parts = (self.account_id, self.market, self.profile_hash, self.symbols)
        # Lengths keep ("ab", "c") and ("a", "bc") apart.
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What a member changes when it looks at the slots.

    Args:
        gives: slots of its own that others should have.
        takes: slots of nobody that it should have.
    """

    gives: tuple[int, ...] = ()
    takes: tuple[int, ...] = ()


def slot_of(symbol: Symbol) -> int:
    """Return the slot of a symbol, 0 to 15, the same on every machine and for good.

    Everything on one underlying lies in one slot: `PEPE/USDT` and `1000PEPE/USDT:USDT`.
    """
    underlying, _ = underlying_of(symbol.partition("/")[0])
    return int.from_bytes(hashlib.sha256(underlying.encode()).digest()[:8]) % SLOTS


def fair_part(member: str, members: Collection[str], *, slots: int = SLOTS) -> int:
    """Return how many slots a member should have; the parts of all members add up to all slots.

    Where they do not divide evenly, the first by name have one more. It hangs on nothing else, so
    that all agree on it, whatever anybody has at the moment.

    Args:
        member: one of the members.
        members: everybody who takes part, each once.
        slots: how many there are.
    """
    least, over = divmod(slots, len(members))
    return least + (sorted(members).index(member) < over)


def moves_of(member: str, members: Collection[str], owners: Sequence[str | None]) -> Moves:
    """Return what a member should let go of, or take, to come to its fair part.

    Nobody takes what somebody has. Once every member has done what this says, one after the other,
    and then once more, it says nothing to anybody.

    Args:
        member: one of the members.
        members: everybody who takes part.
        owners: who has each slot; None: nobody.
    """
    part = fair_part(member, members, slots=len(owners))
    own = [slot for slot, owner in enumerate(owners) if owner == member]
    free = [slot for slot, owner in enumerate(owners) if owner is None]
    return Moves(gives=tuple(own[part:]), takes=tuple(free[: max(part - len(own), 0)]))
