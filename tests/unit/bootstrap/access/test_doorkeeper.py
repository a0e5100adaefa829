"""Who is let in, for how long, and what happens while the store is away."""

from pathlib import Path

import pytest

from snipersight.bootstrap.access.doorkeeper import FRESH_S, GRACE_S
from snipersight.bootstrap.access.keys import new_token
from snipersight.domain.access import AccessRefused, Caller, Scope
from snipersight.domain.errors import StateUnavailable
from tests.fakes.dashboard_access import Door


async def test_a_token_lets_its_holder_in_under_its_name_and_scope(door):
    token = door.token("laptop", Scope.TRADE)
    caller = await door.doorkeeper.by_token(token)
    assert caller is not None
    assert (caller.name, caller.scope, caller.actor) == ("laptop", Scope.TRADE, "dashboard:laptop")


async def test_what_is_no_token_lets_nobody_in(door):
    token = door.token()
    for shown in ("", "x", f"Bearer {token}", "\x00", "é" * 60, f"{token} ", token[:-1]):
        assert await door.doorkeeper.by_token(shown) is None


async def test_the_right_id_with_another_secret_lets_nobody_in(door):
    token = door.token()
    other = new_token()[1]
    assert await door.doorkeeper.by_token(token[:13] + other[13:]) is None
    assert await door.doorkeeper.by_token(other) is None


async def test_an_expired_token_is_refused_without_another_look(door):
    token = door.token(for_us=1_000_000)
    caller = await door.doorkeeper.by_token(token)
    door.hands.us += 1_000_000  # the other clock stands: nothing is read again
    assert await door.doorkeeper.by_token(token) is None
    with pytest.raises(AccessRefused, match="not valid any more"):
        door.doorkeeper.still_valid(caller)


async def test_a_revoked_token_is_refused_within_seconds(door):
    token = door.token()
    caller = await door.doorkeeper.by_token(token)
    door.revoke("laptop")
    door.hands.pass_s(FRESH_S)
    assert await door.doorkeeper.by_token(token) is None
    with pytest.raises(AccessRefused):
        await door.doorkeeper.again(caller)


async def test_a_new_token_is_known_at_once(door):
    door.token("laptop")
    assert await door.doorkeeper.by_token("wrong") is None
    door.hands.pass_s(0.6)
    assert await door.doorkeeper.by_token(door.token("phone")) is not None


async def test_many_wrong_tokens_cost_few_looks_into_the_store(door, monkeypatch):
    token, looks = door.token(), 0
    rows = door.doorkeeper._rows

    def counted():
        nonlocal looks
        looks += 1
        return rows()

    monkeypatch.setattr(door.doorkeeper, "_rows", counted)
    for _ in range(100):
        assert await door.doorkeeper.by_token(new_token()[1]) is None
        assert await door.doorkeeper.by_token(token) is not None
    assert looks == 1


async def test_those_who_are_known_stay_in_while_the_store_is_away_but_not_for_ever(door):
    token = door.token()
    assert await door.doorkeeper.by_token(token) is not None
    away(door)
    door.hands.pass_s(FRESH_S)
    assert await door.doorkeeper.by_token(token) is not None
    assert await door.doorkeeper.by_token(new_token()[1]) is None
    door.hands.pass_s(GRACE_S)
    with pytest.raises(StateUnavailable, match="nobody can be let in"):
        await door.doorkeeper.by_token(token)


async def test_nobody_is_let_in_by_a_store_that_was_never_read_and_all_are_once_it_is_back(door):
    token = door.token()
    moved = away(door)
    with pytest.raises(StateUnavailable):
        await door.doorkeeper.by_token(token)
    moved.rename(door.database_file)
    assert await door.doorkeeper.by_token(token) is not None


async def test_somebody_nobody_knows_may_not_stay(door):
    with pytest.raises(AccessRefused):
        await door.doorkeeper.again(Caller(name="x", scope=Scope.READ, token_id="0" * 8))


def away(door: Door) -> Path:
    """Take the store away and return where it is."""
    door.close_files()
    return door.database_file.rename(door.database_file.with_suffix(".away"))
