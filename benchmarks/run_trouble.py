"""A bot that trades through a day in which exchange and Telegram go wrong, and a person who approves.

Whoever drives it presses Approve under every signal. At the end of the day the person writes
`/kill flatten`, so that nothing is held and the books can be compared to the last digit.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.run_bot import Bot, Pace, Sample, Servers, pace_of
from benchmarks.run_day import BEGINS_MS
from benchmarks.run_presses import KEEN_ROOM, approve_of, keen_profile
from benchmarks.run_servers import VENUE, Outside
from snipersight.domain.candles import utc_text
from snipersight.sandbox.exchange.faults import FaultKind, FaultPlan
from snipersight.sandbox.telegram import FaultPlan as TelegramFaultPlan

_SETTLED_S: Final = 6.0  # of ours, in which months of history, or all that was missed, are read
_LOOKS_S: Final = 0.5  # of ours, that a look takes until it has what it needs of the exchange
_LOOK_S: Final = 0.2
_SAMPLES_S: Final = 1.0
_SETTLES_S: Final = 90.0
_STARTS: Final = 20
# What a faster clock makes of a person's answer and of the age of a price: both are of real time.
_OF_THE_CLOCK: Final = {
    "APPROVAL_MINUTES": 0.5,
    "MAX_DATA_AGE_SECONDS": 15.0,
    "MAX_UNPROTECTED_SECONDS": 30.0,
    "MAX_CLOCK_SKEW_MS": 1_000.0,
}
# What a second on the way is worth of a price that moves as fast as the clock.
_DRIFT: Final = {"APPROVAL_MAX_DRIFT_R": "2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How long, how fast, and how much goes wrong.

    Args:
        hours: of the bot's time.
        scale: seconds of its time in one of ours.
        begins_ms: its time at the beginning, milliseconds UTC.
        symbols: that it looks at.
        at_exchange: share of the account's requests, and of its events, that go wrong.
        restarts: how often the exchange is gone, and every line to it ends.
        down_s: for how long each time, seconds of ours.
        kills: how often the bot is killed with SIGKILL and started again.
        at_telegram: share of the messages.
        seed: of both.
    """

    hours: float
    scale: float
    begins_ms: int = BEGINS_MS
    symbols: str = "top14"
    at_exchange: float = 0.05
    restarts: int = 1
    down_s: float = 0.3
    kills: int = 0
    at_telegram: float = 0.05
    seed: int = 3

    @property
    def real_s(self) -> float:
        """Return how long it takes us until then, seconds."""
        return self.hours * 3600 / self.scale

    @property
    def ends_ms(self) -> int:
        """Return when the day is over by the bot's clock, milliseconds UTC."""
        return self.begins_ms + int(self.hours * 3_600_000)


@dataclass(slots=True, kw_only=True)
class Lived:
    """What was seen of the day.

    Args:
        trouble: that there was.
        home: of the bot.
        ups: when it and the exchange were up: between starts, kills, outages and the end, epoch
            seconds.
        pressed: ids of the plans whose Approve was pressed.
        restarted_ms: when the exchange was gone, or the bot, and when that one was ready again, by
            the bot's clock, milliseconds UTC.
        samples: taken every second.
        is_flat: whether nothing was held or open when it was ended.
        is_silent: whether every message had left by then.
        ended_with: exit code.
        lines: printed by the bot.
        pace: how its time and ours belong together.
        truth: what the venues say.
        exchange, telegram: reports of the sandboxes.
    """

    trouble: Trouble
    home: Path
    ups: list[tuple[float, float]] = field(default_factory=list)
    pressed: list[str] = field(default_factory=list)
    restarted_ms: list[int] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    is_flat: bool = False
    is_silent: bool = False
    ended_with: int = -1
    lines: Sequence[str] = ()
    pace: Pace | None = None
    truth: Mapping[str, Any] = field(default_factory=dict)
    exchange: Mapping[str, Any] = field(default_factory=dict)
    telegram: Mapping[str, Any] = field(default_factory=dict)

    def has_settled(self, at_ms: int, *, first_ms: int) -> bool:
        """Return whether a close has to be looked at: neither the start nor a restart was near.

        A look that the exchange is gone from is tried again a second of ours later, and again: by
        then the next bar may have closed, and the look at that one reads the bars of both. At the
        pace of a real clock a bar takes minutes, and the close is still looked at.

        Args:
            at_ms: the close, milliseconds UTC.
            first_ms: the first one that was looked at.
        """
        pause_ms, look_ms = (s * self.trouble.scale * 1000 for s in (_SETTLED_S, _LOOKS_S))
        return not any(-look_ms < at_ms - one < pause_ms for one in (first_ms, *self.restarted_ms))


