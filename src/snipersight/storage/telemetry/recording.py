"""Storing signals and outcomes, each in one transaction; the caller brings it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    literal_column,
    not_,
    or_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.evidence import Kind, OutcomeStatus, ScanCount, SignalRecord, Verdict
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.telemetry import outcome_rows
from snipersight.storage.telemetry.signal_rows import (
    GROUPED,
    Values,
    group_row,
    numbers_to_text,
    signal_row,
    text_row,
)
from snipersight.storage.telemetry.tables import (
    OUTCOME,
    SCAN_COUNT,
    SIGNAL,
    SIGNAL_GROUP,
    SIGNAL_TEXT,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_ALIVE: Final = tuple(one.value for one in OutcomeStatus if not one.is_final)
_DIALECTS: Final[dict[str, Callable[[Table], Any]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def is_alive(status: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that an outcome is not final."""
    return status.in_([literal_column(f"'{value}'") for value in _ALIVE])


def _only_new(table: Table, names: Iterable[str]) -> ReadyStatement:
    inserts = {name: insert(table).on_conflict_do_nothing() for name, insert in _DIALECTS.items()}
    return ReadyStatement(inserts, names=tuple(names))


def _replacing(table: Table, *, where: bool) -> ReadyStatement:
    keys = [column.name for column in table.primary_key]
    names = [column.name for column in table.columns]
    inserts = {}
    for dialect, insert in _DIALECTS.items():
        new = insert(table)
        values = {name: new.excluded[name] for name in names if name not in keys}
        may = _may_replace(table, new.excluded) if where else None
        inserts[dialect] = new.on_conflict_do_update(index_elements=keys, set_=values, where=may)
    return ReadyStatement(inserts, names=names)


