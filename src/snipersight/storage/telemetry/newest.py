"""The newest of what telemetry keeps, found without reading the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from snipersight.storage.telemetry.tables import SCAN_COUNT

if TYPE_CHECKING:
    from snipersight.storage.database import Database


def newest_scan_ms(database: Database, account_id: str) -> int | None:
    """Return the moment that an account's newest scan spoke about; None without any.

    Args:
        database: with the tables of telemetry.
        account_id: whose.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    found = (
        select(SCAN_COUNT.c.at_ms)
        .where(SCAN_COUNT.c.account_id == account_id)
        .order_by(SCAN_COUNT.c.at_ms.desc())
        .limit(1)
    )
    return database.read(lambda it: it.execute(found).scalar_one_or_none())
