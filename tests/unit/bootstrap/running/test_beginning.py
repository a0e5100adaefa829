"""A rehearsal begins when it is asked to, on an account that people were merely let in to."""

import pytest

from snipersight.bootstrap.access.tokens import make_token, revoke_named
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.operations import halt_entries
from snipersight.bootstrap.running.beginning import begin_at
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.access import Scope
from snipersight.risk.audit.query import body_of
from snipersight.storage.audit_log import AuditLog

LONG_AGO_US = 1_752_875_700_000_000  # 2025-07-18
ACCOUNT = "practice"


@pytest.fixture
def books(monkeypatch, tmp_path):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    with open_books(load_settings()[0], account_id=ACCOUNT) as opened:
        yield opened


def last_us(books) -> int:
    return int(books.store.decisions.view(ACCOUNT, lambda unit: unit.account.last_us))


def test_an_account_with_nothing_but_tokens_begins_long_ago_and_says_so(books):
    make_token(books, "laptop", Scope.TRADE)
    make_token(books, "wall", Scope.READ)
    revoke_named(books, "wall")
    before_us = last_us(books)
    assert begin_at(books, at_us=LONG_AGO_US, actor="run")
    assert last_us(books) == LONG_AGO_US
    newest = next(AuditLog(books.store.database).records(ACCOUNT, newest_first=True))
    assert (newest.at_us, newest.actor) == (LONG_AGO_US, "run")
    said = {"command": "begin", "accepted_us": LONG_AGO_US, "recorded_us": before_us}
    assert body_of(newest) == said
    assert books.sign() is None


def test_an_account_that_was_only_opened_begins_long_ago(books):
    assert begin_at(books, at_us=LONG_AGO_US, actor="run")
    assert last_us(books) == LONG_AGO_US


def test_no_time_is_put_forward(books):
    before_us = last_us(books)
    assert not begin_at(books, at_us=before_us + 1, actor="run")
    assert last_us(books) == before_us


def test_an_account_that_was_told_anything_goes_on_from_there(books):
    make_token(books, "laptop", Scope.TRADE)
    halt_entries(books.ports, reason="", actor="cli")
    before_us = last_us(books)
    assert not begin_at(books, at_us=LONG_AGO_US, actor="run")
    assert last_us(books) == before_us


def test_an_account_that_has_begun_long_ago_is_not_begun_again(books):
    assert begin_at(books, at_us=LONG_AGO_US, actor="run")
    assert not begin_at(books, at_us=LONG_AGO_US - 1, actor="run")
    assert last_us(books) == LONG_AGO_US
