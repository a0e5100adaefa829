"""Which time it is for an account: ours, or that of a rehearsal that lives by a clock of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.storage.signs_of_life import newest_sign_us

if TYPE_CHECKING:
    from snipersight.domain.store import AccountRow
    from snipersight.storage.database import Database

_APART_US: Final = 3_600_000_000  # a live engine at our time writes more often


def present_us(database: Database, row: AccountRow, *, system_us: int) -> int:
    """Return the time of an account, microseconds UTC.

    A rehearsal may live months away from us; to judge by our clock would call everything of it
    expired, or nothing. It does so if a process is alive now and what it wrote last is of an hour
    that is not ours; without one, our own time holds.

    Args:
        database: where processes show signs of life, by its own clock.
        row: of the account.
        system_us: our time.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    if abs(system_us - row.last_us) <= _APART_US:
        return max(system_us, row.last_us)
    seen_us = newest_sign_us(database)
    is_alive = seen_us is not None and abs(system_us - seen_us) <= _APART_US
    return row.last_us if is_alive else system_us