def live_through_trouble(scratch: Path, settings: Mapping[str, str], trouble: Trouble) -> Lived:
    """Run a bot through the day and return what was seen.

    Args:
        scratch: folder for its home.
        settings: that every bot gets.
        trouble: that there is.

    Raises:
        RuntimeError: it did not become ready, or ended early.
    """
    home = scratch / "trouble"
    (home / "profiles").mkdir(parents=True)
    (home / "profiles/desk.toml").write_text(keen_profile(), encoding="utf-8")
    outside = Outside(
        has_venues=True, scale=trouble.scale, begins_ms=trouble.begins_ms, pays_funding=True
    )
    servers = Servers(outside)
    own = {**servers.settings, **settings, **KEEN_ROOM, **_DRIFT, **_limits(trouble.scale)}
    lived = Lived(trouble=trouble, home=home)
    day = _Day(own, servers, lived)
    try:
        day.through()
    finally:
        lived.ended_with = day.bot.end()
        servers.close()
    lived.lines = [*lived.lines, *day.bot.lines]
    lived.pace = pace_of(day.bot)
    return lived


def _words(trouble: Trouble, *, at_ms: int) -> list[str]:
    return [
        *("--exchange", VENUE, "--symbols", trouble.symbols, "--profile", "desk"),
        *("--mode", "paper", "--notify", "--approve"),
        *("--time-scale", f"{trouble.scale:g}", "--at", utc_text(at_ms)),
    ]


def _spread_ms(trouble: Trouble, count: int, *, first: float) -> list[int]:
    """Return moments of the day, milliseconds UTC.

    Args:
        trouble: of the day.
        count: of the moments, and of the equal parts that the day has.
        first: where in its part each of them lies, from 0 to 1.
    """
    part_ms = (trouble.ends_ms - trouble.begins_ms) / max(count, 1)
    return [trouble.begins_ms + round(part_ms * (one + first)) for one in range(count)]


def _limits(scale: float) -> dict[str, str]:
    return {name: str(max(1, round(number * scale))) for name, number in _OF_THE_CLOCK.items()}


