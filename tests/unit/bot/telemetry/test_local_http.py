"""Who is answered by the server of this machine."""

import http.client
import urllib.parse

import pytest

from snipersight.bot.telemetry.local_http import known_hosts, pages, served_app
from snipersight.domain.errors import VenueUnavailable

APP = pages({"/a": lambda: ("200 OK", "text/plain", b"here")}, more={})


@pytest.mark.parametrize(
    ("listen", "header", "is_known"),
    [
        ("127.0.0.1", "127.0.0.1:9464", True),
        ("127.0.0.1", "localhost:9464", True),
        ("127.0.0.1", "[::1]:9464", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "evil.example@localhost", True),  # the host of it is localhost
        ("127.0.0.1", "localhost@evil.example", False),
        ("127.0.0.1", "192.0.2.7:9464", False),
        ("127.0.0.1", "[half", False),
        ("192.0.2.7", "192.0.2.7:9464", True),
        ("0.0.0.0", "192.0.2.7:9464", True),
        ("0.0.0.0", "evil.example:9464", False),
        ("::", "[2001:db8::1]:9464", True),
        ("0.0.0.0", "bot.example.org:9464", True),
    ],
)
def test_only_known_names_are_answered(listen, header, is_known):
    assert known_hosts(listen, ["bot.example.org"])(header) is is_known


def status_of(address: str, method: str, path: str) -> tuple[int, bytes]:
    parts = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_pages_are_shown_and_nothing_can_be_sent():
    with served_app(APP, host="127.0.0.1", port=0, what="a page", next_step="") as address:
        assert status_of(address, "GET", "/a") == (200, b"here")
        assert status_of(address, "GET", "/b")[0] == 404
        assert status_of(address, "POST", "/a")[0] == 405


def test_a_name_is_listened_on_and_both_families_work():
    with served_app(APP, host="localhost", port=0, what="a page", next_step="") as address:
        assert status_of(address, "GET", "/a")[0] == 200
    with served_app(APP, host="::1", port=0, what="a page", next_step="") as address:
        assert address.startswith("http://[::1]:")
        assert status_of(address, "GET", "/a")[0] == 200


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("127.0.0.1", 70_000)])
def test_an_impossible_address_is_refused(host, port):
    with (
        pytest.raises(VenueUnavailable, match="a page cannot be served"),
        served_app(APP, host=host, port=port, what="a page", next_step="choose another"),
    ):
        pass
