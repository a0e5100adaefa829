"""What ended trades have brought, by the ledger alone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import not_, select

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.row_codecs import Unreadable, to_decimal
from snipersight.storage.schema import LEDGER

if TYPE_CHECKING:
    from snipersight.storage.database import Database


def ended_results(database: Database, account_id: str) -> tuple[tuple[int, Decimal], ...]:
    """Return when each trade ended, microseconds UTC, and its result in account currency, net.

    Args:
        database: of the ledger.
        account_id: whose.

    Returns:
        In the order in which they ended; what ended without a fill and brought nothing is left out.

    Raises:
        StateUnavailable: they cannot be read.
    """
    columns = LEDGER.c
    found = (
        select(columns.ended_us, columns.realised)
        .where(columns.account_id == account_id, not_(columns.is_live))
        .where(columns.ended_us.is_not(None), columns.opened_us.is_not(None))
        .order_by(columns.ended_us, columns.entry_id)
    )
    rows = database.read(lambda it: it.execute(found).all())
    try:
        return tuple((ended_us, to_decimal(realised)) for ended_us, realised in rows)
    except Unreadable as error:
        raise StateUnavailable(
            f"the ledger cannot be read: {error}",
            where=database.place,
            next_step="run `snipersight db check`",
        ) from error
