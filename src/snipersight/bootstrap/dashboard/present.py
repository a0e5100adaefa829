"""Which time it is for an account: ours, or that of a rehearsal that lives by a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from snipersight.bootstrap.told_time import FRESH_US, last_told

if TYPE_CHECKING:
    from snipersight.domain.store import AccountRow
    from snipersight.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What time it is for an account.

    Args:
        us: microseconds UTC, never before what was recorded last.
        pace: seconds of that time in a real one; 0: it stands still until a bot goes on with it.
    """

    us: int
    pace: float = 1.0


def present_of(database: Database, row: AccountRow, *, system_us: int) -> Present:
    """Return what time it is for an account.

    A bot that lives by another time than ours tells it every few seconds, and judges by it what
    people say: as long as it does, that is the account's time, however long it has written nothing.
    Once it has ended or died, time stands where it was told last, and nothing is dated later than
    the account has lived. All other accounts live by our clock, and so does one that was written
    by it after a rehearsal had ended.

    Args:
        database: where bots tell their time.
        row: of the account.
        system_us: our time.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    told = last_told(database, row.account_id)
    if told is None:
        return Present(us=max(system_us, row.last_us))
    if told.is_alive(system_us):
        return Present(us=max(told.at(system_us), row.last_us), pace=told.scale)
    # One that was killed may have written for as long as it is believed to live, by its own clock.
    if row.last_us <= told.shown_us + int(FRESH_US * told.scale):
        return Present(us=max(told.shown_us, row.last_us), pace=0.0)
    return Present(us=max(system_us, row.last_us))
