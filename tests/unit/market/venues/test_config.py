"""Which world is meant is always said, and never guessed."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from snipersight.domain.errors import ConfigInvalid, VenueStopped
from snipersight.domain.venue import Environment
from snipersight.market.venues import Gateway, VenueConfig, open_venue
from snipersight.market.venues.config import VENUES, hosts_of

LIVE = {"api.binance.com", "fapi.binance.com", "api.bybit.com", "stream.bybit.com"}
WORLDS = [
    ("binance", Environment.TESTNET),
    ("binance", Environment.DEMO),
    ("binance", Environment.LIVE),
    ("binanceusdm", Environment.DEMO),
    ("binanceusdm", Environment.LIVE),
    ("bybit", Environment.TESTNET),
    ("bybit", Environment.DEMO),
    ("bybit", Environment.LIVE),
]


def a_config(**changes: object) -> VenueConfig:
    config = {
        "venue": "binanceusdm",
        "environment": Environment.DEMO,
        "api_key": "key-of-a-test",
        "api_secret": "secret-of-a-test",
    }
    return VenueConfig(**{**config, **changes})  # type: ignore[arg-type]  # as a caller might


@pytest.mark.parametrize(("venue", "environment"), WORLDS)
def test_practice_and_live_share_no_host(venue, environment):
    hosts = hosts_of(venue, environment)
    if environment is Environment.LIVE:
        assert hosts & LIVE
    else:
        assert not hosts & LIVE
        assert not hosts & hosts_of(venue, Environment.LIVE)


@pytest.mark.parametrize(("venue", "environment"), WORLDS)
async def test_ccxt_is_asked_at_the_hosts_of_the_environment_and_no_other(venue, environment):
    opened = open_venue(a_config(venue=venue, environment=environment))
    try:
        exchange = opened.client.open()
        private = "fapiPrivate" if venue == "binanceusdm" else "private"
        url = urlsplit(exchange.implode_hostname(exchange.urls["api"][private]))
        assert url.hostname in hosts_of(venue, environment)
        assert exchange.options["maxRetriesOnFailure"] == 0
    finally:
        await opened.close()


async def test_complaint_29_an_address_that_ccxt_moved_is_refused(monkeypatch):
    import ccxt.pro

    monkeypatch.setattr(ccxt.pro.binanceusdm, "enable_demo_trading", lambda exchange, enable: None)
    opened = open_venue(a_config())
    with pytest.raises(VenueStopped, match=r"fapi\.binance\.com"):
        opened.client.open()
    await opened.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"venue": "kraken"}, "no orders can be sent to 'kraken'"),
        ({"environment": Environment.TESTNET}, "binanceusdm has no environment testnet"),
        ({"environment": Environment.SIMULATED}, "no environment simulated"),
        ({"api_key": " "}, "key or secret"),
        ({"api_secret": ""}, "key or secret"),
        ({"time_scale": 2.0}, "cannot run 2.0 times"),
    ],
)
def test_a_contradiction_is_refused_with_what_to_do(changes, said):
    with pytest.raises(ConfigInvalid, match=said) as refused:
        a_config(**changes)
    assert refused.value.next_step
    assert "secret-of-a-test" not in str(refused.value)


def test_a_live_venue_cannot_be_stood_in_for(tmp_path: Path):
    certificate = tmp_path / "ca.pem"
    certificate.write_text("")
    gateway = Gateway(port=1, ca_file=certificate)
    assert a_config(gateway=gateway).gateway is gateway
    with pytest.raises(ConfigInvalid, match="live"):
        a_config(environment=Environment.LIVE, gateway=gateway)


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost.evil.example", "0.0.0.0", "binance.com"])
def test_a_gateway_is_on_this_machine(tmp_path: Path, host):
    certificate = tmp_path / "ca.pem"
    certificate.write_text("")
    with pytest.raises(ConfigInvalid, match="not on this machine"):
        Gateway(port=443, ca_file=certificate, host=host)
    with pytest.raises(ConfigInvalid, match="no certificate file"):
        Gateway(port=443, ca_file=tmp_path / "absent.pem")


def test_secrets_are_not_shown():
    shown = repr(a_config())
    assert "secret-of-a-test" not in shown
    assert "key-of-a-test" not in shown
    assert VENUES == ("binance", "binanceusdm", "bybit")


def test_naming_a_venue_loads_no_vendors_package():
    code = (
        "import sys, snipersight.market.venues; "
        "print(sorted({'ccxt', 'aiohttp', 'numpy', 'polars'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
