"""The ledger table: entries as rows, exact numbers as text."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.instrument import MarketKind
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.units import Currency, Money, Price, Size, Symbol
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.row_codecs import Unreadable, to_decimal, to_text
from snipersight.storage.schema import LEDGER

if TYPE_CHECKING:
    from snipersight.storage.database import Database

_Insert = TypeVar("_Insert", sqlite.Insert, postgresql.Insert)

_OF_ACCOUNT: Final = LEDGER.c.account_id == bindparam("account")
_EVERY: Final = select(LEDGER).where(_OF_ACCOUNT)
_LIVE: Final = select(LEDGER).where(_OF_ACCOUNT, LEDGER.c.is_live)
_BY_ID: Final = select(LEDGER).where(_OF_ACCOUNT, LEDGER.c.entry_id == bindparam("entry"))
_BY_PLAN: Final = select(LEDGER).where(_OF_ACCOUNT, LEDGER.c.plan_id == bindparam("plan"))
_BY_PLANS: Final = select(LEDGER).where(
    _OF_ACCOUNT, LEDGER.c.plan_id.in_(bindparam("plans", expanding=True))
)


def upsert(statement: _Insert) -> _Insert:
    """Return an insert of an entry that replaces the entry of that id, if it is the account's own."""
    changed = {
        column.name: statement.excluded[column.name]
        for column in LEDGER.columns
        if not column.primary_key
    }
    return statement.on_conflict_do_update(
        index_elements=[LEDGER.c.entry_id],
        set_=changed,
        # The id of another account's entry changes nothing, which is noticed.
        where=LEDGER.c.account_id == statement.excluded.account_id,
    )


_SAVE: Final = ReadyStatement(
    {
        "sqlite": upsert(sqlite.insert(LEDGER)),
        "postgresql": upsert(postgresql.insert(LEDGER)),
    },
    names=LEDGER.columns.keys(),
)


def live_entries(connection: Connection, account_id: str) -> tuple[LedgerEntry, ...]:
    """Return the entries that count, oldest reservation first.

    Raises:
        Unreadable: a row does not say what a row should; this and the next two alike.
    """
    return _entries(connection.execute(_LIVE, {"account": account_id}))


def all_entries(connection: Connection, account_id: str) -> tuple[LedgerEntry, ...]:
    """Return every entry, live or ended, oldest reservation first."""
    return _entries(connection.execute(_EVERY, {"account": account_id}))


def find_entry(connection: Connection, account_id: str, entry_id: EntryId) -> LedgerEntry | None:
    """Return one entry of an account, or None."""
    found = _entries(connection.execute(_BY_ID, {"account": account_id, "entry": entry_id}))
    return found[0] if found else None


def entries_of_plan(
    connection: Connection, account_id: str, plan_id: PlanId
) -> tuple[LedgerEntry, ...]:
    """Return every entry of a plan, oldest first."""
    return _entries(connection.execute(_BY_PLAN, {"account": account_id, "plan": plan_id}))


def entries_of_plans(
    database: Database, account_id: str, plan_ids: Collection[str]
) -> tuple[LedgerEntry, ...]:
    """Return every entry of these plans, oldest first; one question, however many they are.

    Raises:
        StateUnavailable: they cannot be read.
    """
    values = {"account": account_id, "plans": sorted(plan_ids)}
    try:
        return database.read(lambda it: _entries(it.execute(_BY_PLANS, values)))
    except Unreadable as error:
        raise StateUnavailable(
            f"an entry of the ledger cannot be read: {error}",
            where=database.place,
            next_step="run `snipersight db check`",
        ) from error


def save_entry(connection: Connection, entry: LedgerEntry) -> None:
    """Insert or replace an entry.

    Raises:
        ValueError: another account has an entry of this id.
    """
    require_saved(entry, _SAVE.execute(connection, entry_row(entry)).rowcount)


def require_saved(entry: LedgerEntry, rows: int) -> None:
    """Raise a ValueError if no row was written: another account has an entry of this id."""
    if rows != 1:
        raise ValueError(f"entry {entry.entry_id} belongs to another account")


def age(entry: LedgerEntry) -> tuple[int, EntryId]:
    """Return what to sort entries by, oldest reservation first."""
    return entry.reserved_us, entry.entry_id


def entry_row(entry: LedgerEntry) -> dict[str, object]:
    """Return an entry as values by column."""
    return {
        "entry_id": entry.entry_id,
        "account_id": entry.account_id,
        "origin": entry.origin.value,
        "state": entry.state.value,
        "is_live": entry.state.is_live,
        "plan_id": entry.plan_id,
        "setup_id": entry.setup_id,
        "venue": entry.venue,
        "symbol": entry.symbol,
        "market": entry.market.value,
        "underlying": entry.underlying,
        "direction": entry.direction.value,
        "pending_size": to_text(entry.pending_size),
        "open_size": to_text(entry.open_size),
        "entry_price": to_text(entry.entry_price),
        "fill_price": None if entry.fill_price is None else to_text(entry.fill_price),
        "stop_price": to_text(entry.stop_price),
        "cost_per_unit": to_text(entry.cost_per_unit),
        "leverage": to_text(entry.leverage),
        "quote_rate": to_text(entry.quote_rate),
        "reserved_us": entry.reserved_us,
        "expires_us": entry.expires_us,
        "opened_us": entry.opened_us,
        "ended_us": entry.ended_us,
        "unprotected_since_us": entry.unprotected_since_us,
        "realised": to_text(entry.realised),
    }


def _entries(rows: Iterable[Row[*tuple[Any, ...]]]) -> tuple[LedgerEntry, ...]:
    # Sorted here: each database has an order of letters of its own.
    try:
        return tuple(sorted(map(_entry, rows), key=age))
    except ValueError as error:
        raise Unreadable(str(error)) from error


def _entry(row: Row[*tuple[Any, ...]]) -> LedgerEntry:
    entry = LedgerEntry(
        entry_id=EntryId(row.entry_id),
        account_id=row.account_id,
        origin=Origin(row.origin),
        state=EntryState(row.state),
        plan_id=None if row.plan_id is None else PlanId(row.plan_id),
        setup_id=None if row.setup_id is None else SetupId(row.setup_id),
        venue=row.venue,
        symbol=Symbol(row.symbol),
        market=MarketKind(row.market),
        underlying=Currency(row.underlying),
        direction=Direction(row.direction),
        pending_size=Size(to_decimal(row.pending_size)),
        open_size=Size(to_decimal(row.open_size)),
        entry_price=Price(to_decimal(row.entry_price)),
        fill_price=None if row.fill_price is None else Price(to_decimal(row.fill_price)),
        stop_price=Price(to_decimal(row.stop_price)),
        cost_per_unit=to_decimal(row.cost_per_unit),
        leverage=to_decimal(row.leverage),
        quote_rate=to_decimal(row.quote_rate),
        reserved_us=row.reserved_us,
        expires_us=row.expires_us,
        opened_us=row.opened_us,
        ended_us=row.ended_us,
        unprotected_since_us=row.unprotected_since_us,
        realised=Money(to_decimal(row.realised)),
    )
    # The column only serves the index: were it to disagree, an entry would drop out of the limits.
    if row.is_live is not entry.state.is_live:
        raise ValueError(f"entry {entry.entry_id} is {entry.state} and is_live {row.is_live}")
    return entry
