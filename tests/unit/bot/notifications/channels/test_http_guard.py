import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.channels.http_guard import (
    PointsInward,
    check_destination,
    check_webhook_url,
    guarded_resolver,
    is_inward,
)
from snipersight.domain.errors import ConfigInvalid


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
        *("192.0.0.8", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254"),
        *("fec0::1", "ff02::1", "2001:db8::1", "2001:0:1:2::", "2002:7f00:1::", "3fff::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
        *("::127.0.0.1", "100::1", "example.com", ""),
    ],
)
def test_an_address_that_is_not_public_points_inward(address: str) -> None:
    assert is_inward(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "172.32.0.1"],
)
def test_a_public_address_does_not(address: str) -> None:
    assert not is_inward(address)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_points_where_it_points(address: ipaddress.IPv4Address) -> None:
    plain = is_inward(str(address))
    assert is_inward(f"::ffff:{address}") is plain
    assert is_inward(f"64:ff9b::{int(address) >> 16:x}:{int(address) & 0xFFFF:x}") is plain


@pytest.mark.parametrize(
    "url",
    [
        *("https://localhost/x", "https://LOCALHOST:8443", "https://a.localhost/", "https://nas/"),
        *("https://router.lan", "https://db.internal", "https://printer.local.", "https://[::1]/"),
        *("https://127.0.0.1/x", "https://10.0.0.1", "https://169.254.169.254/latest/meta-data"),
        *("https://[fd00:ec2::254]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/"),
        "https://metadata.google.internal/computeMetadata/v1/",
    ],
)
def test_a_url_that_points_inward_is_refused_with_what_to_do(url: str) -> None:
    with pytest.raises(PointsInward, match="NOTIFY_WEBHOOK_ALLOW_PRIVATE"):
        check_webhook_url(url)
    check_webhook_url(url, allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "example.com/x",
            "ftp://example.com",
            "file:///etc/passwd",
            "https://",
            "https://:443",
        ),
        *("https://example.com:port", "https://example.com:99999", "https://１２７.0.0.1/"),
        *(
            "https://example.com\\@127.0.0.1/",
            "https://exam ple.com",
            "https://a.b/\n",
            "https://[::1",
        ),
        "https://%31%32%37.0.0.1/",
    ],
)
def test_what_parsers_could_read_in_two_ways_is_refused(url: str) -> None:
    for allow_private in (False, True):
        with pytest.raises(ConfigInvalid, match="no address of a web server"):
            check_webhook_url(url, allow_private=allow_private)


def test_plain_http_needs_permission() -> None:
    with pytest.raises(ConfigInvalid, match="not encrypted"):
        check_webhook_url("http://hooks.example.com/secret-path")
    check_webhook_url("http://hooks.example.com/", allow_private=True)
    check_webhook_url("https://hooks.example.com/secret-path?x=1")


def test_the_path_of_a_refused_url_is_not_shown() -> None:
    for url in ("http://a.example.com/s3cret", "https://10.0.0.1/s3cret", "gopher://a.b/s3cret"):
        with pytest.raises(ConfigInvalid) as caught:
            check_webhook_url(url)
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("host", ["0x7f.1", "0177.0.0.1", "127.1"])
def test_a_name_that_resolves_inward_is_refused_before_it_is_used(host: str) -> None:
    check_webhook_url(f"https://{host}/")  # it does not say so itself
    with pytest.raises(PointsInward):
        check_destination(f"https://{host}/")
    check_destination(f"https://{host}/", allow_private=True)


def test_one_inward_address_among_many_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, 1, 6, "", (address, 0)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(PointsInward, match=r"hooks\.example\.com"):
        check_destination("https://hooks.example.com/")


def test_a_name_that_cannot_be_looked_up_now_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", away)
    check_destination("https://hooks.example.com/")


async def test_the_resolver_hands_on_only_what_it_checked() -> None:
    with pytest.raises(PointsInward):
        await guarded_resolver(allow_private=False).resolve("localhost", 443)
    found = await guarded_resolver(allow_private=True).resolve("localhost", 443)
    assert {one["host"] for one in found} <= {"127.0.0.1", "::1"}
