"""`snipersight run` over accelerated hours: killed at random, it tells, orders and skips nothing twice."""

import asyncio
import json
import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from snipersight.analysis.leader import LeaderTimeline
from snipersight.bootstrap.profiles import load_profile
from snipersight.domain.timeframe import DAY_MS, HOUR_MS
from snipersight.domain.units import Symbol
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.telegram import TelegramSandbox
from tests.fakes.running_bot import RunningBot, SandboxTime, at

pytestmark = pytest.mark.timeout(400)  # the first process compiles the detectors

BEGAN_MS = 1_780_113_600_000  # 2026-05-30T04:00, before six plans within fifteen hours
END_MS = BEGAN_MS + 15 * HOUR_MS
# What a killed process had is taken over once its leases have run out: 12 s, four hours by then.
UNTIL_MS = END_MS + 7 * HOUR_MS
SCALE = 1200.0
SYMBOLS = tuple(Symbol(f"{base}/USDT:USDT") for base in ("BTC", "ETH", "NEAR", "AVAX", "DOGE"))
PROFILE = "aggressive"
ARGUMENTS = ("--symbols", ",".join(SYMBOLS), "--profile", PROFILE, "--mode", "paper")


def rows(file: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return list(connection.execute(query))


def messages(home: Path, kind: str) -> list[dict[str, Any]]:
    """Return what the outbox was given to tell, of one kind."""
    found = rows(home / "snipersight.db", "SELECT payload FROM queue WHERE topic = 'message'")
    payloads = [json.loads(payload) for (payload,) in found]
    return [payload for payload in payloads if payload["kind"] == kind]


def recorded(home: Path) -> set[str]:
    """Return the plans of which evidence is kept, those that were refused too."""
    query = f"SELECT plan_id FROM signal WHERE decided_ms <= {END_MS}"
    return {plan_id for (plan_id,) in rows(home / "telemetry.db", query)}


async def decided() -> set[str]:
    """Return the plans that the closes of these hours decided, worked out without the bot."""
    market = SyntheticMarket(clock=lambda: END_MS)
    profile, listed = load_profile(PROFILE, own_folder=Path()), await market.instruments()
    leader, bias = LeaderTimeline(profile), profile.timeframe("bias")
    started_ms = BEGAN_MS - 200 * DAY_MS
    leader.advance(
        await market.candles(Symbol("BTC/USDT"), bias, start_ms=started_ms, end_ms=END_MS),
        until_ms=END_MS,
    )
    source = SmcPlanSource(profile, shadows_after_ms=BEGAN_MS)
    found: set[str] = set()
    for symbol in SYMBOLS:
        feed = source.open(listed[symbol], None if symbol.startswith("BTC/") else leader)
        bars = {
            timeframe: await market.candles(
                symbol, timeframe, start_ms=timeframe.floor(BEGAN_MS - needed_ms), end_ms=END_MS
            )
            for timeframe, needed_ms in source.history.items()
        }
        for candidate in feed.advance(bars, until_ms=END_MS):
            plan = candidate.plan or candidate.shadow
            if candidate.at_ms > BEGAN_MS and plan is not None:
                found.add(plan.plan_id)
    return found


async def through(home: Path, *, seed: int) -> tuple[int, int, str]:
    """Run the bot through the hours, killing it at random.

    Returns:
        How often it was killed, how many messages arrived that cannot have arrived twice, and
        what the last process said.
    """
    chance, kills = random.Random(seed), 0
    async with TelegramSandbox() as telegram:
        variables = {
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_CHAT_ID": "1001",
        }
        time = SandboxTime(BEGAN_MS, scale=SCALE)
        while True:
            pace = ("--time-scale", str(SCALE), *at(time.ms()), "--until", at(UNTIL_MS)[1])
            bot = await RunningBot.start(home, *ARGUMENTS, "--notify", *pace, **variables)
            await bot.until("Running ")
            if time.ms() >= END_MS - 2 * HOUR_MS:
                assert await bot.end() == 0, bot.output
                return kills, repeated(telegram), bot.output
            await asyncio.sleep(chance.uniform(1.0, 8.0))
            await bot.kill()
            kills += 1


def repeated(telegram: TelegramSandbox) -> int:
    """Return how many messages a chat was told more than once."""
    texts = Counter(message.text for message in telegram.messages)
    return sum(count - 1 for count in texts.values())


def ambiguous(home: Path) -> int:
    """Return how many deliveries a kill caught between being sent and being recorded."""
    query = "SELECT count(*) FROM queue WHERE topic = 'delivery' AND is_ambiguous"
    return int(rows(home / "snipersight.db", query)[0][0])


async def test_killed_at_random_it_tells_orders_and_skips_nothing_twice(tmp_path: Path):
    kills, twice, said = await through(tmp_path, seed=7)
    assert kills >= 3, said
    assert recorded(tmp_path) == await decided()
    signals = Counter(
        payload["plan_id"].partition("-")[0] for payload in messages(tmp_path, "signal")
    )
    assert signals
    assert set(signals.values()) == {1}
    assert twice <= ambiguous(tmp_path)
    bodies = rows(tmp_path / "snipersight.db", "SELECT body FROM trade")
    setups = Counter(json.loads(body)["setup_id"] for (body,) in bodies)
    assert setups
    assert set(setups.values()) == {1}