class _Day:
    def __init__(self, settings: Mapping[str, str], servers: Servers, lived: Lived) -> None:
        self._settings, self._servers, self._lived = settings, servers, lived
        self._after = 0
        self._sampled_s = 0.0
        self.bot = self._begun(lived.trouble.begins_ms)
        self._up_s = 0.0

    def _begun(self, at_ms: int) -> Bot:
        return Bot(self._lived.home, _words(self._lived.trouble, at_ms=at_ms), self._settings)

    def through(self) -> None:
        trouble = self._lived.trouble
        self.bot.until_ready()
        self._up_s = time.time()
        self._spoil(trouble)
        restarts = _spread_ms(trouble, trouble.restarts, first=0.5)
        kills = _spread_ms(trouble, trouble.kills, first=0.8)
        # On a slow machine the day is over before all that is due has come.
        while (now_ms := self._shows_ms()) < trouble.ends_ms or kills or restarts:
            if restarts and now_ms >= restarts[0]:
                restarts.pop(0)
                self._restart(now_ms)
            if kills and now_ms >= kills[0]:
                kills.pop(0)
                self._kill(now_ms)
            self._look(self._press)
        self._lived.is_flat = self._flatten()
        self._lived.is_silent = self._wait(self._has_told)
        self._lived.ups.append((self._up_s, time.time()))
        self._lived.truth = self._servers.truth()
        self._lived.exchange = self._servers.exchange()
        self._lived.telegram = self._servers.telegram()

    def _restart(self, now_ms: int) -> None:
        """Let the exchange be gone; while it is, nobody can protect anything."""
        down_s = self._lived.trouble.down_s
        self._servers.restart(VENUE, down_s=down_s)
        self._lived.restarted_ms.append(now_ms)
        self._lived.ups.append((self._up_s, time.time()))
        self._up_s = time.time() + down_s

    def _kill(self, now_ms: int) -> None:
        """Kill the bot, and start it again where time has come to."""
        self.bot.kill()
        self._lived.ups.append((self._up_s, time.time()))
        self._lived.lines = [*self._lived.lines, *self.bot.lines]
        self._start_again()
        self._up_s = time.time()
        self._lived.restarted_ms += [now_ms, self._shows_ms()]

    def _start_again(self) -> None:
        """Start it until it is ready, as a service manager does: without its exchange it ends."""
        for left in reversed(range(_STARTS)):
            self.bot = self._begun(self._shows_ms())
            try:
                self.bot.until_ready()
                return
            except RuntimeError:
                if not self.bot.has_ended or left == 0:
                    raise
                self.bot.end()

    def _spoil(self, trouble: Trouble) -> None:
        exchange = dict(FaultPlan.even(trouble.at_exchange).rates)
        del exchange[FaultKind.RESTART]  # it comes when it is known to
        telegram = dict(TelegramFaultPlan.even(trouble.at_telegram).rates)
        self._servers.spoil(
            exchange={"rates": exchange, "seed": trouble.seed},
            telegram={"rates": telegram, "seed": trouble.seed},
        )

    def _shows_ms(self) -> int:
        return int(self._servers.exchange()["at_us"]) // 1000

    def _look(self, hear: Callable[[Mapping[str, Any]], None]) -> None:
        """Hear what is new, and take a sample if it is time."""
        if self.bot.has_ended:
            raise RuntimeError("\n".join(["the bot ended early", *self.bot.lines[-20:]]))
        for message in self._servers.messages(after=self._after):
            self._after = message["number"]
            hear(message)
        if time.monotonic() >= self._sampled_s + _SAMPLES_S:
            self._sampled_s = time.monotonic()
            self._lived.samples.append(self.bot.sample())
        time.sleep(_LOOK_S)

    def _press(self, message: Mapping[str, Any]) -> None:
        """Approve what was told; what came twice has been pressed already."""
        data = approve_of(message)
        if data is not None and (plan_id := data.split(":")[1]) not in self._lived.pressed:
            self._lived.pressed.append(plan_id)
            self._servers.press(message, data)

    def _flatten(self) -> bool:
        """Let the person end it all; return whether everything was closed in time."""
        self._servers.write("/kill flatten")
        return self._wait(self._is_flat, hear=self._confirm)

    def _confirm(self, message: Mapping[str, Any]) -> None:
        for row in message["keyboard"] or ():
            for button in row:
                if button["text"].startswith("Yes") or "Kill" in button["text"]:
                    self._servers.press(message, button["callback_data"])

    def _wait(
        self,
        is_over: Callable[[], bool],
        *,
        hear: Callable[[Mapping[str, Any]], None] = lambda _: None,
    ) -> bool:
        ends_s = time.monotonic() + _SETTLES_S
        while time.monotonic() < ends_s:
            self._look(hear)
            if is_over():
                return True
        return False

    def _is_flat(self) -> bool:
        account = self._servers.exchange()["venues"][VENUE]["accounts"]["practice"]
        if account["open_orders"] or account["positions"]:
            return False
        return not _count(self._lived.home, "SELECT count(*) FROM trade WHERE is_live")

    def _has_told(self) -> bool:
        waiting = "SELECT count(*) FROM queue WHERE state NOT IN ('done', 'dead', 'dropped')"
        return not _count(self._lived.home, waiting)


def _count(home: Path, query: str) -> int:
    place = f"file:{home / 'snipersight.db'}?mode=ro"
    with closing(sqlite3.connect(place, uri=True, timeout=30)) as connection:
        return int(connection.execute(query).fetchone()[0])
