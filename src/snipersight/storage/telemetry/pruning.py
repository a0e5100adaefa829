"""Retention of telemetry: what everybody has, and what is too much, goes; the disk stays bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_, select

from snipersight.storage.shrinking import shrink, size_bytes
from snipersight.storage.telemetry.tables import (
    EVENT,
    EXPORTER,
    OUTCOME,
    SCAN_COUNT,
    SIGNAL,
    SIGNAL_GROUP,
    SIGNAL_TEXT,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from snipersight.storage.database import Database

ORDER_KEY: Final = "order:"  # what keys of orders begin with
_DAY_US: Final = 86_400_000_000
_TIMEOUT_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryLimits:
    """How much telemetry is kept.

    Args:
        confirmed_days: events that every known exporter has confirmed; those of an order stay for
            `event_days`, because while it works its source tells them again.
        event_days: events that one of them has not; it will never get what is older.
        events: how many at most, the newest.
        signals: how many at most, with their outcomes, the latest decisions.
        scans: counts of how many at most, the latest.
    """

    confirmed_days: int = 7
    event_days: int = 30
    events: int = 2_000_000
    signals: int = 1_000_000
    scans: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryPruned:
    """What went, or would go.

    Args:
        is_dry_run: nothing was changed.
        events: that everybody has, or that are too old or too many.
        unsent: those of them that an exporter has not confirmed.
        signals: too many; their outcomes go with them.
        scans: counts of scans, too many.
        bytes_before, bytes_after: what the database takes on the disk, its log included.
        not_shrunk: why the file kept its size; empty if it did not.
    """

    is_dry_run: bool
    events: int
    unsent: int
    signals: int
    scans: int
    bytes_before: int
    bytes_after: int
    not_shrunk: str = ""


def prune_telemetry(
    database: Database, limits: TelemetryLimits | None = None, *, dry_run: bool = False
) -> TelemetryPruned:
    """Remove what is beyond the limits, by the database's clock, and shrink the file.

    Args:
        database: where, with the tables of telemetry.
        limits: how much is kept.
        dry_run: only count.

    Raises:
        StateUnavailable: the store cannot be read or written; nothing was removed.
    """
    limits = TelemetryLimits() if limits is None else limits
    bytes_before = size_bytes(database)
    counts = (
        database.read(lambda it: _counted(it, limits, database.now_us(it)))
        if dry_run
        else database.write(lambda it: _removed(it, limits, database), timeout_s=_TIMEOUT_S)
    )
    not_shrunk = "" if dry_run else shrink(database)
    return TelemetryPruned(
        is_dry_run=dry_run,
        **counts,
        bytes_before=bytes_before,
        bytes_after=size_bytes(database),
        not_shrunk=not_shrunk,
    )


def _removed(connection: Connection, limits: TelemetryLimits, database: Database) -> dict[str, int]:
    now_us = database.now_us(connection)
    counts = _counted(connection, limits, now_us)
    connection.execute(delete(EVENT).where(_old_events(connection, limits, now_us)))
    if counts["signals"]:
        _remove_signals(connection, limits)
    connection.execute(delete(SCAN_COUNT).where(_scans_beyond(limits)))
    return counts


def _counted(connection: Connection, limits: TelemetryLimits, now_us: int) -> dict[str, int]:
    old = _old_events(connection, limits, now_us)
    unsent = EVENT.c.seq > _confirmed(connection)
    return {
        "events": _count(connection, EVENT, old),
        "unsent": _count(connection, EVENT, old & unsent),
        "signals": _count(connection, SIGNAL, _signals_beyond(limits)),
        "scans": _count(connection, SCAN_COUNT, _scans_beyond(limits)),
    }


def _count(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(table).where(which)
    return int(connection.execute(counted).scalar_one())


def _old_events(
    connection: Connection, limits: TelemetryLimits, now_us: int
) -> ColumnElement[bool]:
    confirmed_us = now_us - limits.confirmed_days * _DAY_US
    oldest_us = now_us - limits.event_days * _DAY_US
    newest = connection.execute(select(func.max(EVENT.c.seq))).scalar_one() or 0
    # The newest stays: what comes next must have a higher number than every cursor.
    return and_(
        EVENT.c.seq < newest,
        or_(
            and_(
                EVENT.c.seq <= _confirmed(connection),
                EVENT.c.at_us < confirmed_us,
                or_(EVENT.c.key.is_(None), not_(EVENT.c.key.startswith(ORDER_KEY))),
            ),
            EVENT.c.at_us < oldest_us,
            EVENT.c.seq <= newest - limits.events,
        ),
    )


def _confirmed(connection: Connection) -> int:
    """Return up to where every exporter has confirmed; 0 without any."""
    # A name with a colon is a place in something else than the log.
    found = select(func.min(EXPORTER.c.cursor)).where(not_(EXPORTER.c.name.contains(":")))
    return int(connection.execute(found).scalar_one() or 0)


def _signals_beyond(limits: TelemetryLimits) -> ColumnElement[bool]:
    latest = select(SIGNAL.c.key).order_by(SIGNAL.c.decided_ms.desc(), SIGNAL.c.key.desc())
    return SIGNAL.c.key.not_in(latest.limit(limits.signals))


def _scans_beyond(limits: TelemetryLimits) -> ColumnElement[bool]:
    columns = SCAN_COUNT.c
    latest = select(columns.context_id).order_by(columns.at_ms.desc(), columns.context_id.desc())
    return columns.context_id.not_in(latest.limit(limits.scans))


def _remove_signals(connection: Connection, limits: TelemetryLimits) -> None:
    """Remove the oldest decisions with all that belongs to them."""
    gone = select(SIGNAL.c.key).where(_signals_beyond(limits))
    for table in (SIGNAL_TEXT, OUTCOME):
        connection.execute(delete(table).where(table.c.key.in_(gone)))
    connection.execute(delete(SIGNAL).where(_signals_beyond(limits)))
    used = select(SIGNAL.c.group_id)
    connection.execute(delete(SIGNAL_GROUP).where(SIGNAL_GROUP.c.id.not_in(used)))