def _may_replace(table: Table, new: Mapping[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    """Return the condition that an outcome differs and is not a final one that would go back."""
    goes_on = or_(is_alive(table.c.status), not_(is_alive(new["status"])))
    differs = [table.c[name].is_distinct_from(new[name]) for name in outcome_rows.NAMES]
    return and_(goes_on, or_(*differs))


_OWN: Final = tuple(c.name for c in SIGNAL.columns if c.name != "is_unfinished")
_SAVE_GROUP: Final = _only_new(SIGNAL_GROUP, ("id", *GROUPED))
_ADD_SIGNAL: Final = _only_new(SIGNAL, _OWN)
_ADD_TEXT: Final = _only_new(SIGNAL_TEXT, ("key", "terms", "plan"))
_SAVE_SCAN: Final = _replacing(SCAN_COUNT, where=False)
_SAVE_OUTCOME: Final = _replacing(OUTCOME, where=True)
_IS_THIS: Final = SIGNAL.c.key == bindparam("this")
_APPROVE: Final = ReadyStatement(
    update(SIGNAL)
    .where(_IS_THIS, not_(SIGNAL.c.is_approved))
    .values({name: bindparam(name) for name in _OWN if name != "key"})
    .values(is_unfinished=literal_column("true"))
)
# These two before the one above: what they judge by is what that changes.
_APPROVE_TEXT: Final = ReadyStatement(
    update(SIGNAL_TEXT)
    .where(SIGNAL_TEXT.c.key == bindparam("this"))
    .where(exists().where(SIGNAL.c.key == SIGNAL_TEXT.c.key, not_(SIGNAL.c.is_approved)))
    .values(terms=bindparam("terms"), plan=bindparam("plan"))
)
_FORGET: Final = ReadyStatement(
    delete(OUTCOME)
    .where(OUTCOME.c.key == bindparam("this"))
    .where(OUTCOME.c.kind == literal_column(f"'{Kind.MODELLED.value}'"))
    .where(exists().where(SIGNAL.c.key == OUTCOME.c.key, not_(SIGNAL.c.is_approved)))
)
_FINISH: Final = ReadyStatement(
    update(SIGNAL)
    .where(_IS_THIS, SIGNAL.c.is_unfinished)
    .where(
        exists().where(
            OUTCOME.c.key == SIGNAL.c.key,
            OUTCOME.c.kind == literal_column(f"'{Kind.MODELLED.value}'"),
            not_(is_alive(OUTCOME.c.status)),
        )
    )
    .values(is_unfinished=literal_column("false"))
)


class SignalRows:
    """Signals ready to be stored: made before the transaction, which others wait for.

    Args:
        signals: each at most once in effect; an approval wins over a refusal, then the first.

    Raises:
        ValueError: a number is NaN or infinite.
    """

    def __init__(self, signals: Sequence[SignalRecord]) -> None:
        # Sorted: processes that lock the same rows on a server do so in the same order.
        self._signals: Final = sorted(_once_each(signals), key=lambda signal: signal.key)
        groups = [group_row(signal) for signal in self._signals]
        self._groups: Final = {group["id"]: group for group in groups}
        self._rows: Final = [
            signal_row(signal, group_id=group["id"])
            for signal, group in zip(self._signals, groups, strict=True)
        ]
        self._texts: Final = [text_row(signal) for signal in self._signals]

    def __len__(self) -> int:
        """Return how many signals there are."""
        return len(self._signals)

    def save(self, connection: Connection) -> int:
        """Store them, and return how many were not there before."""
        if not self._signals:
            return 0
        groups = [self._groups[number] for number in sorted(self._groups, key=str)]
        _SAVE_GROUP.execute_all(connection, groups)
        new = _ADD_SIGNAL.execute_all(connection, self._rows)
        _ADD_TEXT.execute_all(connection, self._texts)
        if new < len(self._signals):
            self._approve(connection)
        _FINISH.execute_all(connection, [{"this": row["key"]} for row in self._rows])
        return new

    def _approve(self, connection: Connection) -> None:
        """Let approvals take the place of refusals, and be followed anew from the approval on.

        What price did before it was approved could not be traded: an entry of that time, in a
        plan that is approved because it was not stopped since, would flatter every statistic.
        """
        approved = [
            (row | {"this": row["key"]}, text | {"this": row["key"]})
            for row, text in zip(self._rows, self._texts, strict=True)
            if row["is_approved"]
        ]
        if approved:
            _APPROVE_TEXT.execute_all(connection, [text for _, text in approved])
            _FORGET.execute_all(connection, [text for _, text in approved])
            _APPROVE.execute_all(connection, [row for row, _ in approved])


def save_scan(connection: Connection, scan: ScanCount) -> None:
    """Store the counts of a scan, in the place of those it had."""
    _SAVE_SCAN.execute(
        connection,
        {
            "context_id": scan.context_id,
            "account_id": scan.account_id,
            "origin": scan.origin.value,
            "profile": scan.profile,
            "venue": scan.venue,
            "at_ms": scan.at_ms,
            "symbols": scan.symbols,
            "funnel": numbers_to_text(scan.funnel),
        },
    )


def save_outcomes(connection: Connection, rows: Sequence[Values]) -> int:
    """Store rows of `outcome_row`, and return how many are new or changed."""
    if not rows:
        return 0
    changed = _SAVE_OUTCOME.execute_all(connection, rows)
    ended = [
        {"this": row["key"]}
        for row in rows
        if row["kind"] == Kind.MODELLED.value and row["status"] not in _ALIVE
    ]
    if ended:
        _FINISH.execute_all(connection, ended)
    return changed


def _once_each(signals: Sequence[SignalRecord]) -> Iterable[SignalRecord]:
    kept: dict[str, SignalRecord] = {}
    for signal in signals:
        before = kept.get(signal.key)
        is_refused = before is not None and before.verdict is not Verdict.APPROVED
        if before is None or (is_refused and signal.verdict is Verdict.APPROVED):
            kept[signal.key] = signal
    return kept.values()
