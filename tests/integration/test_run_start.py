"""A bot that starts in the middle of a bar."""

from pathlib import Path

import pytest

from tests.fakes.running_bot import RunningBot

pytestmark = pytest.mark.timeout(240)  # the first process compiles the detectors


async def test_what_stands_is_traded_at_present_prices_however_long_ago_the_bar_closed(
    tmp_path: Path,
):
    # The two-hour bar closed an hour and ten minutes ago; prices of then approve nothing.
    arguments = ("--symbols", "top40", "--mode", "paper", "--at", "2025-07-19T01:10")
    bot = await RunningBot.start(tmp_path, *arguments)
    try:
        await bot.until("Sent: SHORT XRP/USDT:USDT", within_s=180)
        await bot.until("2025-07-19 01:10  SHORT XRP/USDT:USDT", within_s=30)
    finally:
        code, _ = await bot.stop()
    assert code == 0, bot.output
    assert "warning" not in bot.output, bot.output
