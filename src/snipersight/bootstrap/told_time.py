"""The time that a running bot lives by, told to other processes on the same account.

A command beside a bot whose time runs faster would record at the system's time otherwise: later
than the bot's, which then lies behind what was recorded and may enter nothing any more.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.store import system_us
from snipersight.domain.errors import StateUnavailable
from snipersight.storage.key_value import KeyValueStore

if TYPE_CHECKING:
    from snipersight.bootstrap.run_clock import RunClock
    from snipersight.storage.database import Database

_TOLD_S: Final = 3.0
# Of real time: a bot that has not told its time for so long is gone, or hangs.
FRESH_US: Final = 15_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTime:
    """What a sandbox's clock showed, and when.

    Args:
        shown_us: by that clock, microseconds UTC.
        system_us: by the system's at the same moment.
        scale: seconds of it in a real one; 0 once its bot has ended.
    """

    shown_us: int
    system_us: int
    scale: float

    def at(self, system_us: int) -> int:
        """Return what that clock shows at a moment of the system's, microseconds UTC."""
        return self.shown_us + int((system_us - self.system_us) * self.scale)

    def is_fresh(self, system_us: int) -> bool:
        """Return whether it was told a moment ago."""
        return abs(system_us - self.system_us) <= FRESH_US

    def is_alive(self, system_us: int) -> bool:
        """Return whether the bot that told it goes on living by it."""
        return self.scale > 0 and self.is_fresh(system_us)


async def tell_time(database: Database, account_id: str, clock: RunClock) -> None:
    """Tell a sandbox's time every few seconds until cancelled.

    Args:
        database: of the account.
        account_id: that lives by it.
        clock: that time.
    """
    while True:
        await _tell(database, account_id, clock, scale=clock.scale)
        await asyncio.sleep(_TOLD_S)


async def tell_end(database: Database, account_id: str, clock: RunClock) -> None:
    """Tell that a sandbox's time stands still now, as its bot has ended.

    Args:
        database: of the account.
        account_id: that lived by it.
        clock: that time.
    """
    await _tell(database, account_id, clock, scale=0.0)


def told_time(database: Database, account_id: str, *, now_us: int) -> ToldTime | None:
    """Return the time that a running bot has told lately; None where none lives by a sandbox's.

    Args:
        database: of the account.
        account_id: whose bot.
        now_us: the system's time, microseconds UTC.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    told = last_told(database, account_id)
    return told if told is not None and told.is_fresh(now_us) else None


def last_told(database: Database, account_id: str) -> ToldTime | None:
    """Return the time that a bot has told last, however long ago; None where the present holds.

    Args:
        database: of the account.
        account_id: whose bot.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    found = KeyValueStore(database).get(_key(account_id))
    return None if found is None else ToldTime(**json.loads(found.value))


def tell_present(database: Database, account_id: str) -> None:
    """Tell that an account lives by our clock from now on, whatever it was rehearsed by before.

    Args:
        database: of the account.
        account_id: that a bot of the present begins to run.

    Raises:
        StateUnavailable: the store cannot be written.
    """
    KeyValueStore(database).delete(_key(account_id))


class AccountTime:
    """Implements `Clock` for a command: the system's time, or that of the bot beside it."""

    def __init__(self) -> None:
        self._told: ToldTime | None = None

    def __call__(self) -> int:
        """Return the time to record by, microseconds UTC."""
        return system_us() if self._told is None else self._told.at(system_us())

    def follow(self, database: Database, account_id: str, *, is_sandbox: bool) -> bool:
        """Go by what a bot on the account has told, if it has.

        Args:
            database: of the account.
            account_id: whose bot.
            is_sandbox: whether the account may live by another time than ours; one at a real
                venue never does, whatever somebody has told of it.

        Returns:
            Whether it is a sandbox's time now.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        self._told = None
        if is_sandbox:
            self._told = told_time(database, account_id, now_us=system_us())
        return self._told is not None


async def _tell(database: Database, account_id: str, clock: RunClock, *, scale: float) -> None:
    told = ToldTime(shown_us=clock.us(), system_us=system_us(), scale=scale)
    # Told again in a moment; that the store is away is said by whoever needs it.
    with suppress(StateUnavailable):
        await asyncio.to_thread(
            KeyValueStore(database).put, _key(account_id), json.dumps(asdict(told))
        )


def _key(account_id: str) -> str:
    # An account's name may have any length, a key may not.
    return f"sandbox-time:{hashlib.sha256(account_id.encode()).hexdigest()}"
