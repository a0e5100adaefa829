"""The part of a scan that this process has, kept while it runs; see `domain.shares`.

A turn is one scan of it: it begins when somebody asks what is ours and ends with its mark. Within a
turn nothing is let go of, and whatever it writes is refused once any of its slots was lost.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.run_clock import RunClock
from snipersight.domain.errors import LeaseLost, StateUnavailable
from snipersight.domain.shares import SLOTS, Scope, slot_of
from snipersight.domain.units import Symbol
from snipersight.storage.leases import Lease
from snipersight.storage.share_rows import Share
from snipersight.storage.shares import SqlShares

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

SHARES: Final = "shares"  # the part, as vitals know it
LOOK_S: Final = 1.0
# A turn that takes longer holds nobody up: whoever scans it was stuck, and is refused if need be.
_LONGEST_TURN_S: Final = 300.0
# Clocks of machines that share a store differ by less, in real seconds.
_CLOCKS_APART_S: Final = 120

Trouble = Callable[[StateUnavailable | None], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    leases: Mapping[int, Lease]
    began_s: float
    is_open: bool = True

    def is_whole(self, share: Share) -> bool:
        """Return whether everything it began with is still held, without a break."""
        return all(
            slot in share.leases and share.leases[slot].token == lease.token
            for slot, lease in self.leases.items()
        )


class Shares:
    """What this process scans; all of it where it is the only one.

    Everything but `guard` is called on the event loop; `begin`, `mine`, `mark` and `rest` by
    whoever scans.

    Args:
        rows: its part in the store.
        clock: of the run; marks are its times, leases are not.
        on_trouble: told of an error that keeps it from looking after its part, once, and with
            None when that is over.
        look_s: between two looks after it, real seconds.
    """

    def __init__(
        self,
        rows: SqlShares,
        *,
        clock: RunClock,
        on_trouble: Trouble = lambda _: None,
        look_s: float = LOOK_S,
    ) -> None:
        self._rows: Final = rows
        self._clock: Final = clock
        self._on_trouble: Final = on_trouble
        self._look_s: Final = look_s
        self._one_at_a_time: Final = asyncio.Lock()
        self._share = Share()
        self._turn = _Turn(leases={}, began_s=0.0, is_open=False)
        self._hidden: frozenset[int] = frozenset()
        self._is_troubled = False
        self._has_left = False
        self.gained: Final = asyncio.Event()
        """Set when slots were taken, a dead one's for example: they may be behind."""

    @property
    def members(self) -> int:
        """Return how many processes share the scan, as known last; 0 before `join`."""
        return self._share.members

    @property
    def slots(self) -> frozenset[int]:
        """Return which slots are held, as known last."""
        return frozenset(self._share.leases)

    @property
    def part(self) -> str:
        """Return four digits that name the slots of the turn; empty where it has all of them.

        The same slots have the same name, in another process and another life too.
        """
        slots = self._turn.leases.keys()
        return "" if len(slots) == SLOTS else f"{sum(1 << slot for slot in slots):04x}"

    async def join(self) -> None:
        """Take part: at once with all that is free, within seconds with what others let go of.

        Raises:
            StateUnavailable: the store cannot be used.
        """
        async with self._one_at_a_time:
            self._has_left = False
            self._accept(await asyncio.to_thread(self._rows.join))

    async def keep(self) -> None:
        """Join, then hold a fair part and look after it, until `leave`.

        A store that is away is asked again and again: what was held ends with its time, and is
        taken anew, or what is left of it by then.
        """
        while not self._has_left:
            try:
                await self._look_after()
            except StateUnavailable as error:
                self._tell_trouble(error)
            else:
                self._tell_trouble(None)
            await asyncio.sleep(self._look_s)

    def begin(self, *, unless_scanned_to: int | None = None) -> bool:
        """Begin a turn with what is held; return whether there is anything in it.

        Args:
            unless_scanned_to: a close, milliseconds UTC; slots that were scanned so far stay out,
                by whomever. None: all are in it.
        """
        held = {
            slot: lease
            for slot, lease in self._share.leases.items()
            if slot not in self._hidden
            and (unless_scanned_to is None or (self._scanned_ms(slot) or 0) < unless_scanned_to)
        }
        self._turn = _Turn(leases=held, began_s=time.monotonic(), is_open=bool(held))
        return bool(held)

    def mine(self, symbols: Iterable[Symbol]) -> tuple[Symbol, ...]:
        """Return what of some symbols is in the turn; where none is open, one of all begins."""
        if not (self._turn.is_open and self._turn.is_whole(self._share)):
            self.begin()
        return tuple(symbol for symbol in symbols if slot_of(symbol) in self._turn.leases)

    def guard(self, connection: Connection) -> None:
        """Make sure, within a transaction, that every slot of the last turn is still held.

        Until that transaction ends, nobody else can take one. Any thread may call it. After the
        mark it asks for those that the turn's end left to this process.

        Raises:
            LeaseLost: one was lost since the turn began, or there was none; roll back.
        """
        leases = self._turn.leases
        if not leases:
            raise LeaseLost(
                "this process has nothing to scan: others have it",
                where="scan",
                next_step="leave it to them, or end them",
            )
        self._rows.require(connection, leases.values())

    async def require(self) -> None:
        """Make sure, before something that no transaction of the store protects, that all is held.

        Raises:
            LeaseLost: a slot was lost since the turn began.
            StateUnavailable: the store cannot be read.
        """
        seen = await asyncio.to_thread(self._rows.look)
        if not self._turn.is_whole(seen):
            raise LeaseLost(
                "this process was silent for too long, and others may have scanned its part",
                where="scan",
                next_step="what is still its part is scanned again",
            )

    async def mark(self, as_of_ms: int) -> None:
        """Store that the turn was scanned up to a close, and end it; what is due changes hands.

        What was scanned further stays marked so.

        Args:
            as_of_ms: the close, milliseconds UTC.

        Raises:
            LeaseLost: a slot was lost since the turn began; nothing is marked, the turn is over.
            StateUnavailable: the store cannot be written; the turn goes on, mark it again.
        """
        async with self._one_at_a_time:
            turn = self._turn
            try:
                share = await asyncio.to_thread(
                    self._rows.mark,
                    turn.leases,
                    as_of_ms=as_of_ms,
                    believed_ms=self._believed_ms(),
                )
            except LeaseLost:
                self.rest()
                raise
            # What it lets go of in order is not lost: the rest of the turn may still be written.
            kept = {slot: turn.leases[slot] for slot in turn.leases.keys() & share.leases.keys()}
            self._turn = _Turn(leases=kept, began_s=0.0, is_open=False)
            self._accept(share)

    def rest(self) -> None:
        """End the turn without a mark, because its scan failed; what it had may change hands."""
        self._turn = _Turn(leases=self._turn.leases, began_s=0.0, is_open=False)

    def scanned_to(self, symbol: Symbol) -> int | None:
        """Return the close up to which the slot of a symbol was scanned, milliseconds UTC.

        None: never, or the slot is not held, or the mark lies in the future of this run's clock:
        one that was wrong has stored it, or an earlier run of a sandbox whose time began later.
        """
        return self._scanned_ms(slot_of(symbol))

    async def leave(self) -> None:
        """Give everything back at once; `keep` returns.

        Raises:
            StateUnavailable: the store cannot be written; what is held ends with its time.
        """
        async with self._one_at_a_time:
            self._has_left = True
            self._share = Share()
            await asyncio.to_thread(self._rows.leave)

    async def _look_after(self) -> None:
        async with self._one_at_a_time:
            if self._has_left:
                return
            seen = await asyncio.to_thread(self._rows.look)
            gives = () if self._is_scanning else seen.moves.gives
            if not (seen.is_due or seen.moves.takes or gives or not self._agrees_with(seen)):
                return
            # Before it is let go of: a turn that begins meanwhile must not count on it.
            self._hidden = frozenset(gives)
            self._accept(await asyncio.to_thread(self._rows.settle, may_give=gives))

    @property
    def _is_scanning(self) -> bool:
        turn = self._turn
        is_stuck = time.monotonic() - turn.began_s > _LONGEST_TURN_S
        return turn.is_open and not is_stuck and turn.is_whole(self._share)

    def _agrees_with(self, seen: Share) -> bool:
        def tokens(share: Share) -> dict[int, int]:
            return {slot: lease.token for slot, lease in share.leases.items()}

        return tokens(seen) == tokens(self._share)

    def _accept(self, share: Share) -> None:
        before, self._share = self._share, share
        self._hidden = frozenset()
        if share.leases.keys() - before.leases.keys():
            self.gained.set()

    def _scanned_ms(self, slot: int) -> int | None:
        marked_ms = self._share.scanned_ms.get(slot)
        return None if marked_ms is None or marked_ms > self._believed_ms() else marked_ms

    def _believed_ms(self) -> int:
        return self._clock.ms() + int(_CLOCKS_APART_S * 1000 * max(self._clock.scale, 1.0))

    def _tell_trouble(self, error: StateUnavailable | None) -> None:
        is_troubled = error is not None
        if is_troubled != self._is_troubled:
            self._is_troubled = is_troubled
            self._on_trouble(error)


def open_shares(
    database: Database, scope: Scope, *, clock: RunClock, on_trouble: Trouble = lambda _: None
) -> Shares:
    """Return the part of this process in a scan; nothing is taken before `join` or `keep`.

    Args:
        database: the store that is shared.
        scope: what is scanned.
        clock: of the run.
        on_trouble: see `Shares`.
    """
    member = f"{socket.gethostname()[:24]}:{os.getpid()}:{secrets.token_hex(4)}"
    return Shares(SqlShares(database, scope, member=member), clock=clock, on_trouble=on_trouble)
