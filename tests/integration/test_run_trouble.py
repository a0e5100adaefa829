"""`snipersight run` when something is wrong outside, and when it is told to end."""

import asyncio
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.running_bot import RunningBot, at

pytestmark = pytest.mark.timeout(400)  # the first process compiles the detectors

BEGAN_MS = 1_780_113_600_000
PACE = ("--time-scale", "300", *at(BEGAN_MS))
ARGUMENTS = ("--symbols", "BTC/USDT,ETH/USDT", "--profile", "scalp", "--mode", "paper", *PACE)


def closes(home: Path) -> int:
    """Return how many closes were scanned, by the evidence of them."""
    with closing(sqlite3.connect(f"file:{home / 'telemetry.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM scan_count").fetchone()[0])


def has_scanned(home: Path, *, more_than: int = 0) -> bool:
    return (home / "telemetry.db").exists() and closes(home) > more_than


async def at_work(home: Path, *arguments: str, **variables: str) -> RunningBot:
    """Return a bot that has scanned."""
    bot = await RunningBot.start(home, *(arguments or ARGUMENTS), **variables)
    await bot.until("Running ")
    await bot.until(lambda: has_scanned(home), within_s=120)
    return bot


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
async def test_one_signal_ends_it_in_order_within_ten_seconds(tmp_path: Path, name: signal.Signals):
    bot = await at_work(tmp_path)
    code, took_s = await bot.stop(name=name)
    assert code == 0, bot.output
    assert took_s < 10
    assert ": no plan was approved." in bot.output
    assert "Cut short" not in bot.output
    with closing(sqlite3.connect(tmp_path / "snipersight.db")) as connection:
        held = connection.execute("SELECT name FROM lease WHERE owner <> ''").fetchall()
    assert held == []  # whoever comes next waits for nothing


async def test_a_second_signal_ends_it_at_once(tmp_path: Path):
    bot = await at_work(tmp_path)
    bot.signal(signal.SIGSTOP)  # so that it has not ended in order before it sees both
    bot.signal(signal.SIGTERM)
    await asyncio.sleep(0.1)
    bot.signal(signal.SIGCONT)
    await bot.until_said_or_ended("Ending;")
    bot.signal(signal.SIGTERM)
    assert await bot.end() in (0, 130)


async def test_changed_settings_are_said_and_wait_for_a_restart(tmp_path: Path):
    settings = tmp_path / ".env"
    settings.write_text("NOTIFY_TOP=3\n")
    bot = await at_work(tmp_path)
    settings.write_text("NOTIFY_TOP=5\n")
    await bot.until(f"{settings} was changed", within_s=20)
    before = closes(tmp_path)
    await bot.until(lambda: has_scanned(tmp_path, more_than=before + 1))
    assert (await bot.stop())[0] == 0
    assert bot.output.count("was changed") == 1


async def test_a_fault_in_what_is_asked_ends_it_before_it_begins(tmp_path: Path):
    for arguments, said in (
        (("--exchange", "binance", "--time-scale", "60"), "lives by the present"),
        (("--approve",), "nobody can be asked"),
        (("--symbols", "NOPE/NOPE"), "NOPE/NOPE"),
        (("--profile", "nope"), "nope"),
        (("--mode", "live"), "practice"),
    ):
        began_s = time.monotonic()
        bot = await RunningBot.start(tmp_path, *arguments)
        code = await bot.end()
        assert (code, said in bot.output) == (2, True), bot.output
        assert time.monotonic() - began_s < 60
