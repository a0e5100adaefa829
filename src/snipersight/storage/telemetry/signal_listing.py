"""Signals a page at a time, newest or best first: no page costs more than the rows it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    text,
    tuple_,
)

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.evidence import Kind, Outcome, OutcomeStatus, SignalRecord
from snipersight.storage.row_codecs import Unreadable
from snipersight.storage.telemetry import outcome_rows
from snipersight.storage.telemetry.outcome_rows import outcome_of
from snipersight.storage.telemetry.signal_rows import signal_of
from snipersight.storage.telemetry.tables import (
    FOLLOWED,
    OUTCOME,
    SIGNAL,
    SIGNAL_GROUP,
    SIGNAL_TEXT,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from snipersight.storage.database import Database

_COLUMNS: Final = (
    *SIGNAL.columns,
    *(column for column in SIGNAL_GROUP.columns if column.name != "id"),
    SIGNAL_TEXT.c.terms,
    literal("").label("plan"),
)
_REAL: Final = OUTCOME.alias("real")
_MODELLED: Final = and_(OUTCOME.c.key == SIGNAL.c.key, OUTCOME.c.kind == Kind.MODELLED.value)
_ACTUAL: Final = and_(_REAL.c.key == SIGNAL.c.key, _REAL.c.kind == Kind.ACTUAL.value)
_ENDS: Final = SIGNAL.outerjoin(OUTCOME, _MODELLED).outerjoin(_REAL, _ACTUAL)
# What became of a real trade goes before what its candles would have made of it.
_STATUS: Final = func.coalesce(_REAL.c.status, OUTCOME.c.status)
_ALIVE: Final = frozenset(one for one in OutcomeStatus if not one.is_final)
_LIVING: Final = (SIGNAL.c.is_unfinished, SIGNAL.c.is_approved)  # as its index is worded
# The whole list is read once; asking for each signal would lead past the rows of all outcomes.
_ENTERED: Final = select(OUTCOME.c.key).where(
    text(FOLLOWED),
    OUTCOME.c.kind == literal_column(f"'{Kind.MODELLED.value}'"),
    OUTCOME.c.status == literal_column(f"'{OutcomeStatus.OPEN.value}'"),
)
# Trades that live: few, whatever the model has made of their signals meanwhile.
_TRADED: Final = select(OUTCOME.c.key).where(
    text(FOLLOWED),
    OUTCOME.c.kind == literal_column(f"'{Kind.ACTUAL.value}'"),
    OUTCOME.c.status.in_([literal_column(f"'{one.value}'") for one in sorted(_ALIVE)]),
)
_GROUP: Final = SIGNAL_GROUP.c.id == SIGNAL.c.group_id
_WHOLE: Final = SIGNAL.join(SIGNAL_GROUP, _GROUP).join(
    SIGNAL_TEXT, SIGNAL_TEXT.c.key == SIGNAL.c.key
)
_ID: Final = re.compile(r"[0-9a-f]{4,16}(-[0-9a-f]*)?")
_SEARCHED: Final = ("symbol", "profile", "reason")
# Most rows of a list are those of the list before: what they say is worked out once.
_signal_of: Final = lru_cache(maxsize=1_024)(signal_of)
_OUTCOME: Final = tuple(OUTCOME.c[name] for name in outcome_rows.NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Which signals are wanted, and in which order; None or empty: all.

    Args:
        equal: values of columns that signals share, by name: `symbol`, `tier`.
        statuses: of approved signals, by their actual outcome, without one by the modelled one.
        refused: whether signals that were not approved are wanted; with neither `statuses` nor
            this, all are.
        text: part of a symbol, profile or reason in any case, or the beginning of a plan's id.
        since_ms, until_ms: decided at or after, and before.
        by_score: the best of those that live, else the newest.
        after: order value and key of the row before the first one.
        limit: how many at most.
    """

    equal: dict[str, str]
    statuses: frozenset[OutcomeStatus] = frozenset()
    refused: bool = False
    text: str = ""
    since_ms: int | None = None
    until_ms: int | None = None
    by_score: bool = False
    after: tuple[float, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSignal:
    """A signal with its ends; the long text of its plan is left out."""

    signal: SignalRecord
    modelled: Outcome | None
    actual: Outcome | None


def list_signals(database: Database, listing: Listing) -> tuple[ListedSignal, ...]:
    """Return the signals that are wanted.

    Raises:
        StateUnavailable: they cannot be read.
    """

    def rows_of(connection: Connection) -> Sequence[Row[Any]]:
        if listing.text and not _is_found(connection, listing.text):
            return ()
        return connection.execute(_wanted(listing)).all()

    return _read(database, rows_of)


def signals_of_plan(
    database: Database, plan_id: str, accounts: Collection[str]
) -> tuple[ListedSignal, ...]:
    """Return the signals of a plan, one for each account that judged it.

    Args:
        database: with the tables of telemetry.
        plan_id: whole.
        accounts: whose.

    Raises:
        StateUnavailable: they cannot be read.
    """
    keys = [f"{account}:{plan_id}" for account in accounts]
    found = select(*_COLUMNS).select_from(_WHOLE).where(SIGNAL.c.key.in_(keys))
    return _read(database, lambda it: it.execute(found.order_by(SIGNAL.c.key)).all())


def count_waiting(database: Database, account_id: str) -> int:
    """Return how many approved signals of an account live and were not entered.

    Raises:
        StateUnavailable: they cannot be read.
    """
    counted = select(func.count()).select_from(SIGNAL).where(*_LIVING, _of_account(account_id))
    waiting = counted.where(SIGNAL.c.key.not_in(_ENTERED))
    return database.read(lambda it: int(it.execute(waiting).scalar_one()))


def _of_account(account_id: str) -> ColumnElement[bool]:
    """Return the condition that a signal is an account's, by how its key begins.

    It is asked of each: a range of keys would have the database look at all that are kept.
    """
    begins = f"{account_id}:"
    return func.substr(SIGNAL.c.key, 1, len(begins)) == begins


def _read(
    database: Database, rows_of: Callable[[Connection], Sequence[Row[Any]]]
) -> tuple[ListedSignal, ...]:
    def work(connection: Connection) -> tuple[ListedSignal, ...]:
        rows = rows_of(connection)
        ends = _ends(connection, [row.key for row in rows])
        return tuple(
            ListedSignal(
                signal=_signal_of(row),
                modelled=ends.get((row.key, Kind.MODELLED)),
                actual=ends.get((row.key, Kind.ACTUAL)),
            )
            for row in rows
        )

    try:
        return database.read(work)
    except Unreadable as error:
        raise StateUnavailable(
            f"a signal cannot be read: {error}",
            where=database.place,
            next_step="run `snipersight db check`",
        ) from error


def _ends(connection: Connection, keys: Sequence[str]) -> dict[tuple[str, Kind], Outcome]:
    found = select(*_OUTCOME).where(OUTCOME.c.key.in_(keys))
    ends = [outcome_of(row) for row in connection.execute(found)] if keys else []
    return {(end.key, end.kind): end for end in ends}


def _wanted(listing: Listing) -> Select[Any]:
    """Return what finds the keys first and reads the long rows of these alone."""
    value = _order(listing)
    found = select(*_COLUMNS).select_from(_WHOLE).where(_among(listing))
    return found.order_by(value.desc(), SIGNAL.c.key.desc()).limit(listing.limit)


def _among(listing: Listing) -> ColumnElement[bool]:
    """Return the condition that a signal is one of a page's.

    Those that live are found by their model; a trade may outlive it, so those that are held by
    then are looked for beside them: one question for both would read all that live.
    """
    keys = SIGNAL.c.key.in_(_keys(listing, _of_state(listing)).scalar_subquery())
    if not _asks_for_living(listing):
        return keys
    held = [SIGNAL.c.key.in_(_TRADED), _with_status(listing.statuses or _ALIVE)]
    return or_(keys, SIGNAL.c.key.in_(_keys(listing, held).scalar_subquery()))


def _keys(listing: Listing, state: Sequence[ColumnElement[bool]]) -> Select[Any]:
    value = _order(listing)
    keys = select(SIGNAL.c.key).select_from(_ENDS).where(*state, *_conditions(listing))
    if listing.after is not None:
        keys = keys.where(tuple_(value, SIGNAL.c.key) < tuple_(*map(literal, listing.after)))
    return keys.order_by(value.desc(), SIGNAL.c.key.desc()).limit(listing.limit)


def _order(listing: Listing) -> Column[Any]:
    return SIGNAL.c.score if listing.by_score else SIGNAL.c.decided_ms


def _conditions(listing: Listing) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if listing.equal or listing.text:
        conditions.append(_of_group(listing))
    if listing.since_ms is not None:
        conditions.append(SIGNAL.c.decided_ms >= listing.since_ms)
    if listing.until_ms is not None:
        conditions.append(SIGNAL.c.decided_ms < listing.until_ms)
    return conditions


def _of_group(listing: Listing) -> ColumnElement[bool]:
    """Return the condition on what a signal shares with others.

    It is asked of one signal after the other, newest first: a join would let the database read all
    groups before it looks at any signal.
    """
    columns = SIGNAL_GROUP.c
    equal = [columns[name] == value for name, value in sorted(listing.equal.items())]
    shared = and_(*equal) if not listing.text else and_(*equal, _matches(listing.text))
    of_signal = select(literal(1)).where(_GROUP, shared).correlate(SIGNAL)
    return of_signal.scalar_subquery() == 1


def _matches(text: str) -> ColumnElement[bool]:
    begins = SIGNAL.c.plan_id.startswith(text.lower(), autoescape=True)
    return or_(_names(text), begins)


def _names(text: str) -> ColumnElement[bool]:
    return or_(*(SIGNAL_GROUP.c[name].icontains(text, autoescape=True) for name in _SEARCHED))


def _is_found(connection: Connection, text: str) -> bool:
    """Return whether a text is in any name, or may be the beginning of a plan's id.

    Otherwise every signal would be looked at in vain.
    """
    if _ID.fullmatch(text.lower()):
        return True
    return (
        connection.execute(select(SIGNAL_GROUP.c.id).where(_names(text)).limit(1)).first()
        is not None
    )


def _asks_for_living(listing: Listing) -> bool:
    if listing.refused:
        return False
    return listing.by_score or (bool(listing.statuses) and listing.statuses <= _ALIVE)


def _of_state(listing: Listing) -> list[ColumnElement[bool]]:
    if _asks_for_living(listing):
        return [*_LIVING, _with_status(listing.statuses or _ALIVE)]
    if not listing.statuses and not listing.refused:
        return []
    if listing.refused:
        state = or_(not_(SIGNAL.c.is_approved), _with_status(listing.statuses))
        return [state, SIGNAL.c.is_unfinished] if listing.by_score else [state]
    return [_with_status(listing.statuses)]


def _with_status(statuses: Collection[OutcomeStatus]) -> ColumnElement[bool]:
    if not statuses:
        return false()
    status: ColumnElement[bool] = _STATUS.in_([one.value for one in statuses])
    if OutcomeStatus.WAITING in statuses:
        status = or_(status, _STATUS.is_(None))  # nobody has looked yet
    return and_(SIGNAL.c.is_approved, status)
