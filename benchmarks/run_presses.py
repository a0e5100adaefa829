"""From a press on Approve to the order on the wire: a bot that trades on the sandbox exchange."""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import Figure, at_most, median, percentile
from benchmarks.run_bot import Bot, Servers
from benchmarks.run_day import BEGINS_MS, minute_of
from benchmarks.run_servers import VENUE, Outside
from snipersight.bootstrap.profiles import load_profile
from snipersight.cli.toml_text import toml_text
from snipersight.domain.profile import parse_profile

# At these moments the profile below finds plans standing in these markets, which a bot that begins
# then tells at once.
_MOMENTS: Final = (
    (BEGINS_MS + 655 * 60_000, ("ADA", "BTC", "LINK", "SOL", "XRP", "ETH")),
    (BEGINS_MS + 30 * 60_000, ("DOGE", "BNB", "BTC", "LTC", "SUI")),
)
_MOST_BOTS: Final = 10
_LEAST_MARKETS: Final = 2  # each gives one signal at least
_FIRST_S: Final = 40.0  # until the first signal has come
_NEXT_S: Final = 6.0  # until another one has
_FIRST_ENTRY: Final = "-E0-0"  # in the id of the first order of a plan
_PATIENCE_S: Final = 10.0
_LOOK_S: Final = 0.1
_REST_S: Final = 1.0  # between two presses: a person does not press twice a second
# A profile that finds a setup every few hundred bars and lets nearly all of them through: what is
# measured is not what a plan is worth.
_KEEN: Final = {
    "burn_in_bars": 100,
    "epoch_bars": 100,
    "internal_strength": 1,
    "swing_strength": 3,
    "displacement_atr": 0.6,
    "displacement_body_ratio": 0.4,
    "min_gap_atr": 0.0,
    "min_pool_age_bars": 1,
    "min_pierce_atr": 0.0,
    "max_pierce_atr": 5.0,
    "zone_max_age_bars": 100,
    "level_max_age_bars": 100,
    "regime_window_bars": 40,
}
_CHANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "roles": {
        "bias": {**_KEEN, "calendar": ["day"]},
        "zone": {**_KEEN, "calendar": ["day"]},
        "trigger": {**_KEEN, "burn_in_bars": 300, "epoch_bars": 300, "calendar": ["day"]},
    },
    "setup": {"valid_bars": 288},
    "gates": {
        "bias_alignment": "off",
        "leader_alignment": "off",
        "regimes": ["trend", "range", "volatile"],
        "max_range_position": 1.0,
        "min_score": 0,
    },
    "planner": {
        "min_rr": 0.5,
        "min_target_r": 0.5,
        "max_target_r": 50,
        "max_stop_atr": 40,
        "max_cost_fraction": 1.0,
    },
    "sizing": {"risk_fraction": 0.0002},
}
# Limits that nobody reaches with them.
KEEN_ROOM: Final = {
    "MAX_OPEN_POSITIONS": "100",
    "MAX_TOTAL_EXPOSURE": "0.5",
    "MAX_PER_ASSET_EXPOSURE": "0.4",
    "COOLDOWN_MINUTES": "0",
    "MAX_LOSS_STREAK": "100",
    "NOTIFY_TOP": "20",
}


def press_figures(scratch: Path, settings: Mapping[str, str], *, presses: int) -> list[Figure]:
    """Return how long orders take.

    Args:
        scratch: folder for everything temporary.
        settings: that every bot gets.
        presses: to measure.
    """
    waits, refused = list[float](), 0
    for number in range(_MOST_BOTS):
        if len(waits) >= presses:
            break
        at_ms, assets = _MOMENTS[number % len(_MOMENTS)]
        home, wanted = scratch / f"presses-{number}", presses - len(waits)
        # Most of the wait for the first signal is for the history of every market.
        few = assets[: max(wanted, _LEAST_MARKETS)]
        more, not_done = _press(home, settings, wanted, at_ms=at_ms, assets=few)
        waits, refused = waits + more, refused + not_done
    how = f"of {len(waits)} presses; {VENUE} of the sandbox, in our own time"
    if refused:
        how += f"; {refused} more were refused or led to nothing"
    if not waits:
        return [Figure(name="press_to_order_p95", value=None, unit="ms", note=how)]
    told = f"median {median(waits) * 1000:.0f}, most {max(waits) * 1000:.0f} ms, {how}"
    return [
        Figure(
            name="press_to_order_p95",
            value=percentile(waits, 95) * 1000,
            unit="ms",
            target=at_most(300),
            note=told,
        )
    ]


def _press(
    home: Path, settings: Mapping[str, str], presses: int, *, at_ms: int, assets: Sequence[str]
) -> tuple[list[float], int]:
    """Return what each press under a bot's first signals took, seconds, and how many did nothing."""
    (home / "profiles").mkdir(parents=True)
    (home / "profiles/desk.toml").write_text(keen_profile(), encoding="utf-8")
    servers = Servers(Outside(has_venues=True, begins_ms=at_ms))
    symbols = ",".join(f"{asset}/USDT:USDT" for asset in assets)
    words = [
        *("--exchange", VENUE, "--symbols", symbols, "--profile", "desk"),
        *("--mode", "paper", "--notify", "--approve", "--at", minute_of(at_ms)),
    ]
    bot = Bot(home, words, {**servers.settings, **settings, **KEEN_ROOM})
    try:
        bot.until_ready()
        return _measured(bot, servers, presses)
    finally:
        bot.end()
        servers.close()


def _measured(bot: Bot, servers: Servers, presses: int) -> tuple[list[float], int]:
    waits: list[float] = []
    refused, after, ends_s = 0, 0, time.monotonic() + _FIRST_S
    while len(waits) < presses and time.monotonic() < ends_s:
        if bot.has_ended:
            raise RuntimeError("\n".join(["the bot ended early", *bot.lines[-20:]]))
        for message in servers.messages(after=after):
            after = message["number"]
            data = approve_of(message)
            if data is None or len(waits) == presses:
                continue
            wait = _one(servers, message, data)
            ends_s = time.monotonic() + _NEXT_S
            if wait is None:
                refused += 1
            else:
                waits.append(wait)
            time.sleep(_REST_S)
        time.sleep(_LOOK_S)
    return waits, refused


def _one(servers: Servers, message: Mapping[str, Any], data: str) -> float | None:
    """Press once and return how long it took until the first order of the plan came."""
    while not servers.orders.empty():
        servers.orders.get_nowait()
    pressed_ns = time.time_ns()
    servers.press(message, data)
    ends_s = time.monotonic() + _PATIENCE_S
    while (left_s := ends_s - time.monotonic()) > 0:
        try:
            order = servers.orders.get(timeout=left_s)
        except queue.Empty:
            break
        if order["order"].endswith(_FIRST_ENTRY):
            return float(order["at_ns"] - pressed_ns) / 1e9
    return None


def approve_of(message: Mapping[str, Any]) -> str | None:
    """Return what the button Approve of a message sends; None where there is none."""
    for row in message["keyboard"] or ():
        for button in row:
            if "Approve" in button["text"]:
                return str(button["callback_data"])
    return None


def keen_profile() -> str:
    """Return a keen version of the shipped scalp profile."""
    values = load_profile("scalp", own_folder=Path("/nonexistent")).model_dump(mode="json")
    for section, changes in _CHANGES.items():
        for key, change in changes.items():
            old = values[section].get(key)
            values[section][key] = {**old, **change} if isinstance(change, dict) else change
    keen = parse_profile({**values, "name": "desk"}, where="desk")
    return toml_text(keen.model_dump(mode="json", exclude_none=True))
