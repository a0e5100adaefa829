"""The executor's process is killed for real: SQLite file and fallback journal on the disk."""

import signal
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from snipersight.bot.executor.client_ids import is_ours
from snipersight.domain.execution import Trade, TradeState
from snipersight.storage.database import connect_database
from snipersight.storage.decision_store import SqlDecisionStore
from tests.fakes.crash_worker import KEY, VenueManager, VenueProcess

ROOT = Path(__file__).parents[2]
POINTS = (2, 9, 30, 60, 95, 130)


def run_worker(address: str, folder: Path, what: str, at: int) -> subprocess.CompletedProcess[str]:
    """Run a worker to its end, or to its death."""
    return subprocess.run(
        [sys.executable, "-m", "tests.fakes.crash_worker", address, str(folder), what, str(at)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture
def venue(tmp_path):
    """Return a venue in a process of its own, and where it listens."""
    VenueManager.register("venue", callable=_served)
    _HELD.clear()
    address = str(tmp_path / "venue.socket")
    manager = VenueManager(address=address, authkey=KEY)
    manager.start()
    yield manager.venue(), address  # type: ignore[attr-defined]  # it was registered
    manager.shutdown()


_HELD: list[VenueProcess] = []


def _served() -> VenueProcess:
    if not _HELD:
        _HELD.append(VenueProcess())
    return _HELD[0]


@pytest.mark.parametrize("at", POINTS)
def test_a_killed_process_leaves_what_the_next_one_ends_correctly(venue, tmp_path, at):
    process, address = venue
    killed = run_worker(address, tmp_path, "live", at)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    ended = run_worker(address, tmp_path, "end", 0)
    assert ended.returncode == 0, ended.stderr[-2000:]
    check(process, tmp_path)


def check(process, folder: Path) -> None:
    """Nothing twice, nothing left, the ledger equal to the venue's own books."""
    orders = process.call("orders", "main", open_only=False)
    ids = Counter(one.client_id for one in orders if is_ours(one.client_id))
    assert max(ids.values(), default=0) <= 1
    assert process.call("orders", "main") == ()
    assert process.call("positions", "main") == ()
    with connect_database(f"sqlite:///{folder / 'snipersight.db'}") as database:
        store = SqlDecisionStore(database, clock=lambda: 1)
        trades: tuple[Trade, ...] = store.view("main", lambda unit: unit.book.trades())
        entries = store.view("main", lambda unit: [unit.entry(one.entry_id) for one in trades])
        live = store.view("main", lambda unit: unit.live_entries())
    assert all(one.state is TradeState.DONE for one in trades)
    assert live == ()
    realised = sum((one.realised for one in entries if one is not None), Decimal(0))
    assert realised == process.call("equity", "main") - Decimal(1_000_000)
