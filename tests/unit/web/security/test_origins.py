"""Names, origins and paths that are ours, and all others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.web.security.origins import Origins, Place, is_strange, local_path

HERE = Place(host="127.0.0.1")
PUBLIC = Place(host="127.0.0.1", public_url="https://bot.example.org")
TLS = Place(host="0.0.0.0", has_tls=True, allowed_hosts=("desk.lan",))


def a_scope(
    *,
    host: str | None = "127.0.0.1:8321",
    method: str = "GET",
    path: str = "/",
    kind: str = "http",
    **headers: str,
) -> dict[str, Any]:
    """Return the ASGI scope of a request; `_` in the name of a header stands for `-`."""
    sent = {"host": host, **headers}
    raw = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, value in sent.items()
        if value is not None
    ]
    return {"type": kind, "method": method, "path": path, "headers": raw}


def status(place: Place, scope: dict[str, Any]) -> int | None:
    problem = Origins(place).problem(scope)
    return None if problem is None else problem.status


@pytest.mark.parametrize(
    ("place", "host"),
    [
        (HERE, "127.0.0.1:8321"),
        (HERE, "localhost:8321"),
        (HERE, "[::1]:8321"),
        (PUBLIC, "bot.example.org"),
        (TLS, "192.168.1.2:8321"),
        (TLS, "desk.lan:8321"),
    ],
)
def test_our_own_names_are_answered(place, host):
    assert status(place, a_scope(host=host)) is None


@pytest.mark.parametrize(
    ("place", "host"),
    [
        (HERE, "evil.example"),
        (HERE, "127.0.0.1.evil.example:8321"),
        (HERE, "127.0.0.1:8321.evil.example"),
        (HERE, "localhost:99999"),
        (HERE, "192.168.1.2:8321"),
        (HERE, ""),
        (HERE, None),
        (HERE, "[::1"),
        (HERE, "evil.example@127.0.0.1.x"),
        (PUBLIC, "example.org"),
        (TLS, "evil.example:8321"),
    ],
)
def test_a_name_that_was_pointed_here_is_not(place, host):
    assert status(place, a_scope(host=host)) == 421


def test_two_names_are_none():
    scope = a_scope()
    scope["headers"].append((b"host", b"127.0.0.1:8321"))
    assert status(HERE, scope) == 421


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("place", "host", "origin"),
    [
        (HERE, "127.0.0.1:8321", "http://127.0.0.1:8321"),
        (HERE, "localhost:8321", "http://localhost:8321"),
        (PUBLIC, "127.0.0.1:8321", "https://bot.example.org"),
        (PUBLIC, "bot.example.org", "https://bot.example.org:443"),
        (TLS, "desk.lan:8321", "https://desk.lan:8321"),
    ],
)
def test_our_own_pages_may_write(kind, place, host, origin):
    scope = a_scope(host=host, origin=origin, method="POST", kind=kind, cookie="x=1")
    assert status(place, scope) is None


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1:9999",  # to a browser the same site, so that it sends our cookie along
        "https://127.0.0.1:8321",
        "http://localhost:8321",  # another origin than the address that was asked
        "http://user@127.0.0.1:8321",
        "null",
        "",
        "file://",
    ],
)
def test_pages_of_others_may_not_write(kind, origin):
    scope = a_scope(origin=origin, method="POST", kind=kind, authorization="Bearer x")
    assert status(HERE, scope) == 403


def test_a_browser_that_does_not_say_where_it_comes_from_may_not_write():
    assert status(HERE, a_scope(method="DELETE", cookie="x=1")) == 403
    assert status(HERE, a_scope(kind="websocket", cookie="x=1")) == 403
    assert status(HERE, a_scope(method="POST", sec_fetch_site="none")) == 403


def test_what_a_browser_knows_to_be_of_another_site_counts_whatever_the_origin():
    scope = a_scope(method="POST", origin="http://127.0.0.1:8321", sec_fetch_site="same-site")
    assert status(HERE, scope) == 403


def test_a_program_with_a_token_says_nothing_of_an_origin():
    assert status(HERE, a_scope(method="POST", authorization="Bearer x")) is None


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/a//b", "/a/../b", "/..", "/./a", "/a\\b", "/a\x00b", "/a\nb", "a", ""],
)
def test_paths_that_no_page_links_to_are_refused(path):
    assert status(HERE, a_scope(path=path)) == 400


def test_a_path_has_an_end():
    assert status(HERE, a_scope(path="/" + "a" * 2047)) is None
    assert status(HERE, a_scope(path="/" + "a" * 2048)) == 400


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/signals?symbol=BTC", "/signals?symbol=BTC"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a/..//evil.example", "/"),
        ("/x?\r\nSet-Cookie: a=b", "/"),
        ("/ü", "/"),
        ("", "/"),
    ],
)
def test_a_login_goes_on_to_a_page_of_ours_alone(wanted, path):
    assert local_path(wanted) == path


@given(st.text())
def test_wherever_a_login_goes_on_to_it_stays_here(wanted):
    path = local_path(wanted)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path.isprintable()
    assert not is_strange({"path": path.partition("?")[0]})


@pytest.mark.parametrize(
    ("place", "host", "is_secure"),
    [
        (HERE, "127.0.0.1:8321", False),
        (PUBLIC, "127.0.0.1:8321", False),
        (PUBLIC, "bot.example.org", True),
        (TLS, "127.0.0.1:8321", True),
    ],
)
def test_a_cookie_is_for_https_alone_where_the_browser_came_by_it(place, host, is_secure):
    assert Origins(place).is_public(a_scope(host=host)) is is_secure
