"""`snipersight kill` beside a bot that runs: it is carried out at once, by the bot, and says so."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from snipersight.bootstrap.settings import VARIABLES
from tests.fakes.running_bot import RunningBot

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]  # the first process compiles


async def said(home: Path, *arguments: str) -> tuple[int | None, str, float]:
    """Run another command on the bot's home: exit code, what it said, and real seconds."""
    names = {name: os.environ[name] for name in os.environ if name not in VARIABLES}
    began_s = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "snipersight",
        *arguments,
        env=names | {"SNIPERSIGHT_HOME": str(home), "COLUMNS": "160"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode(), time.monotonic() - began_s


async def test_a_kill_beside_a_run_is_done_at_once_and_in_the_run_s_own_time(tmp_path: Path):
    # At this pace the next close is fifty minutes away: nothing else looks at the trades.
    arguments = ("--symbols", "top40", "--mode", "paper", "--at", "2025-07-19T01:10")
    bot = await RunningBot.start(tmp_path, *arguments)
    try:
        await bot.until("Sent: SHORT XRP/USDT:USDT", within_s=180)
        await bot.until("2025-07-19 01:10  SHORT XRP/USDT:USDT", within_s=30)
        _, _, usual_s = await said(tmp_path, "risk", "status")
        code, told, took_s = await said(tmp_path, "kill", "--reason", "a storm")
        assert code == 0, told
        assert took_s < usual_s + 3.0, told
        assert "Carried out by the running process" in told
        assert "killed since 2025-07-19 01:1" in told
        await bot.until("The kill switch was pulled: a storm", within_s=5)
        code, told, _ = await said(tmp_path, "kill", "--rearm")
        assert code == 0, told
    finally:
        ended, _ = await bot.stop()
    assert ended == 0, bot.output
    assert "clock_backwards" not in bot.output
