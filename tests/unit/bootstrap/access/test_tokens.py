"""Tokens are made, listed and revoked, with a record of each, and never kept themselves."""

import pytest

from snipersight.bootstrap.access.keys import digest_of
from snipersight.bootstrap.access.tokens import list_tokens, may_decide
from snipersight.domain.access import Scope
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.errors import ConfigInvalid
from snipersight.risk.audit.query import AuditQuery, body_of
from snipersight.storage.audit_log import AuditLog
from tests.fakes.dashboard_access import Door


def records(door: Door) -> list[AuditRecord]:
    query = AuditQuery(kinds=(AuditKind.OPERATOR.value,))
    return list(AuditLog(door.store.database).records("main", query))


def test_a_token_is_kept_as_its_digest_and_shown_to_nobody_again(door):
    made = door.make("laptop", Scope.TRADE)
    (kept,) = list_tokens(door.store.books(None))
    assert kept == made.stored
    assert (kept.name, kept.scope, kept.digest) == ("laptop", Scope.TRADE, digest_of(made.secret))
    assert made.secret not in repr(made)
    files = list(door.settings.snipersight_home.rglob("snipersight.db*"))
    assert files
    assert not any(made.secret.encode() in one.read_bytes() for one in files)


def test_every_change_is_audited_with_who_made_it(door):
    door.make("laptop", Scope.ADMIN, for_us=60_000_000)
    door.revoke("laptop", actor="terminal")
    added, revoked = records(door)
    assert (added.actor, added.subject) == ("cli", "laptop")
    assert body_of(added)["command"] == "token add"
    assert body_of(added)["scope"] == "admin"
    assert body_of(added)["expires_us"] == door.hands.us + 60_000_000
    assert (revoked.actor, body_of(revoked)["command"]) == ("terminal", "token revoke")
    assert "digest" not in added.body


def test_a_name_that_an_audit_could_misread_is_refused(door):
    for name in ("", "-x", "a b", "x" * 33, "../x", "Ann\n", "ü"):
        with pytest.raises(ConfigInvalid, match="is no name of a token"):
            door.make(name, Scope.READ)
    assert list_tokens(door.store.books(None)) == ()


def test_two_tokens_in_use_never_share_a_name(door):
    books = door.store.books(None)
    door.make("laptop", Scope.READ)
    with pytest.raises(ConfigInvalid, match="there is a token called laptop already"):
        door.make("laptop", Scope.ADMIN)
    assert [one.scope for one in list_tokens(books)] == [Scope.READ]


@pytest.mark.parametrize("ended_by", ["expiry", "revocation"])
def test_a_token_that_has_ended_makes_room_for_one_of_its_name(door, ended_by):
    books = door.store.books(None)
    door.make("laptop", Scope.READ, for_us=1_000_000)
    if ended_by == "revocation":
        door.revoke("laptop")
    door.hands.pass_s(2 if ended_by == "expiry" else 0.5)
    door.make("laptop", Scope.ADMIN)
    kept = list_tokens(books)
    assert [one.is_valid(door.hands.us) for one in kept] == [False, True]
    assert kept[0].revoked_us is not None


def test_a_token_is_valid_until_the_very_moment_it_expires(door):
    token = door.make("laptop", Scope.READ, for_us=1_000_000).stored
    assert token.is_valid(door.hands.us + 999_999)
    assert not token.is_valid(door.hands.us + 1_000_000)


def test_what_is_not_in_use_cannot_be_revoked(door):
    with pytest.raises(ConfigInvalid, match="no token in use is called 'laptop'"):
        door.revoke("laptop")


def test_only_a_token_in_use_that_reaches_far_enough_lets_somebody_decide(door):
    books, clock = door.store.books(None), lambda: door.hands.us
    door.make("looker", Scope.READ)
    assert not may_decide(books, clock=clock)
    door.make("trader", Scope.TRADE, for_us=60_000_000)
    assert may_decide(books, clock=clock)
    door.hands.us += 60_000_000
    assert not may_decide(books, clock=clock)
    door.make("boss", Scope.ADMIN)
    assert may_decide(books, clock=clock)
    door.revoke("boss")
    assert not may_decide(books, clock=clock)
