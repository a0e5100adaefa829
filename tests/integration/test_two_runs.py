"""Two running bots on one home: every symbol once a close, also when one sleeps or is killed."""

import asyncio
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.shares import SLOTS
from snipersight.storage.database import Database, connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.schema import KEY_VALUE, LEASE
from snipersight.storage.shares import TERM_US
from snipersight.storage.telemetry.tables import SCAN_COUNT, TELEMETRY
from tests.fakes.running_bot import RunningBot, SandboxTime, at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SYMBOLS = 20
SCALE = 60.0
BEGAN_MS = 1_772_409_600_000  # 2026-03-02
BAR_MS = 300_000
BAR_S = BAR_MS / 1000 / SCALE
BUSY_S = 15.0  # more, on a machine that runs other tests as well


class Bots:
    """Bots that share one scan, in one sandbox's time, on stores that a test looks into."""

    def __init__(self, home: Path, store: Database, telemetry: Database, **more: str) -> None:
        self.home = home
        self.time = SandboxTime(BEGAN_MS, scale=SCALE)
        self._store, self._telemetry, self._more = store, telemetry, more

    async def start(self) -> RunningBot:
        options = ("--profile", "scalp", "--symbols", f"top{SYMBOLS}", "--time-scale", str(SCALE))
        return await RunningBot.start(self.home, *options, *at(self.time.ms()), **self._more)

    def parts(self) -> dict[int, list[int]]:
        """Return how many symbols each scan of a close had, by close."""
        query = select(SCAN_COUNT.c.at_ms, SCAN_COUNT.c.symbols).order_by(SCAN_COUNT.c.at_ms)
        found = defaultdict(list)
        for at_ms, symbols in self._telemetry.read(lambda it: it.execute(query).all()):
            found[at_ms].append(symbols)
        return dict(found)

    def marks(self) -> list[int]:
        """Return the closes up to which slots were scanned."""
        query = select(KEY_VALUE.c.value).where(KEY_VALUE.c.key.startswith("scanned:"))
        return [int(value) for (value,) in self._store.read(lambda it: it.execute(query).all())]

    def are_sharing(self) -> bool:
        """Return whether both have scanned the newest whole close, and all of it between them."""
        whole = [parts for parts in self.parts().values() if sum(parts) >= SYMBOLS]
        return bool(whole) and len(whole[-1]) == 2

    def one_has_all(self) -> bool:
        """Return whether one of them has scanned all of the newest close."""
        parts = self.parts()
        return bool(parts) and parts[max(parts)] == [SYMBOLS]

    async def freeze(self, bot: RunningBot) -> None:
        """Stop a bot between two of its writes: what it has locked nobody else could write."""
        bot.signal(signal.SIGSTOP)
        while not self._are_writable():
            bot.signal(signal.SIGCONT)
            await asyncio.sleep(0.2)
            bot.signal(signal.SIGSTOP)

    def _are_writable(self) -> bool:
        locking = select(LEASE).order_by(LEASE.c.name).with_for_update()
        try:
            if self._store.read(_open_transactions):
                return False
            self._store.write(lambda it: it.execute(locking).all(), timeout_s=2.0)
            self._telemetry.write(lambda it: it.execute(select(1)), timeout_s=2.0)
        except StateUnavailable:
            return False
        return True


def _open_transactions(connection: Connection) -> int:
    """Return how many sessions of a server have begun a transaction and do nothing in it."""
    if connection.dialect.name != "postgresql":
        return 0
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%' "
        "AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    return int(connection.exec_driver_sql(waiting).scalar_one())


@pytest.fixture
def bots(tmp_path: Path, database_url: str) -> Iterator[Bots]:
    """Yield a home on each kind of database."""
    is_server = database_url.startswith("postgresql")
    files = [f"sqlite:///{tmp_path / name}.db" for name in ("snipersight", "telemetry")]
    urls = [database_url] * 2 if is_server else files
    more = {"DATABASE_URL": database_url} if is_server else {}
    with connect_database(urls[0]) as store, connect_database(urls[1]) as telemetry:
        migrate(store)
        migrate(telemetry, TELEMETRY)
        yield Bots(tmp_path, store, telemetry, **more)


async def test_two_bots_share_a_scan_and_one_takes_over_what_the_other_had(bots):
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
