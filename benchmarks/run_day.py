"""A long run on the built-in market: how soon closes are told, and what it holds meanwhile."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import Figure, at_most, median, percentile
from benchmarks.run_bot import Bot, Pace, Sample, Servers, pace_of

SYMBOLS: Final = 100
PROFILE: Final = "aggressive"
READ: Final = "4h, 1h and 15m read, 5m followed"
BEGINS_MS: Final = 1_772_409_600_000  # 2026-03-02 00:00 UTC, a Monday
_HOUR_MS: Final = 3_600_000
_CLOSE_MS: Final = 900_000
_CLOSE_LINE: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d)  (.+)")
_PLAN: Final = re.compile(r"(LONG|SHORT) (\S+) at ")
_SAMPLES_S: Final = 1.0
_CHAT_S: Final = 1.05  # a chat takes a message a second, and a little more
_WINDOW: Final = 0.02  # of the run: the parts at either end that memory is compared over


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How long and how fast.

    Args:
        hours: of the bot's time.
        scale: seconds of its time in one of ours.
        begins_ms: its time at the beginning, milliseconds UTC.
        opening_ms: how much of its time does not count: the first scan reads months of history
            for every symbol, and tells what it finds standing.
    """

    hours: float
    scale: float
    begins_ms: int = BEGINS_MS
    opening_ms: int = _HOUR_MS

    @property
    def real_s(self) -> float:
        """Return how long it takes us, seconds."""
        return self.hours * 3600 / self.scale

    @property
    def ends_ms(self) -> int:
        """Return when it ends, milliseconds UTC of its time."""
        return self.begins_ms + int(self.hours * _HOUR_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTold:
    """What was seen of a long run.

    Args:
        day: how long and how fast.
        pace: how its time and ours belong together.
        samples: taken every second.
        lines: printed by the bot.
        stages: lines of the log about stages.
        messages: received by Telegram.
    """

    day: Day
    pace: Pace
    samples: Sequence[Sample]
    lines: Sequence[str]
    stages: Sequence[Mapping[str, Any]]
    messages: Sequence[Mapping[str, Any]]

    @property
    def first_ms(self) -> int:
        """Return after which close times count, milliseconds UTC."""
        return self.day.begins_ms + self.day.opening_ms

    def until_told_s(self) -> list[float]:
        """Return, for each close that found something new, when its first message had come.

        Those are left out that come while the chat is still told of an earlier one, a message a
        second: at the pace of a real clock it was a quarter of an hour ago.
        """
        waits = self._waits()
        return [min(waits[close_ms]) for close_ms in waits if self._counts(close_ms, waits)]

    def closes_behind(self) -> int:
        """Return how many closes with news came while the chat was still told of an earlier one."""
        waits = self._waits()
        return sum(bool(told) for told in waits.values()) - len(self.until_told_s())

    def until_all_told_s(self) -> list[float]:
        """Return, for each new signal, when its message had come."""
        return [wait for waits in self._waits().values() for wait in waits]

    def untold(self) -> int:
        """Return how many new signals no message came for."""
        told = self._waits()
        plans = sum(len(plans) for close_ms, plans in self._announced() if close_ms in told)
        return plans - len(self.until_all_told_s())

    def until_judged_s(self) -> list[float]:
        """Return, for each close, when every plan had its verdict."""
        found: dict[int, float] = {}
        for line in self.stages:
            if line["message"] == "judging":
                close_ms = _close_of(line["context_id"])
                found.setdefault(close_ms, _moment(line["timestamp"]) - self.pace.real(close_ms))
        # It goes on for a moment after its day, until it has ended.
        return [
            wait for close_ms, wait in found.items() if self.first_ms < close_ms <= self.day.ends_ms
        ]

    def closes(self) -> tuple[int, int]:
        """Return how many closes that count were looked at, and how many there were."""
        there = self.day.ends_ms // _CLOSE_MS - self.first_ms // _CLOSE_MS
        return len(self.until_judged_s()), there

    def _counts(self, close_ms: int, waits: Mapping[int, Sequence[float]]) -> bool:
        due_s = self.pace.real(close_ms)
        return bool(waits[close_ms]) and not any(
            0 <= due_s - float(message["at_ms"]) / 1000 < _CHAT_S for message in self.messages
        )

    def _waits(self) -> dict[int, list[float]]:
        waits: dict[int, list[float]] = {}
        for close_ms, plans in self._announced():
            if close_ms <= self.first_ms:
                continue
            due_s = self.pace.real(close_ms)
            arrivals = [self._arrival(plan, after_s=due_s) for plan in plans]
            waits[close_ms] = [came - due_s for came in arrivals if came is not None]
        return waits

    def _announced(self) -> list[tuple[int, list[str]]]:
        """Return the closes that the bot printed something new for, with direction and symbol."""
        found = []
        for line in self.lines:
            match = _CLOSE_LINE.fullmatch(line)
            if match and (plans := _PLAN.findall(match[2])):
                at = datetime.strptime(match[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
                found.append((int(at.timestamp() * 1000), [" ".join(plan) for plan in plans]))
        return found

    def _arrival(self, plan: str, *, after_s: float) -> float | None:
        """Return when a message about a signal came, seconds of the system's clock."""
        for message in self.messages:
            at_s = float(message["at_ms"]) / 1000
            if at_s >= after_s and plan in message["text"] and "Score" in message["text"]:
                return at_s
        return None


def live_through(scratch: Path, settings: Mapping[str, str], day: Day) -> DayTold:
    """Run a bot for hours of its time and return what was seen.

    Raises:
        RuntimeError: it ended early, or did not become ready.
    """
    servers = Servers()
    own = {"BUILT_IN_MARKETS": "130", **servers.settings, **settings}
    words = [
        *("--symbols", f"top{SYMBOLS}", "--profile", PROFILE, "--mode", "paper", "--notify"),
        *("--time-scale", str(day.scale), "--at", minute_of(day.begins_ms)),
    ]
    bot = Bot(scratch / "day", words, own)
    try:
        bot.until_ready()
        samples = _samples(bot, day)
        messages = servers.messages()
    finally:
        code = bot.end()
        servers.close()
    if code != 0:
        raise RuntimeError("\n".join([f"the bot ended with {code}", *bot.lines[-20:]]))
    stages = [line for line in bot.log() if line.get("stage") == "judging"]
    return DayTold(
        day=day,
        pace=pace_of(bot),
        samples=samples,
        lines=bot.lines,
        stages=stages,
        messages=messages,
    )


def _samples(bot: Bot, day: Day) -> list[Sample]:
    """Return what a bot held, every second until its day is over."""
    samples, ends_s = [], time.monotonic() + day.real_s
    while time.monotonic() < ends_s:
        if bot.has_ended:
            raise RuntimeError("\n".join(["the bot ended early", *bot.lines[-20:]]))
        samples.append(bot.sample())
        time.sleep(_SAMPLES_S)
    return samples


def day_figures(told: DayTold) -> list[Figure]:
    """Return what a long run comes to."""
    scale = f"{told.day.hours:g} hours at {told.day.scale:g} seconds of its time in one of ours"
    return [*_telling_figures(told, scale), *_holding_figures(told, scale)]


def _telling_figures(told: DayTold, scale: str) -> list[Figure]:
    firsts, judged = told.until_told_s(), told.until_judged_s()
    looked, there = told.closes()
    how = f"{SYMBOLS} symbols x 4 timeframes ({READ}), {scale}"
    first = _p95("close_to_notification_p95", firsts, target_ms=500)
    behind = told.closes_behind()
    left_out = f"; {behind} more while the chat was told of an earlier one" if behind else ""
    every = told.until_all_told_s()
    waits = f"of {len(every)} signals, those that wait for Telegram's second a chat among them"
    return [
        Figure(
            **first,
            note=f"first message of {_spread(firsts)} closes with something new{left_out}; {how}",
        ),
        Figure(**_p95("signal_to_notification_p95", every), note=waits),
        Figure(**_p95("close_to_verdicts_p95", judged), note=f"{_spread(judged)} closes"),
        Figure(
            name="signals_untold",
            value=told.untold(),
            unit="signals",
            note="beyond the best three of a close: its summary names them",
        ),
        Figure(
            name="closes_without_a_look",
            value=there - looked,
            unit="closes",
            note=f"of {there}; the next look reads their bars",
        ),
    ]


def _p95(name: str, seconds: Sequence[float], *, target_ms: float | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "value": percentile(seconds, 95) * 1000 if seconds else None,
        "unit": "ms",
        "target": None if target_ms is None else at_most(target_ms),
    }


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "no"
    return (
        f"{len(seconds)} (median {median(seconds) * 1000:.0f}, most {max(seconds) * 1000:.0f} ms)"
    )


def _holding_figures(told: DayTold, scale: str) -> list[Figure]:
    opened_s, end_s = told.pace.real(told.first_ms), told.pace.real(told.day.ends_ms)
    return growth_figures(told.samples, opened_s, end_s, name="", how=scale)


def growth_figures(
    samples: Sequence[Sample], opened_s: float, end_s: float, *, name: str, how: str
) -> list[Figure]:
    """Return what a bot held at the end of a run more than after its opening.

    Args:
        samples: at least one.
        opened_s, end_s: between which it is looked at, seconds of the system's clock.
        name: before the names of the figures.
        how: the run was.
    """
    part_s = (end_s - opened_s) * _WINDOW
    early = _between(samples, opened_s, opened_s + part_s)
    late = _between(samples, end_s - part_s, end_s)
    memory = [median([one.resident for one in window]) / 1e6 for window in (early, late)]
    handles = [median([one.handles for one in window]) for window in (early, late)]
    most = max(one.resident for one in samples) / 1e6
    return [
        Figure(
            name=f"{name}memory_growth",
            value=(memory[1] / memory[0] - 1) * 100,
            unit="%",
            target=at_most(5),
            note=f"from {memory[0]:.0f} MB after the opening to {memory[1]:.0f} MB, most "
            f"{most:.0f} MB; {how}",
        ),
        Figure(
            name=f"{name}handles_growth",
            value=handles[1] - handles[0],
            unit="handles",
            target=at_most(0),
            note=f"from {handles[0]:.0f} to {handles[1]:.0f}, at the same moments",
        ),
    ]


def minute_of(at_ms: int) -> str:
    """Return a moment as the command line takes it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M")


def _between(samples: Sequence[Sample], from_s: float, to_s: float) -> list[Sample]:
    return [one for one in samples if from_s <= one.at_s <= to_s] or [samples[-1]]


def _close_of(context_id: str) -> int:
    """Return the moment that the id of a scan names, milliseconds UTC."""
    _scan, day, hour, _hash = context_id.split("_")
    return int(datetime.strptime(day + hour, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp() * 1000)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
