"""Signals with their outcomes as one table in a file, for other tools: Parquet or CSV."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, Double, Select, and_, select
from sqlalchemy.sql.selectable import NamedFromClause

from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.evidence import EvidenceFilter, Kind
from snipersight.storage.new_files import give_name, written_whole
from snipersight.storage.telemetry.columns import read_factors
from snipersight.storage.telemetry.selecting import ORDER, signals_wanted
from snipersight.storage.telemetry.tables import OUTCOME, SIGNAL, SIGNAL_GROUP, SIGNAL_TEXT

if TYPE_CHECKING:
    import polars as pl
    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.types import TypeEngine

    from snipersight.storage.telemetry.evidence import SqlEvidenceStore

SUFFIXES: Final = (".parquet", ".csv")
_PART: Final = 4_096  # rows that are objects at the same time
_INNER: Final = frozenset({"id", "group_id", "is_approved", "is_unfinished", "factors"})
_FORMULA: Final = r"^[=+\-@\t\r\n]"  # what makes a spreadsheet compute a text


def write_table(evidence: SqlEvidenceStore, wanted: EvidenceFilter, path: Path) -> int:
    """Write signals, one a row, oldest decision first, and return how many there are.

    Columns are those of `SignalRecord`, with `terms` and `plan` as JSON and a `factor_<name>` for
    each factor, then those of both outcomes as `modelled_<name>` and `actual_<name>`, empty where
    there is none. In CSV, a text that a spreadsheet would compute gets an apostrophe before it.
    The file gets its name when it is whole; its owner alone can read it; it replaces nothing.

    Args:
        evidence: where from.
        wanted: which signals; its `kind` plays no part.
        path: the file to make, ending in `.parquet` or `.csv`.

    Raises:
        ConfigInvalid: another ending, the file exists, or its folder does not.
        StateUnavailable: the evidence cannot be read, or the file cannot be written.
    """
    _require_usable(path)
    frame = evidence.database.read(lambda connection: _frame(connection, wanted))
    try:
        with written_whole(path.parent, prefix=".export-") as new:
            _write(frame, new, suffix=path.suffix.lower())
            give_name(new, path)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise _unwritable(path, reason) from error
    return frame.height


def _frame(connection: Connection, wanted: EvidenceFilter) -> pl.DataFrame:
    """Return the whole table; of the rows, only a part is ever objects at the same time."""
    import polars as pl

    found = _select(wanted)
    schema = {column.name: _type_of(column.type) for column in found.selected_columns}
    parts = [pl.DataFrame(schema=schema)]
    for rows in connection.execute(found).partitions(_PART):
        values = zip(schema, zip(*rows, strict=True), strict=True)
        parts.append(pl.DataFrame(dict(values), schema=schema))
    factors = read_factors(connection, wanted)
    columns = [
        pl.Series(f"factor_{name}", factors.points[:, place]).fill_nan(None)
        for place, name in enumerate(factors.names)
    ]
    return pl.concat(parts).with_columns(columns)


def _select(wanted: EvidenceFilter) -> Select[Any]:
    modelled, actual = OUTCOME.alias("modelled"), OUTCOME.alias("actual")
    source = (
        SIGNAL.join(SIGNAL_GROUP, SIGNAL_GROUP.c.id == SIGNAL.c.group_id)
        .join(SIGNAL_TEXT, SIGNAL_TEXT.c.key == SIGNAL.c.key)
        .outerjoin(modelled, _is_of(modelled, Kind.MODELLED))
        .outerjoin(actual, _is_of(actual, Kind.ACTUAL))
    )
    own = [
        column
        for column in chain(SIGNAL.c, SIGNAL_GROUP.c, (SIGNAL_TEXT.c.terms, SIGNAL_TEXT.c.plan))
        if column.name not in _INNER
    ]
    ends = [
        column.label(f"{outcome.name}_{column.name}")
        for outcome in (modelled, actual)
        for column in outcome.c
        if column.name not in ("key", "kind")
    ]
    return select(*own, *ends).select_from(source).where(*signals_wanted(wanted)).order_by(*ORDER)


def _is_of(outcome: NamedFromClause, kind: Kind) -> ColumnElement[bool]:
    return and_(outcome.c.key == SIGNAL.c.key, outcome.c.kind == kind.value)


def _type_of(kind: TypeEngine[Any]) -> pl.DataType:
    import polars as pl

    if isinstance(kind, Boolean):
        return pl.Boolean()
    if isinstance(kind, Double):
        return pl.Float64()
    return pl.Int64() if kind.python_type is int else pl.String()


def _write(frame: pl.DataFrame, new: Path, *, suffix: str) -> None:
    import polars as pl

    if suffix == ".parquet":
        try:
            frame.write_parquet(new)
        except pl.exceptions.PolarsError as error:  # of a full disk it says only that
            raise OSError(str(error)) from error
        return
    texts = pl.selectors.string()
    is_formula = texts.str.contains(_FORMULA)
    safe = pl.when(is_formula).then(pl.lit("'") + texts).otherwise(texts)
    frame.with_columns(safe.name.keep()).write_csv(new)


def _require_usable(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigInvalid(
            f"a table cannot be written as {path.suffix or 'a file without ending'}",
            where=str(path),
            next_step="name a file that ends in " + " or ".join(SUFFIXES),
        )
    if not path.parent.is_dir():
        raise ConfigInvalid(
            "the folder of the file does not exist",
            where=str(path.parent),
            next_step="create it, or name a file elsewhere",
        )
    if path.exists() or path.is_symlink():
        raise _exists(path)


def _exists(path: Path) -> ConfigInvalid:
    return ConfigInvalid(
        "there is something of that name already",
        where=str(path),
        next_step="name another file; an export never replaces one",
    )


def _unwritable(path: Path, reason: str) -> StateUnavailable:
    return StateUnavailable(
        f"the export cannot be written: {reason.lower()}",
        where=str(path),
        next_step="name a file in a folder you can write to, with room for it",
    )
