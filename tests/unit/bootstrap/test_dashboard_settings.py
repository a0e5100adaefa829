import pytest
from pydantic import ValidationError

from snipersight.bootstrap.dashboard_settings import (
    DashboardSettings,
    is_loopback,
    public_address,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://bot.example.org", "https://bot.example.org"),
        ("https://Bot.Example.org/", "https://bot.example.org"),
        (" https://bot.example.org:8443 ", "https://bot.example.org:8443"),
        ("http://127.0.0.1:8321", "http://127.0.0.1:8321"),
        ("http://[::1]:8321/", "http://[::1]:8321"),
    ],
)
def test_a_public_address_is_scheme_host_and_port(written, meant):
    assert public_address(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "bot.example.org",
        "http://bot.example.org",
        "http://127.0.0.1.example.org",
        "ftp://127.0.0.1",
        "https://user:secret@bot.example.org",
        "https://bot.example.org/dashboard",
        "https://bot.example.org?x=1",
        "https://bot.example.org#x",
        "https://bot.example.org>)[x](https://elsewhere.example",
        "https://bot example.org",
        "https://bot.example.org:99999",
        "https://[::1",
        "javascript:alert(1)",
    ],
)
def test_what_links_cannot_safely_begin_with_is_refused(written):
    with pytest.raises(ValueError, match=r"web address|scheme, host|after host|https://"):
        public_address(written)


def test_a_certificate_needs_its_key(tmp_path):
    with pytest.raises(ValidationError, match="belong together"):
        DashboardSettings(dashboard_tls_cert=tmp_path / "cert.pem")


@pytest.mark.parametrize("written", ["8321", "127.0.0.1", "127.0.0.1:70000", "none", "a b:1"])
def test_an_impossible_address_is_refused(written):
    with pytest.raises(ValidationError, match="no address"):
        DashboardSettings(dashboard_listen=written)


def test_names_of_hosts_come_with_commas_and_in_any_case(monkeypatch):
    monkeypatch.setenv("DASHBOARD_ALLOWED_HOSTS", "Bot.example.org, desk.lan")
    assert DashboardSettings().dashboard_allowed_hosts == ("bot.example.org", "desk.lan")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])
def test_loopback_is_this_machine(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "localhost.example", "example"])
def test_everything_else_can_be_reached_from_elsewhere(host):
    assert not is_loopback(host)
