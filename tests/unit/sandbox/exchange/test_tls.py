"""The certificate: good for the venues' names, for whoever was told to trust it, and nobody else."""

import ssl
import stat
from pathlib import Path

import aiohttp
import pytest

from snipersight.sandbox.exchange import ExchangeSandbox
from snipersight.sandbox.exchange.tls import Authority
from tests.fakes.venue_clients import LoopbackResolver, web_session

TIME = "https://demo-fapi.binance.com/fapi/v1/time"


async def test_a_client_that_trusts_the_file_reaches_the_venue_under_its_name():
    async with (
        ExchangeSandbox() as server,
        web_session(server) as session,
        session.get(TIME) as response,
    ):
        assert response.status == 200


async def test_a_client_that_was_told_nothing_does_not_trust_it():
    async with ExchangeSandbox() as server:
        connector = aiohttp.TCPConnector(resolver=LoopbackResolver(server))
        async with aiohttp.ClientSession(connector=connector) as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.get(TIME)


async def test_a_name_that_is_no_venues_is_refused_by_the_certificate():
    async with ExchangeSandbox() as server:
        context = ssl.create_default_context(cafile=str(server.ca_pem))
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.get(f"https://127.0.0.1:{server.port}/", ssl=context)


async def test_an_unknown_name_gets_no_venue():
    async with ExchangeSandbox() as server, aiohttp.ClientSession() as session:
        url = f"https://127.0.0.1:{server.port}/fapi/v1/time"
        headers = {"Host": "example.org"}
        async with session.get(url, ssl=False, headers=headers) as response:
            assert response.status == 421


def test_only_the_certificate_is_stored_and_only_its_owner_reads_it(tmp_path: Path):
    path = Authority(["fapi.binance.com"]).save(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert "PRIVATE KEY" not in path.read_text()


def test_a_file_of_an_earlier_run_is_replaced_whatever_it_let_others_do(tmp_path: Path):
    old = tmp_path / "sandbox-exchange-ca.pem"
    old.write_text("old")
    old.chmod(0o666)
    path = Authority(["fapi.binance.com"]).save(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("-----BEGIN CERTIFICATE-----")


async def test_the_certificate_is_gone_with_the_server():
    async with ExchangeSandbox() as server:
        path = server.ca_pem
        assert path.is_file()
    assert not path.exists()
