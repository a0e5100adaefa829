"""Statements of every decision: spelt once for each kind of database, then sent as they are.

SQLAlchemy finds the text of a statement anew each time it is executed, by comparing what it is
built of. That took as long as executing it. The tables still say what the text holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, Connection, CursorResult

Values = Mapping[str, object]
_OPTIONS: Final = {"preserve_rowcount": True}  # it is asked for after the cursor is closed


class _Text(NamedTuple):
    sql: str
    order: tuple[str, ...] | None  # of the parameters; None where they have names


class ReadyStatement:
    """One statement, for every kind of database that it is executed on.

    Args:
        statement: for every kind of database, or one for each, by its name.
        names: of the values that an insert is given; an update names its parameters itself.
    """

    def __init__(
        self,
        statement: ClauseElement | Mapping[str, ClauseElement],
        *,
        names: Sequence[str] | None = None,
    ) -> None:
        self._statement: Final = statement
        self._names: Final = names
        self._texts: Final[dict[str, _Text]] = {}

    def execute(self, connection: Connection, values: Values) -> CursorResult[Any]:
        """Send the statement with its values, which go to the driver as they are."""
        text = self._text(connection)
        return connection.exec_driver_sql(text.sql, _ordered(text, values), _OPTIONS)

    def execute_all(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Send the statement once for each row, and return how many rows it changed in all."""
        text = self._text(connection)
        each = [_ordered(text, row) for row in rows]
        return connection.exec_driver_sql(text.sql, each, _OPTIONS).rowcount

    def _text(self, connection: Connection) -> _Text:
        text = self._texts.get(connection.dialect.name)
        if text is None:
            text = self._texts[connection.dialect.name] = self._compiled(connection)
        return text

    def _compiled(self, connection: Connection) -> _Text:
        dialect, statement = connection.dialect, self._statement
        if isinstance(statement, Mapping):
            statement = statement[dialect.name]
        names = None if self._names is None else list(self._names)
        compiled = statement.compile(dialect=dialect, column_keys=names)
        order = getattr(compiled, "positiontup", None)
        return _Text(str(compiled), None if order is None else tuple(order))


def _ordered(text: _Text, values: Values) -> tuple[object, ...] | dict[str, object]:
    if text.order is None:
        return dict(values)
    return tuple([values[name] for name in text.order])
