"""Browsers are let in with a token or a link, shown out again, and all of it is in the audit."""

from snipersight.bootstrap.access.logins import LOGIN_US, Links, Login, Logins
from snipersight.bootstrap.access.tokens import list_tokens
from snipersight.bootstrap.run_clock import RunClock
from snipersight.bootstrap.told_time import tell_end
from snipersight.domain.access import Scope
from snipersight.domain.audit import AuditKind
from snipersight.risk.audit.query import AuditQuery, body_of
from snipersight.storage.audit_log import AuditLog
from tests.fakes.dashboard_access import Door


def logins_of(door: Door) -> tuple[Logins, Links]:
    links = Links(clock_s=door.hands.now_s)
    return Logins(door.store, door.doorkeeper, links), links


def said(door: Door) -> list[tuple[str, object]]:
    log = AuditLog(door.store.database)
    found = log.records("main", AuditQuery(kinds=(AuditKind.OPERATOR.value,)))
    return [(one.actor, body_of(one)["command"]) for one in found]


def let_in(login: Login | None) -> Login:
    assert login is not None
    return login


async def test_a_browser_is_known_again_by_its_cookie_until_it_is_shown_out(door):
    logins, _ = logins_of(door)
    login = let_in(await logins.with_token(door.token("laptop", Scope.TRADE)))
    caller = await door.doorkeeper.by_cookie(login.cookie)
    assert caller == login.caller
    assert (caller.name, caller.scope) == ("laptop", Scope.TRADE)
    assert login.cookie not in repr(login)
    await logins.out(login.cookie, caller)
    assert await door.doorkeeper.by_cookie(login.cookie) is None
    assert said(door)[1:] == [("dashboard:laptop", "log in"), ("dashboard:laptop", "log out")]


async def test_a_token_that_was_made_a_moment_ago_lets_its_browser_in(door):
    logins, _ = logins_of(door)
    assert await logins.with_token("sst_00000000_wrong") is None
    assert await logins.with_token(door.token()) is not None


async def test_a_wrong_token_lets_no_browser_in(door):
    logins, _ = logins_of(door)
    assert await logins.with_token("sst_00000000_wrong") is None
    assert said(door) == []


async def test_a_browser_stays_in_no_longer_than_a_week(door):
    logins, _ = logins_of(door)
    login = let_in(await logins.with_token(door.token()))
    door.hands.us += LOGIN_US - 1
    assert await door.doorkeeper.by_cookie(login.cookie) is not None
    door.hands.us += 1
    assert await door.doorkeeper.by_cookie(login.cookie) is None


async def test_a_browser_is_out_with_the_token_that_let_it_in(door):
    logins, _ = logins_of(door)
    login = let_in(await logins.with_token(door.token()))
    door.revoke("laptop")
    door.hands.pass_s(2)
    assert await door.doorkeeper.by_cookie(login.cookie) is None


async def test_a_link_of_the_terminal_lets_in_once(door):
    logins, links = logins_of(door)
    code = links.make()
    login = let_in(await logins.with_link(code))
    assert login.caller.scope is Scope.ADMIN
    assert login.caller.name.startswith("terminal-")
    assert await door.doorkeeper.by_cookie(login.cookie) == login.caller
    assert await logins.with_link(code) is None
    (token,) = list_tokens(door.store.books(None))
    assert token.expires_us is not None
    assert said(door)[0] == ("terminal", "token add")


async def test_a_link_lets_in_where_the_account_lives_by_a_clock_of_its_own(door):
    account_id = door.store.account_id(None)
    await tell_end(door.store.database, account_id, RunClock(start_us=door.hands.us))
    a_year_ago = door.hands.us
    door.hands.pass_s(365 * 86_400)
    assert door.store.present().us - a_year_ago < 1_000_000
    logins, links = logins_of(door)
    login = let_in(await logins.with_link(links.make()))
    assert await door.doorkeeper.by_cookie(login.cookie) == login.caller


async def test_a_link_is_good_for_ten_minutes_and_a_guess_for_nothing(door):
    logins, links = logins_of(door)
    code = links.make()
    assert await logins.with_link("") is None
    assert await logins.with_link(code[:-1]) is None
    door.hands.pass_s(600)
    assert await logins.with_link(code) is None
    assert list_tokens(door.store.books(None)) == ()


def test_only_the_newest_links_are_good():
    links = Links()
    codes = [links.make() for _ in range(9)]
    assert [links.take(code) for code in codes] == [False, *[True] * 8]
