"""What the comments of the shipped profiles say is true of the values beside them."""

import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from snipersight.domain.timeframe import DAY_MS, HOUR_MS, Timeframe

NAMES = ("aggressive", "balanced", "conservative", "scalp", "swing")
ROLES = {
    "bias": "the side of the market",
    "zone": "where to buy and sell",
    "trigger": "when to act",
}
CALENDAR_DAYS = {"session": 1, "day": 2, "week": 14, "month": 62}


def text_of(name: str) -> str:
    return (files("snipersight.profiles") / f"{name}.toml").read_text(encoding="utf-8")


def values_of(name: str) -> dict[str, Any]:
    return tomllib.loads(text_of(name))


def section_of(name: str, section: str) -> str:
    """Return the comments before a section and its lines."""
    found = re.search(rf"((?:#[^\n]*\n)*)\[{re.escape(section)}\]\n", text_of(name))
    assert found is not None, section
    return text_of(name)[found.start() :].split("\n\n")[0] + "\n"


def span(duration_ms: int) -> str:
    """Return 24 hours, 3.5 days."""
    if duration_ms < 2 * DAY_MS:
        return f"{duration_ms // HOUR_MS} hours"
    return f"{round(duration_ms / DAY_MS, 1):g} days"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", NAMES)
def test_a_role_is_headed_by_its_own_timeframe_and_tells_its_own_times(name, role):
    frame = Timeframe.parse(values_of(name)["timeframes"][role])
    rules, section = values_of(name)["roles"][role], section_of(name, f"roles.{role}")
    assert section.startswith(f"# {frame}: {ROLES[role]}.\n")
    whole_ms = (rules["burn_in_bars"] + rules["epoch_bars"]) * frame.duration_ms
    assert f"both together are {span(whole_ms)}\n" in section
    forgotten = span(rules["zone_max_age_bars"] * frame.duration_ms)
    assert f"blocks and gaps are forgotten after {forgotten}\n" in section
    assert rules["level_max_age_bars"] == rules["zone_max_age_bars"]  # "so are swings"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", NAMES)
def test_a_calendar_says_so_where_it_needs_more_candles_than_the_machine(name, role):
    frame = Timeframe.parse(values_of(name)["timeframes"][role])
    rules = values_of(name)["roles"][role]
    longest = max(rules["calendar"], key=lambda period: CALENDAR_DAYS[period])
    machine_ms = (rules["burn_in_bars"] + rules["epoch_bars"]) * frame.duration_ms
    needed = f"; a {longest} needs {CALENDAR_DAYS[longest]} days"
    says_so = needed in section_of(name, f"roles.{role}")
    assert says_so is (machine_ms < CALENDAR_DAYS[longest] * DAY_MS)


@pytest.mark.parametrize("name", NAMES)
def test_the_head_and_the_expiry_fit_the_timeframes(name):
    values, head = values_of(name), text_of(name).split("name = ")[0]
    frames = values["timeframes"]
    stated = re.findall(r"(\d+[mhd]) (bias|zone|trigger)", head)
    assert all(frames[role] == frame for frame, role in stated)
    assert f"`snipersight profiles --show {name}`" in head
    waits = values["setup"]["valid_bars"] * Timeframe.parse(frames["trigger"]).duration_ms
    assert f"an unfilled plan expires after {span(waits)}\n" in section_of(name, "setup")


def test_all_five_explain_the_same_keys_in_the_same_order():
    # A key of which a file needs a value of its own may stand in some of them only.
    outlines = [
        [
            line.split(" = ")[0]
            for line in text_of(name).splitlines()
            if re.match(r"[a-z\[]", line) and not line.startswith("regime_window_bars")
        ]
        for name in NAMES
    ]
    assert all(outline == outlines[0] for outline in outlines)


@pytest.mark.parametrize("name", NAMES)
def test_every_threshold_is_explained(name):
    body = text_of(name).split("[roles.bias]")[1].splitlines()
    bare = [line.split(" = ")[0] for line in body if " = " in line and "  # " not in line]
    assert bare == ["a", "b"]  # the tiers, whose heading says it all
