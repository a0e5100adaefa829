"""The very first start of a bot, ended while it compiles."""

from pathlib import Path

from tests.fakes.running_bot import RunningBot


async def test_ended_while_it_compiles_it_ends_in_order_and_says_so(tmp_path: Path):
    kernels = tmp_path / "kernels"
    kernels.mkdir(mode=0o700)
    bot = await RunningBot.start(
        tmp_path / "home", "--symbols", "BTC/USDT:USDT", NUMBA_CACHE_DIR=str(kernels)
    )
    try:
        await bot.until("Compiling the detectors")
    finally:
        code, took_s = await bot.stop()
    assert code == 0, bot.output
    assert took_s < 8, bot.output
    assert "Ended before the detectors were compiled" in bot.output
    assert "cut short" not in bot.output
