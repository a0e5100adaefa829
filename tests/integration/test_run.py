"""`snipersight run` over accelerated hours: killed at random, it tells, orders and skips nothing twice."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from snipersight.domain.timeframe import HOUR_MS
from snipersight.sandbox.telegram import TelegramSandbox
from tests.fakes.run_story import ARGUMENTS, BEGAN_MS, Kept, decided
from tests.fakes.running_bot import RunningBot, SandboxTime, at

pytestmark = pytest.mark.timeout(400)  # the first process compiles the detectors

END_MS = BEGAN_MS + 15 * HOUR_MS  # with six plans
# What a killed process had is taken over once its leases have run out: 12 s, four hours by then.
TAKEN_OVER_MS = 7 * HOUR_MS
SCALE = 1200.0
KILLS = 3  # at least, also on a machine that is so busy that the hours are over before


async def through(home: Path, *, seed: int) -> int:
    """Run the bot through the hours, killing it at random; return how many messages came again."""
    chance, kills = random.Random(seed), 0
    async with TelegramSandbox() as telegram:
        variables = {
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_CHAT_ID": "1001",
        }
        time = SandboxTime(BEGAN_MS, scale=SCALE)
        while True:
            until_ms = max(END_MS, time.ms()) + TAKEN_OVER_MS
            pace = ("--time-scale", str(SCALE), *at(time.ms()), "--until", at(until_ms)[1])
            bot = await RunningBot.start(home, *ARGUMENTS, "--notify", *pace, **variables)
            await bot.until("Running ")
            if kills >= KILLS and time.ms() >= END_MS - 2 * HOUR_MS:
                assert await bot.end() == 0, bot.output
                return repeated(telegram)
            await asyncio.sleep(chance.uniform(1.0, 8.0))
            await bot.kill()
            kills += 1


def repeated(telegram: TelegramSandbox) -> int:
    """Return how many messages a chat was told more than once."""
    texts = Counter(message.text for message in telegram.messages)
    return sum(count - 1 for count in texts.values())


async def test_killed_at_random_it_tells_orders_and_skips_nothing_twice(tmp_path: Path):
    twice = await through(tmp_path, seed=7)
    kept = Kept(tmp_path)
    assert kept.recorded(until_ms=END_MS) == await decided(end_ms=END_MS)
    assert kept.told()
    assert set(kept.told().values()) == {1}
    assert twice <= kept.ambiguous()
    assert kept.traded()
    assert set(kept.traded().values()) == {1}
