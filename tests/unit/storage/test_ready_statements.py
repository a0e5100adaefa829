"""Statements that are spelt once do what their tables say, on both kinds of database."""

import pytest
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.database import Database
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.schema import KEY_VALUE, LEASE

_ADD = ReadyStatement(insert(LEASE), names=LEASE.columns.keys())
_MOVE = ReadyStatement(
    update(LEASE).where(LEASE.c.name == bindparam("which")).values(owner=bindparam("new_owner"))
)


def a_lease(name: str = "100 %s", owner: str = "é'\"") -> dict[str, object]:
    # Another order than the columns of the table have.
    return {"expires_us": 2**62, "owner": owner, "token": 7, "name": name}


def leases(database: Database) -> list[dict[str, object]]:
    return database.read(lambda it: [dict(row._mapping) for row in it.execute(select(LEASE))])


def test_values_are_stored_by_name_and_as_they_are(database):
    database.write(lambda it: _ADD.execute(it, a_lease()))
    assert leases(database) == [a_lease()]


def test_several_rows_are_stored_at_once(database):
    rows = [a_lease("a"), a_lease("b")]
    database.write(lambda it: _ADD.execute_all(it, rows))
    assert sorted(leases(database), key=lambda row: str(row["name"])) == rows


@pytest.mark.parametrize(("which", "rows"), [("a", 1), ("b", 0)])
def test_the_number_of_rows_is_told(database, which, rows):
    database.write(lambda it: _ADD.execute(it, a_lease("a")))
    moved = {"new_owner": "other", "which": which}
    assert database.write(lambda it: _MOVE.execute(it, moved).rowcount) == rows
    assert [row["owner"] == "other" for row in leases(database)] == [rows == 1]


def test_an_error_of_the_driver_comes_out_as_any_other(database):
    def twice(connection: Connection) -> None:
        _ADD.execute(connection, a_lease())
        _ADD.execute(connection, a_lease(owner="secret"))

    with pytest.raises(StateUnavailable, match="contradicts what it holds") as error:
        database.write(twice)
    assert isinstance(error.value.__cause__, IntegrityError)
    assert "secret" not in str(error.value)
    assert leases(database) == []


def test_each_kind_of_database_may_have_a_statement_of_its_own(database):
    rows = {
        name: insert(KEY_VALUE).values(key=name, value="", version=1, changed_us=1)
        for name in ("sqlite", "postgresql")
    }
    names = {name: statement.compile().params for name, statement in rows.items()}
    statement = ReadyStatement(rows)
    database.write(lambda it: statement.execute(it, names[database.dialect]))
    assert database.read(lambda it: it.scalars(select(KEY_VALUE.c.key)).all()) == [database.dialect]
