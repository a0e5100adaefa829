"""Tokens and logins as rows of either kind of database, also of one that is older than they are."""

import pytest
from alembic import command
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from snipersight.domain.access import Scope
from snipersight.domain.errors import StateUnavailable
from snipersight.storage import access_rows
from snipersight.storage.access_rows import StoredLogin, StoredToken
from snipersight.storage.database import connect_database
from snipersight.storage.migrating import HEAD, SchemaState, alembic_config, migrate

LAPTOP = StoredToken(
    token_id="0123abcd",
    name="laptop",
    scope=Scope.TRADE,
    digest="d" * 64,
    created_us=5,
    created_by="cli",
    expires_us=2**53,
)


@pytest.fixture
def third_version(database_url):
    """Return a database with the tables of version 0003."""
    with connect_database(database_url) as opened:
        opened.write(lambda it: command.upgrade(alembic_config(it), "0003"))
        yield opened


def a_login(letter: str, token: StoredToken = LAPTOP, expires_us: int = 100) -> StoredLogin:
    return StoredLogin(digest=letter * 64, token_id=token.token_id, expires_us=expires_us)


def test_the_third_version_gets_today_s_tables_and_holds_what_is_put_into_them(third_version):
    assert not third_version.read(lambda it: inspect(it).has_table("access_token"))
    assert migrate(third_version) == SchemaState(current="0003", head=HEAD)
    third_version.write(lambda connection: command.check(alembic_config(connection)))
    third_version.write(lambda it: access_rows.add_token(it, LAPTOP))
    assert third_version.read(access_rows.all_tokens) == (LAPTOP,)


def test_of_two_tokens_of_one_name_one_has_to_be_revoked(database):
    other = StoredToken(
        token_id="89abcdef",
        name="laptop",
        scope=Scope.READ,
        digest="e" * 64,
        created_us=6,
        created_by="cli",
    )
    database.write(lambda it: access_rows.add_token(it, LAPTOP))
    with pytest.raises((StateUnavailable, IntegrityError)):
        database.write(lambda it: access_rows.add_token(it, other))
    database.write(lambda it: access_rows.revoke_token(it, LAPTOP.token_id, at_us=9))
    database.write(lambda it: access_rows.add_token(it, other))
    first, second = database.read(access_rows.all_tokens)
    assert (first.revoked_us, second) == (9, other)
    assert database.read(lambda it: access_rows.token_in_use(it, "laptop")) == other


def test_logins_end_with_their_time_with_their_token_and_when_told_to(database):
    def digests(now_us: int) -> set[str]:
        found = database.read(lambda it: access_rows.all_logins(it, now_us=now_us))
        return {one.digest[0] for one in found}

    database.write(lambda it: access_rows.add_token(it, LAPTOP))
    for login in (a_login("a", expires_us=50), a_login("b"), a_login("c")):
        database.write(lambda it, one=login: access_rows.add_login(it, one, at_us=10))
    assert (digests(49), digests(50)) == ({"a", "b", "c"}, {"b", "c"})
    assert database.write(lambda it: access_rows.end_login(it, "b" * 64))
    assert not database.write(lambda it: access_rows.end_login(it, "b" * 64))
    database.write(lambda it: access_rows.add_login(it, a_login("d"), at_us=50))
    assert digests(0) == {"c", "d"}  # the first one was forgotten when its time was up
    database.write(lambda it: access_rows.revoke_token(it, LAPTOP.token_id, at_us=60))
    assert digests(0) == set()
