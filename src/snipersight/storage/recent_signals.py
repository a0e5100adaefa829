"""Which signals were fired lately: one a market and side within a window, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.storage.key_value import ABSENT, compare_and_set_value, get_value
from snipersight.storage.unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.domain.direction import Direction
    from snipersight.domain.store import UnitOfWork
    from snipersight.storage.database import Database

_DAY_US: Final = 86_400_000_000


class SqlRecentSignals:
    """Implements `RecentSignals` for every process that shares the database, by its clock.

    Args:
        database: where claims are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    def claim(
        self,
        account_id: str,
        symbol: str,
        direction: Direction,
        *,
        window_us: int,
        by: str,
        unit: UnitOfWork | None = None,
    ) -> bool:
        """Return whether nobody has fired there within the window, and count this one if so.

        Raises:
            StateUnavailable: the store cannot be written; nothing is claimed.
            TypeError: the transaction is not one of this database.
            ValueError: the window is not above 0, or a name is too long.
        """
        if window_us < 1:
            raise ValueError(f"a window of {window_us} µs")
        key = f"fired:{account_id}:{direction.value}:{symbol}"

        def work(connection: Connection) -> bool:
            now_us = self._database.now_us(connection)
            found = get_value(connection, key, now_us=now_us)
            if found is not None and now_us < found.changed_us + window_us:
                return False
            # Kept beyond this window: the next who asks may look further back.
            claimed = compare_and_set_value(
                connection,
                key,
                by,
                expected_version=ABSENT if found is None else found.version,
                ttl_us=max(window_us, _DAY_US),
                now_us=now_us,
            )
            return claimed is not None

        if unit is None:
            return self._database.write(work)
        if not isinstance(unit, SqlUnitOfWork):
            raise TypeError(f"a signal cannot be claimed within a {type(unit).__name__}")
        return unit.run(work)
