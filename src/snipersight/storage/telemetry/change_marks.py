"""Marks of what telemetry holds: another mark, something changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, func, select, text

from snipersight.storage.telemetry.tables import EVENT, FOLLOWED, OUTCOME, SCAN_COUNT, SIGNAL

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

_NEWEST_EVENT: Final = select(func.max(EVENT.c.seq))
_NEWEST_SCAN: Final = (
    select(SCAN_COUNT.c.at_ms, SCAN_COUNT.c.context_id)
    .order_by(SCAN_COUNT.c.at_ms.desc(), SCAN_COUNT.c.context_id)
    .limit(1)
)
_NEWEST_SIGNAL: Final = (
    select(SIGNAL.c.decided_ms, SIGNAL.c.key)
    .order_by(SIGNAL.c.decided_ms.desc(), SIGNAL.c.key.desc())
    .limit(1)
)
_UNFINISHED: Final = select(func.count()).select_from(SIGNAL).where(SIGNAL.c.is_unfinished)
_FOLLOWED: Final = (
    select(OUTCOME.c.kind, OUTCOME.c.status, func.count(), func.sum(OUTCOME.c.followed_to_ms))
    .where(text(FOLLOWED))
    .group_by(OUTCOME.c.kind, OUTCOME.c.status)
    .order_by(OUTCOME.c.kind, OUTCOME.c.status)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryMarks:
    """A mark for each part.

    Args:
        events: what happened.
        signals: signals and how far they have come.
        scans: scans, and signals that ended: what statistics are made of.
    """

    events: str
    signals: str
    scans: str


def telemetry_marks(database: Database) -> TelemetryMarks:
    """Return the marks of one moment.

    Their cost grows with what is unfinished and with the trades that were made, not with the
    signals that are kept.

    Args:
        database: with the tables of telemetry.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    return database.read(_marks)


def _marks(connection: Connection) -> TelemetryMarks:
    scans = _mark(connection, _NEWEST_SCAN, _NEWEST_SIGNAL, _UNFINISHED)
    return TelemetryMarks(
        events=_mark(connection, _NEWEST_EVENT),
        signals=f"{scans};{_mark(connection, _FOLLOWED)}",
        scans=scans,
    )


def _mark(connection: Connection, *questions: Select[Any]) -> str:
    return ";".join(str(list(map(tuple, connection.execute(one)))) for one in questions)
