"""`snipersight run` while what it needs is away: it goes on, and nothing is lost or done twice."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import socket
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from snipersight.domain.candles import utc_text
from snipersight.domain.evidence_columns import EvidenceTable
from snipersight.domain.timeframe import HOUR_MS, MINUTE_MS
from snipersight.domain.units import Symbol
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.exchange import ExchangeSandbox, scaled_clock
from snipersight.sandbox.telegram import TelegramSandbox
from snipersight.storage.database import connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.telemetry.tables import TELEMETRY
from tests.fakes.postgres import PostgresMissing, PostgresServer, running_postgres
from tests.fakes.run_story import (
    ARGUMENTS,
    BAR_MS,
    BEGAN_MS,
    PROFILE,
    SYMBOLS,
    Kept,
    candidates,
    decided,
)
from tests.fakes.running_bot import RunningBot, at
from tests.fakes.terminal import in_this_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # the first one compiles the detectors

VENUE = "binanceusdm"
SCALE = 225.0
BAR_S = BAR_MS / 1000 / SCALE
SEEN_MS = BEGAN_MS + BAR_MS  # the close before the first look; at the next two there are plans
END_MS = BEGAN_MS + 4 * BAR_MS
LAST_MS = BEGAN_MS + 40 * HOUR_MS  # with more plans
PACE = ("--time-scale", str(SCALE), *at(SEEN_MS + 2 * BAR_MS // 3))


async def until_it_sees(bot: RunningBot, kept: Kept, close_ms: int) -> None:
    """Wait until a close was scanned."""
    await bot.until(lambda: kept.closes()[-1:] >= [close_ms], within_s=120)


async def until_it_holds(bot: RunningBot, kept: Kept) -> None:
    """Wait until the plans of the first close were traded, some minutes before the next one."""
    await until_it_sees(bot, kept, SEEN_MS + BAR_MS)
    await bot.until(kept.traded, within_s=30)


async def assert_nothing_was_lost_or_done_twice(bot: RunningBot, kept: Kept) -> None:
    code, _ = await bot.stop()
    assert code == 0, bot.output
    assert "fault" not in bot.output
    assert "Traceback" not in bot.output
    wanted = await decided(began_ms=SEEN_MS, end_ms=END_MS)
    assert len(wanted) == 3
    assert kept.recorded(until_ms=END_MS) == wanted
    assert set(kept.told().values()) == {1}
    assert set(kept.traded().values()) == {1}


async def assert_books_are_whole(home: Path, **settings: str) -> None:
    """Have the program check what it keeps: the tables, the chain of records and the trades."""
    commands = (("db", "check"), ("audit", "verify", "--account", "practice"))
    for words in commands:
        done = await asyncio.to_thread(in_this_process, home, *words, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
    listing = ("positions", "--all", "--json")
    done = await asyncio.to_thread(in_this_process, home, *listing, **settings)
    assert done.returncode == 0, done.stderr
    trades = json.loads(done.stdout)["trades"]
    assert trades
    assert {one["symbol"]: one["held"] for one in trades} == {
        one["symbol"]: one["covered"] for one in trades
    }


@asynccontextmanager
async def telegram_at(port: int = 0) -> AsyncIterator[tuple[TelegramSandbox, dict[str, str]]]:
    """Yield a Telegram, and the settings that lead to it."""
    async with TelegramSandbox(port=port) as telegram:
        yield telegram, settings_of(telegram.url, telegram.token)


def settings_of(url: str, token: str) -> dict[str, str]:
    return {"TELEGRAM_BOT_TOKEN": token, "TELEGRAM_API_URL": url, "TELEGRAM_CHAT_ID": "1001"}


@contextmanager
def full_disk(bot: RunningBot) -> Iterator[None]:
    """Let no file of a process grow, as on a disk that is full."""
    before = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_is_waited_for_until_there_is_room(tmp_path: Path):
    kept = Kept(tmp_path)
    async with telegram_at() as (_, settings):
        bot = await RunningBot.start(tmp_path, *ARGUMENTS, "--notify", *PACE, **settings)
        await until_it_holds(bot, kept)
        with full_disk(bot):
            await bot.until("warning: ")
            stood = kept.closes()
            await asyncio.sleep(3 * BAR_S)
            assert kept.closes() == stood
        await until_it_sees(bot, kept, END_MS)
        await bot.until("scans is well again")
        await assert_nothing_was_lost_or_done_twice(bot, kept)
    await assert_books_are_whole(tmp_path)
    assert bot.output.count("warning: scans: ") == 1


async def test_a_locked_store_is_waited_for_and_nothing_is_skipped(tmp_path: Path):
    kept = Kept(tmp_path)
    async with telegram_at() as (_, settings):
        bot = await RunningBot.start(tmp_path, *ARGUMENTS, "--notify", *PACE, **settings)
        await until_it_holds(bot, kept)
        with locked(tmp_path / "snipersight.db"):
            await bot.until("warning: ")
            stood = kept.closes()
            await asyncio.sleep(3 * BAR_S)
            assert kept.closes() == stood
        await until_it_sees(bot, kept, END_MS)
        await bot.until("well again")
        await assert_nothing_was_lost_or_done_twice(bot, kept)
    await assert_books_are_whole(tmp_path)


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """Let nobody else write to a database."""
    with closing(sqlite3.connect(place, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """Yield a server of this test's own, which it may stop."""
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


