"""First steps against stand-ins: keys that are tried, a database that is asked, Ctrl-C."""

import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from snipersight.bootstrap.first_steps_tests import ExchangeEntry, try_database, try_exchange
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.domain.venue import Environment, FindingLevel
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount


@pytest.fixture
def own_home(monkeypatch, tmp_path):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize("venue", ["binanceusdm", "bybit"])
async def test_keys_are_tried_by_the_preflight_of_the_world_they_are_of(
    own_home, monkeypatch, venue
):
    account = SandboxAccount()
    async with ExchangeSandbox(accounts=[account]) as server:
        monkeypatch.setenv("EXCHANGE_GATEWAY", f"127.0.0.1:{server.port}")
        monkeypatch.setenv("EXCHANGE_GATEWAY_CA", str(server.ca_pem))
        settings = load_settings()[0]
        entry = ExchangeEntry(
            venue=venue, environment=Environment.DEMO, key=account.api_key, secret=account.secret
        )
        found = {one.name: one for one in await try_exchange(entry, settings)}
        assert all(one.level is not FindingLevel.FAILED for one in found.values()), found
        assert "demo" in found["host"].sentence
        wrong = ExchangeEntry(
            venue=venue, environment=Environment.DEMO, key=account.api_key, secret="not-the-secret"
        )
        refused = {one.name: one for one in await try_exchange(wrong, settings)}
        assert refused["balances"].level is FindingLevel.FAILED
        assert "not-the-secret" not in str(refused)


async def test_a_database_is_asked_and_left_as_it_is(postgres_url):
    found = await try_database(postgres_url)
    assert found.level is FindingLevel.OK, found.sentence


async def test_a_database_that_cannot_be_reached_is_told_without_its_password():
    found = await try_database("postgresql://ann:very-secret@127.0.0.1:1/none")
    assert found.level is FindingLevel.FAILED
    assert "very-secret" not in found.sentence


def test_ctrl_c_leaves_everything_as_it_was(own_home):
    own_home.mkdir()
    (own_home / ".env").write_text("MAX_LEVERAGE=3\n")
    outside, inside = pty.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "snipersight", "init"],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            env={**os.environ, "SNIPERSIGHT_HOME": str(own_home)},
        ) as program:
            shown = _read_until(outside, b"Currency of the account")
            os.write(outside, b"EUR\n")
            shown += _read_until(outside, b"What is in it")
            assert _interrupted(program) == 130, shown
    finally:
        os.close(inside)
        os.close(outside)
    assert [one.name for one in own_home.iterdir()] == [".env"]
    assert (own_home / ".env").read_text() == "MAX_LEVERAGE=3\n"


def _interrupted(program: subprocess.Popen[bytes]) -> int:
    """Press Ctrl-C, and again where that fell between two things it can be noticed in."""
    for _ in range(6):
        program.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return program.wait(5)
    program.kill()
    return program.wait()


def _read_until(terminal: int, words: bytes) -> bytes:
    """Return what the program showed, up to these words."""
    shown, until = b"", time.monotonic() + 60
    while words not in shown and time.monotonic() < until:
        shown += os.read(terminal, 10_000)
    assert words in shown, shown
    return shown
