"""What has changed since somebody looked: asked several times a second, read only when something has."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from snipersight.bootstrap.dashboard.views_system import Changes, Topic
from snipersight.storage.change_marks import DecisionMarks, decision_marks
from snipersight.storage.commit_stamp import CommitStamp, server_stamp
from snipersight.storage.database_url import SqliteAddress, parse_database_url
from snipersight.storage.home import Home
from snipersight.storage.kept_sweeps import SweepFolder
from snipersight.storage.telemetry.change_marks import TelemetryMarks, telemetry_marks

if TYPE_CHECKING:
    from pathlib import Path

    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.storage.database import Database

T = TypeVar("T")
_NONE_KEPT: Final = TelemetryMarks(events="", signals="", scans="")


class ChangeWatch:
    """Keeps the marks of both databases until a commit to one of them makes them old.

    Args:
        store: what is watched.
        decisions_url, telemetry_url: where its databases are.
    """

    def __init__(self, store: DashboardStore, *, decisions_url: str, telemetry_url: str) -> None:
        self._store: Final = store
        self._decisions: Final = _Watched(decisions_url, decision_marks)
        self._telemetry: Final = _Watched(telemetry_url, telemetry_marks)

    def changes(self) -> Changes:
        """Return a mark for each topic.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        read_ms = self._store.clock() // 1000
        decisions = self._decisions.marks(self._store.database)
        telemetry = self._store.telemetry()
        measured = _NONE_KEPT if telemetry is None else self._telemetry.marks(telemetry.database)
        kept = _kept_runs(self._store)
        return Changes(marks=_by_topic(decisions, measured, kept), read_ms=read_ms)

    def close(self) -> None:
        """Close what is open; a later look opens it again."""
        self._decisions.close()
        self._telemetry.close()


@dataclass(frozen=True, slots=True)
class _Held(Generic[T]):
    stamp: int | str
    database: Database
    marks: T


class _Watched(Generic[T]):
    """The marks of one database, computed again after a commit."""

    def __init__(self, url: str, compute: Callable[[Database], T]) -> None:
        address = parse_database_url(url)
        self._file: Final = (
            CommitStamp(address.path) if isinstance(address, SqliteAddress) else None
        )
        self._compute: Final = compute
        self._lock: Final = threading.Lock()
        self._held: _Held[T] | None = None

    def marks(self, database: Database) -> T:
        with self._lock:
            stamp = self._stamp(database)
            held = self._held
            if held is not None and (held.stamp, held.database) == (stamp, database):
                return held.marks
            marks = self._compute(database)
            self._held = None if stamp is None else _Held(stamp, database, marks)
            return marks

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _stamp(self, database: Database) -> int | str | None:
        if self._file is None:
            return server_stamp(database)
        database.read(lambda _connection: None)  # a file that is gone has not stayed the same
        return self._file.value()


def _by_topic(decisions: DecisionMarks, measured: TelemetryMarks, kept: str) -> dict[Topic, str]:
    return {
        Topic.PLANS: measured.signals,
        Topic.DECISIONS: decisions.audit,
        Topic.ORDERS: decisions.orders,
        Topic.POSITIONS: decisions.positions,
        Topic.EXPOSURE: decisions.exposure,
        Topic.EVENTS: measured.events,
        Topic.AUDIT: decisions.audit,
        Topic.STATS: measured.scans,
        Topic.EVIDENCE: kept,
        Topic.COMMANDS: decisions.commands,
        Topic.SYSTEM: decisions.processes,
    }


def _kept_runs(store: DashboardStore) -> str:
    """Return a mark of the backtests and sweeps that are kept: a folder's time is its newest file's."""
    runs = Home(store.settings.snipersight_home).backtests
    return " ".join(map(_changed, (runs, SweepFolder.beside(runs).path)))


def _changed(folder: Path) -> str:
    try:
        return str(folder.stat().st_mtime_ns)
    except OSError:
        return ""