async def test_a_server_that_stops_is_waited_for_until_it_is_back(
    tmp_path: Path, server: PostgresServer
):
    with server.fresh_database() as url:
        with connect_database(url) as database:
            migrate(database)
            migrate(database, TELEMETRY)
        kept = Kept(tmp_path, url)
        async with telegram_at() as (_, settings):
            more = settings | {"DATABASE_URL": url}
            bot = await RunningBot.start(tmp_path, *ARGUMENTS, "--notify", *PACE, **more)
            await until_it_holds(bot, kept)
            await asyncio.to_thread(server.stop)
            await bot.until("warning: scans: ")
            await asyncio.sleep(3 * BAR_S)
            await asyncio.to_thread(server.start)
            await until_it_sees(bot, kept, END_MS)
            await bot.until("scans is well again")
            await assert_nothing_was_lost_or_done_twice(bot, kept)
        await assert_books_are_whole(tmp_path, DATABASE_URL=url)
        assert bot.output.count("warning: scans: ") == 1


def a_free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


async def test_what_telegram_did_not_take_arrives_once_when_it_is_back(tmp_path: Path):
    kept, port = Kept(tmp_path), a_free_port()
    away = settings_of(f"http://127.0.0.1:{port}", TelegramSandbox().token)
    bot = await RunningBot.start(tmp_path, *ARGUMENTS, "--notify", *PACE, **away)
    await until_it_sees(bot, kept, END_MS)
    waiting = kept.deliveries()
    assert waiting["done"] == 0
    assert waiting.total() > 0
    async with telegram_at(port) as (telegram, _):
        await bot.until(lambda: set(kept.deliveries()) == {"done"})
        await assert_nothing_was_lost_or_done_twice(bot, kept)
        texts = Counter(message.text for message in telegram.messages)
    assert kept.ambiguous() == 0
    assert texts.total() == kept.deliveries()["done"] >= waiting.total()
    assert set(texts.values()) == {1}


async def test_a_clock_that_is_set_back_and_ahead_repeats_and_skips_nothing(tmp_path: Path):
    kept = Kept(tmp_path)
    program = ("tests.fakes.stepping", utc_text(SEEN_MS + 2 * BAR_MS // 3))
    async with telegram_at() as (_, settings):
        bot = await RunningBot.start(tmp_path, *ARGUMENTS, "--notify", program=program, **settings)
        await until_it_sees(bot, kept, SEEN_MS)
        bot.signal(signal.SIGUSR2)
        await asyncio.sleep(5.0)  # looked after twice by everything that keeps leases
        for _ in range(3):
            bot.signal(signal.SIGUSR1)
            await asyncio.sleep(0.2)  # signals of a kind that are pending are one
        await until_it_sees(bot, kept, END_MS)
        await bot.until(kept.traded, within_s=60)  # what a close decided is acted on after it
        await assert_nothing_was_lost_or_done_twice(bot, kept)


async def test_what_a_venue_did_not_tell_for_an_hour_is_read_when_it_is_back(tmp_path: Path):
    begins_ms = BEGAN_MS + 170 * MINUTE_MS  # an hour and a half before the next plan
    clock = scaled_clock(2 * SCALE, start_us=begins_ms * 1000)
    market = SyntheticMarket(clock=lambda: clock() // 1000)
    kept = Kept(tmp_path)
    async with ExchangeSandbox(clock=clock, markets=market) as server:
        settings = {
            "EXCHANGE_GATEWAY": f"127.0.0.1:{server.port}",
            "EXCHANGE_GATEWAY_CA": str(server.ca_pem),
        }
        listed = ("--exchange", VENUE, "--symbols", ",".join(SYMBOLS), "--profile", PROFILE)
        pace = ("--time-scale", str(2 * SCALE), *at(clock() // 1000))
        bot = await RunningBot.start(tmp_path, *listed, *pace, **settings)
        await until_it_sees(bot, kept, begins_ms)
        hour_s, before = HOUR_MS / 1000 / SCALE / 2, kept.closes()
        server.world(VENUE).restart(down_s=hour_s)
        await asyncio.sleep(0.9 * hour_s)
        assert len(kept.closes()) <= len(before) + 1  # one may have been under way
        wanted = await candidates(
            began_ms=before[0], end_ms=LAST_MS, leader_symbol=Symbol("BTC/USDT:USDT")
        )
        # A busy machine may have missed the first one already.
        ends_ms = max(BEGAN_MS + 5 * HOUR_MS, min(close_ms for close_ms, _ in wanted))
        await until_it_sees(bot, kept, ends_ms)
        assert (await bot.stop())[0] == 0, bot.output
    assert "Traceback" not in bot.output
    assert decisions_of(kept.evidence(until_ms=ends_ms), after_ms=before[0]) == {
        (close_ms, str(plan.symbol), plan.direction.value)
        for close_ms, plan in wanted
        if close_ms <= ends_ms
    }


def decisions_of(table: EvidenceTable, *, after_ms: int) -> set[tuple[int, str, str]]:
    """Return when what was decided, in which direction, after a moment."""
    columns = (table.decided_ms.tolist(), table.symbol.tolist(), table.direction.tolist())
    return {one for one in zip(*columns, strict=True) if one[0] > after_ms}
