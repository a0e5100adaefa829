"""Two running bots on one home: every symbol once a close, also when one sleeps or is killed."""

import asyncio
import signal
import sqlite3
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.shares import SLOTS
from snipersight.storage.database import connect_database
from snipersight.storage.shares import TERM_US
from tests.fakes.running_bot import RunningBot, SandboxTime, at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SYMBOLS = 20
SCALE = 60.0
BEGAN_MS = 1_772_409_600_000  # 2026-03-02
BAR_MS = 300_000
BAR_S = BAR_MS / 1000 / SCALE
BUSY_S = 15.0  # more, on a machine that runs other tests as well


class Bots:
    """Bots that share one scan, in one sandbox's time."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.time = SandboxTime(BEGAN_MS, scale=SCALE)

    async def start(self) -> RunningBot:
        options = ("--profile", "scalp", "--symbols", f"top{SYMBOLS}", "--time-scale", str(SCALE))
        return await RunningBot.start(self.home, *options, *at(self.time.ms()))

    def parts(self) -> dict[int, list[int]]:
        """Return how many symbols each scan of a close had, by close."""
        found = defaultdict(list)
        if self._has_counts():
            for at_ms, symbols in self._rows(
                "telemetry.db", "SELECT at_ms, symbols FROM scan_count ORDER BY at_ms, symbols"
            ):
                found[at_ms].append(symbols)
        return dict(found)

    def marks(self) -> list[int]:
        """Return the closes up to which slots were scanned."""
        query = "SELECT value FROM key_value WHERE key LIKE 'scanned:%'"
        return [int(value) for (value,) in self._rows("snipersight.db", query)]

    def are_sharing(self) -> bool:
        """Return whether both have scanned a part of the newest whole close, and all between them."""
        whole = [parts for parts in self.parts().values() if sum(parts) >= SYMBOLS]
        return bool(whole) and len(whole[-1]) == 2

    def one_has_all(self) -> bool:
        """Return whether one of them has scanned all of the newest close."""
        parts = self.parts()
        return bool(parts) and parts[max(parts)] == [SYMBOLS]

    async def freeze(self, bot: RunningBot) -> None:
        """Stop a bot between two of its writes: no other could ever write on SQLite otherwise."""
        bot.signal(signal.SIGSTOP)
        while not self._is_writable():
            bot.signal(signal.SIGCONT)
            await asyncio.sleep(0.2)
            bot.signal(signal.SIGSTOP)

    def _is_writable(self) -> bool:
        stores = [f"sqlite:///{self.home / name}.db" for name in ("snipersight", "telemetry")]
        try:
            for url in stores:
                with connect_database(url, timeout_s=2.0) as database:
                    database.write(lambda connection: connection.execute(text("SELECT 1")))
        except StateUnavailable:
            return False
        return True

    def _has_counts(self) -> bool:
        query = "SELECT 1 FROM sqlite_master WHERE name = 'scan_count'"
        return (self.home / "telemetry.db").exists() and bool(self._rows("telemetry.db", query))

    def _rows(self, file: str, query: str) -> list[tuple[int, ...]]:
        where = f"file:{self.home / file}?mode=ro"
        with closing(sqlite3.connect(where, uri=True, timeout=10)) as connection:
            return list(connection.execute(query))


async def test_two_bots_share_a_scan_and_one_takes_over_what_the_other_had(tmp_path):
    bots = Bots(tmp_path)
    first = await bots.start()
    await first.until(bots.one_has_all, within_s=120)
    second = await bots.start()
    try:
        await second.until(bots.are_sharing)
        await bots.freeze(second)
        await first.until(bots.one_has_all)
        second.signal(signal.SIGCONT)
        await second.until(bots.are_sharing)
        await second.kill()
        killed_s = time.monotonic()
        await first.until(bots.one_has_all)
        assert time.monotonic() - killed_s < TERM_US / 1e6 + 2 * BAR_S + BUSY_S
        code, seconds = await first.stop()
        assert (code, seconds < 10 + BUSY_S) == (0, True), first.output
    finally:
        await second.kill()
        await first.kill()
    parts = bots.parts()
    assert sorted(parts) == list(range(min(parts), max(parts) + 1, BAR_MS))
    assert {at_ms: one for at_ms, one in parts.items() if sum(one) > SYMBOLS} == {}, parts
    assert len(bots.marks()) == SLOTS
    assert set(bots.marks()) == {max(parts)}
