"""Signals and outcomes read as columns: rows become arrays a part at a time, never objects."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import Integer, Select, func, select, type_coerce

from snipersight.domain.evidence import EvidenceFilter, Kind, OutcomeStatus
from snipersight.domain.evidence_columns import EvidenceTable, FactorColumns
from snipersight.storage.telemetry.selecting import ORDER, groups_wanted, signals_wanted
from snipersight.storage.telemetry.tables import OUTCOME, SIGNAL, SIGNAL_GROUP

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

Array = np.ndarray[Any, np.dtype[Any]]

_PART: Final = 4_096  # rows that are objects at the same time
_AT_ONCE: Final = 500  # parameters of one statement
_MANY: Final = 5  # of so many signals one is wanted: reading every outcome takes no longer

_GROUP: Final = (
    "account_id",
    "origin",
    "profile",
    "venue",
    "symbol",
    "timeframe",
    "direction",
    "verdict",
    "reason",
    "tier",
    "regime",
    "leader",
    "session",
)
_SIGNAL: Final = {
    "key": np.object_,
    "setup_id": np.object_,
    "group_id": np.int64,
    "decided_ms": np.int64,
    "score": np.float64,
    "risk_reward": np.float64,
}
_OUTCOME: Final = {
    "status": np.object_,
    "ending": np.object_,
    "entered_ms": np.int64,
    "ended_ms": np.int64,
    "targets_hit": np.int64,
    "filled_fraction": np.float64,
    "gross_r": np.float64,
    "fees_r": np.float64,
    "slippage_r": np.float64,
    "funding_r": np.float64,
    "net_r": np.float64,
    "mae_r": np.float64,
    "mfe_r": np.float64,
    "is_ambiguous": np.bool_,
}
_UNHEARD: Final = (OutcomeStatus.WAITING.value, "", 0, 0, 0, *[0.0] * 8, False)


def read_table(connection: Connection, wanted: EvidenceFilter) -> EvidenceTable:
    """Return signals and outcomes as columns, oldest decision first."""
    with _uncollected():
        signals = _signals(connection, wanted)
        group_ids = signals.pop("group_id")
        groups = _groups(connection, wanted, group_ids)
        outcomes = _outcomes(connection, wanted.kind, signals["key"])
    return EvidenceTable(**signals, **groups, **outcomes)


def read_factors(connection: Connection, wanted: EvidenceFilter) -> FactorColumns:
    """Return what each factor added to each score; NaN where it was not judged."""
    found = select(SIGNAL.c.factors).where(*signals_wanted(wanted)).order_by(*ORDER)
    with _uncollected():
        rows: list[dict[str, float]] = []
        for part in connection.execute(found).partitions(_PART):
            rows += json.loads("[" + ",".join([text for (text,) in part]) + "]")
        names = sorted(set().union(*map(frozenset, rows)))
        values = [[row.get(name, np.nan) for name in names] for row in rows]
        points = np.array(values, dtype=np.float64).reshape(len(rows), len(names))
    return FactorColumns(names=tuple(names), points=points)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles among millions of new values: there are none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _signals(connection: Connection, wanted: EvidenceFilter) -> dict[str, Array]:
    columns = [SIGNAL.c[name] for name in _SIGNAL]
    found = select(*columns).where(*signals_wanted(wanted)).order_by(*ORDER)
    return dict(zip(_SIGNAL, _arrays(connection, found, tuple(_SIGNAL.values())), strict=True))


def _groups(
    connection: Connection, wanted: EvidenceFilter, group_ids: NDArray[np.int64]
) -> dict[str, Array]:
    columns = [SIGNAL_GROUP.c[name] for name in ("id", *_GROUP)]
    found = select(*columns).where(*groups_wanted(wanted)).order_by(SIGNAL_GROUP.c.id)
    types = (np.int64, *repeat(np.object_, len(_GROUP)))
    known, *texts = _arrays(connection, found, types)
    places = np.searchsorted(known, group_ids)
    return {name: column[places] for name, column in zip(_GROUP, texts, strict=True)}


def _outcomes(connection: Connection, kind: Kind, keys: Array) -> dict[str, Array]:
    """Return the outcomes of signals in their order; a signal nobody has followed is waiting."""
    flag = type_coerce(OUTCOME.c.is_ambiguous, Integer)
    plain = [flag if name == "is_ambiguous" else OUTCOME.c[name] for name in _OUTCOME]
    found = select(OUTCOME.c.key, *plain).where(OUTCOME.c.kind == kind.value)
    types = (np.object_, *_OUTCOME.values())
    parts = [_arrays(connection, each, types) for each in _narrowed(connection, found, keys)]
    known, *columns = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
    place_of = {key: place for place, key in enumerate(known)}
    # One that is not there has place -1: that of the last, which is added here.
    places = np.fromiter(map(place_of.get, keys, repeat(-1)), np.int64, len(keys))
    last = [
        np.array([value], dtype=column.dtype)
        for value, column in zip(_UNHEARD, columns, strict=True)
    ]
    whole = [np.concatenate(pair) for pair in zip(columns, last, strict=True)]
    return {name: column[places] for name, column in zip(_OUTCOME, whole, strict=True)}


def _narrowed(connection: Connection, found: Select[Any], keys: Array) -> Iterator[Select[Any]]:
    """Yield what reads the outcomes of some signals: all there are, or only theirs."""
    total = connection.execute(select(func.count()).select_from(SIGNAL)).scalar_one()
    if len(keys) * _MANY >= total:
        yield found
        return
    yield found.where(OUTCOME.c.key.in_([]))
    for start in range(0, len(keys), _AT_ONCE):
        yield found.where(OUTCOME.c.key.in_(keys[start : start + _AT_ONCE].tolist()))


def _arrays(
    connection: Connection, found: Select[Any], types: Sequence[type[np.generic]]
) -> list[Array]:
    parts: list[list[Array]] = [[np.empty(0, dtype=kind)] for kind in types]
    for rows in connection.execute(found).partitions(_PART):
        for arrays, values, kind in zip(parts, zip(*rows, strict=True), types, strict=True):
            arrays.append(np.array(values, dtype=kind))
    return [np.concatenate(arrays) for arrays in parts]
