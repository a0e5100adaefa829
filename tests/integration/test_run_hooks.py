"""`snipersight run` with plug-ins that raise, hang and leak beside one that works."""

from pathlib import Path

import pytest

from tests.fakes.hook_plugins import install_bad_hooks
from tests.fakes.run_story import ARGUMENTS, BAR_MS, BEGAN_MS, Kept, decided
from tests.fakes.running_bot import RunningBot, at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # the first one compiles the detectors

SEEN_MS = BEGAN_MS + BAR_MS  # at the next two closes there are plans
END_MS = BEGAN_MS + 4 * BAR_MS
PACE = ("--time-scale", "225", *at(SEEN_MS + 2 * BAR_MS // 3))
BAD = ("raising", "hanging", "leaking")


async def test_bad_plug_ins_cost_neither_a_close_nor_a_plan_nor_the_good_one(tmp_path: Path):
    packages, home = tmp_path / "packages", tmp_path / "home"
    packages.mkdir()
    home.mkdir()
    install_bad_hooks(packages)
    settings = {
        "PYTHONPATH": str(packages),
        "HOOKS": ",".join(("good", *BAD)),
        "HOOK_TIMEOUT_SECONDS": "1",
        "HOOK_MEMORY_MB": "128",
    }
    bot, kept = await RunningBot.start(home, *ARGUMENTS, *PACE, **settings), Kept(home)
    await bot.until(lambda: kept.closes()[-1:] >= [END_MS], within_s=120)
    for name in BAD:
        await bot.until(f"plug-in {name}")
    code, took_s = await bot.stop()
    assert code == 0, bot.output
    assert took_s < 10
    assert "Traceback" not in bot.output
    assert kept.recorded(until_ms=END_MS) == await decided(began_ms=SEEN_MS, end_ms=END_MS)
    told = (home / "hooks/good/told.txt").read_text().splitlines()
    heard = [int(line.split()[1]) for line in told if line.startswith("scan_")]
    looked = kept.closes()
    assert heard in (looked, looked[:-1])  # it was ended with the last one
    assert len(heard) >= 2
