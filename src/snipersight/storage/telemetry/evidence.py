"""Signals, outcomes and counts of scans on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import Select, and_, select, true

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.evidence import (
    EvidenceFilter,
    Kind,
    Origin,
    Outcome,
    ScanCount,
    SignalKey,
    SignalRecord,
)
from snipersight.storage.row_codecs import Unreadable
from snipersight.storage.telemetry import outcome_rows
from snipersight.storage.telemetry.outcome_rows import outcome_of, outcome_row
from snipersight.storage.telemetry.recording import (
    SignalRows,
    save_outcomes,
    save_scan,
)
from snipersight.storage.telemetry.selecting import ORDER, scans_wanted
from snipersight.storage.telemetry.signal_rows import signal_of
from snipersight.storage.telemetry.tables import OUTCOME, SIGNAL, SIGNAL_GROUP, SIGNAL_TEXT

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from snipersight.domain.evidence_columns import EvidenceTable, FactorColumns
    from snipersight.storage.database import Database

T = TypeVar("T")

_ROWS_PER_S: Final = 500  # what the slowest disk stores within a second
_OUTCOME: Final = tuple(OUTCOME.c[name] for name in outcome_rows.NAMES)
_SIGNAL: Final = (
    *SIGNAL.columns,
    *(column for column in SIGNAL_GROUP.columns if column.name != "id"),
    SIGNAL_TEXT.c.terms,
    SIGNAL_TEXT.c.plan,
)
_JOINED: Final = SIGNAL.join(SIGNAL_GROUP, SIGNAL_GROUP.c.id == SIGNAL.c.group_id).join(
    SIGNAL_TEXT, SIGNAL_TEXT.c.key == SIGNAL.c.key
)


class SqlEvidenceStore:
    """Implements `EvidenceStore` in a database; threads and processes may share it.

    A number that is NaN or infinite is refused with StateUnavailable, and all that is stored with
    it: nobody could compute with it.

    Args:
        database: where, with the tables of telemetry.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        self._loose = 0  # signals that the last table read one by one

    @property
    def database(self) -> Database:
        """Return where it is kept."""
        return self._database

    def record(self, scan: ScanCount, signals: Sequence[SignalRecord]) -> int:
        """Store a scan and its signals in one transaction; return how many signals are new.

        The same scan again changes nothing but a refusal that has become an approval: that is
        followed anew from the approval on, and what was modelled of the refusal is forgotten.

        Raises:
            StateUnavailable: the store cannot be written; nothing of it is kept.
        """
        with self._refusing("kept"):
            rows = SignalRows(signals)

        def work(connection: Connection) -> int:
            save_scan(connection, scan)
            return rows.save(connection)

        return self._write(work, rows=len(rows))

    def unfinished(
        self, *, venue: str | None = None, limit: int | None = None
    ) -> Sequence[tuple[SignalRecord, Outcome | None]]:
        """Return signals whose modelled outcome is not final, oldest first, with what is known.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        is_theirs = and_(OUTCOME.c.key == SIGNAL.c.key, OUTCOME.c.kind == Kind.MODELLED.value)
        found = (
            select(*_SIGNAL, *(column.label(f"outcome_{column.name}") for column in _OUTCOME))
            .select_from(_JOINED.outerjoin(OUTCOME, is_theirs))
            .where(SIGNAL.c.is_unfinished)
            .where(true() if venue is None else SIGNAL_GROUP.c.venue == venue)
            .order_by(*ORDER)
            .limit(limit)
        )
        return self._read(lambda it: [_pair(row) for row in it.execute(found)])

    def save_outcomes(self, outcomes: Iterable[Outcome]) -> int:
        """Store outcomes, each in the place of the one before; return how many changed.

        A final outcome is not replaced by one that is not. All are kept, or none.

        Raises:
            StateUnavailable: the store cannot be written; nothing of it is kept.
        """
        with self._refusing("kept"):
            rows = sorted(map(outcome_row, outcomes), key=lambda row: str(row["key"]))
        if not rows:
            return 0
        return self._write(lambda it: save_outcomes(it, rows), rows=len(rows))

    def signal(self, key: SignalKey) -> SignalRecord | None:
        """Return one signal.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        found = select(*_SIGNAL).select_from(_JOINED).where(SIGNAL.c.key == key)
        return self._read(lambda it: next(map(signal_of, it.execute(found)), None))

    def outcomes(self, key: SignalKey) -> Mapping[Kind, Outcome]:
        """Return what is known of one signal, modelled and actual.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        found = select(*_OUTCOME).where(OUTCOME.c.key == key)
        ends = self._read(lambda it: list(map(outcome_of, it.execute(found))))
        return {outcome.kind: outcome for outcome in ends}

    def table(self, wanted: EvidenceFilter) -> EvidenceTable:
        """Return signals and outcomes as columns, oldest decision first.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        from snipersight.storage.telemetry.blocks import read_table

        table, self._loose = self._read(lambda it: read_table(it, wanted))
        return table

    def pack(self) -> int:
        """Let the next `table` be read faster, if the last one could have been; return how much.

        Signals that were read one by one are kept together as columns, thousands in a block;
        whatever changes one of them removes its block. Answers stay the same.

        Returns:
            How many blocks were made.

        Raises:
            StateUnavailable: the store cannot be written at this moment.
        """
        from snipersight.storage.telemetry.blocks import LEAST, pack

        if self._loose < LEAST:
            return 0
        with self._refusing("packed"):
            return pack(self._database)

    def factors(self, wanted: EvidenceFilter) -> FactorColumns:
        """Return what the factors added, in the order of `table`.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        from snipersight.storage.telemetry.columns import read_factors

        return self._read(lambda it: read_factors(it, wanted))

    def scans(self, wanted: EvidenceFilter) -> Sequence[ScanCount]:
        """Return the counts of scans, oldest first; `symbol` and `kind` play no part.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        found: Select[Any] = scans_wanted(wanted)
        return self._read(lambda it: [_scan(row) for row in it.execute(found)])

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._refusing("read"):
            return self._database.read(work)

    def _write(self, work: Callable[[Connection], T], *, rows: int) -> T:
        return self._database.write(work, timeout_s=self._database.timeout_s + rows / _ROWS_PER_S)

    @contextmanager
    def _refusing(self, verb: str) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            step = "run `snipersight db check`" if isinstance(error, Unreadable) else ""
            raise StateUnavailable(
                f"evidence cannot be {verb}: {error}", where=self._database.place, next_step=step
            ) from error


def _pair(row: Row[*tuple[Any, ...]]) -> tuple[SignalRecord, Outcome | None]:
    outcome = row[len(_SIGNAL) :]
    return signal_of(row), None if outcome[0] is None else outcome_of(outcome)


def _scan(row: Row[*tuple[Any, ...]]) -> ScanCount:
    return ScanCount(
        context_id=row.context_id,
        account_id=row.account_id,
        origin=Origin(row.origin),
        profile=row.profile,
        venue=row.venue,
        at_ms=row.at_ms,
        symbols=row.symbols,
        funnel=json.loads(row.funnel),
    )
