"""Processes that trade one budget as fast as they can, until they are told to stop or killed.

usage: python -m tests.fakes.hammer_worker DATABASE_URL FOLDER

That is the nursery: it imports everything once, then forks a worker for each line `DESK NUMBER` on
stdin and answers with its process id. A worker writes every step to the journal of its desk before
and after it, one line at a time, so that whatever it was told outlives it. The worker that takes its
place reads that journal and goes on where it stopped, as a program does after a crash. The end of
stdin stops them all.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from snipersight.domain.decision import Approved, Check
from snipersight.domain.direction import Direction
from snipersight.domain.errors import SniperSightError
from snipersight.domain.instrument import Instrument
from snipersight.domain.ledger import EntryId, LedgerEntry, Origin
from snipersight.domain.observations import MarketFacts, Observations, ReferencePrice
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.units import Price, Size, Symbol
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.manager import RiskManager
from snipersight.risk.policy import RiskPolicy
from snipersight.storage.database import open_database
from snipersight.storage.decision_store import SqlDecisionStore
from tests.builders import a_plan, an_instrument
from tests.builders.ledger import an_entry

ACCOUNT: Final = "hammered"
BALANCE: Final = Decimal(10_000)
# Small enough that eight processes fight for it; what stops trading for longer is out of the way.
POLICY: Final = RiskPolicy(
    max_per_asset=Decimal("0.02"),
    max_total=Decimal("0.04"),
    max_cluster=Decimal("0.04"),
    max_positions=6,
    max_daily_loss=Decimal(1),
    max_weekly_loss=Decimal(1),
    max_drawdown=Decimal(1),
    max_loss_streak=1000,
    cooldown_us=0,
)
_SYMBOLS: Final = tuple(Symbol(f"{name}/USDT:USDT") for name in ("BTC", "ETH", "SOL", "XRP"))
DIRECT: Final = "direct-"  # begins the id of an entry that was reserved without the gate
_LOT: Final = Decimal("0.00001")
_PRICE: Final = Decimal(42_250)
_SHARED_SETUPS: Final = 3  # that several workers try to take at the same time
_HOLDS_AT_MOST: Final = 3
_FRESH_FOR_MS: Final = 60_000


def now_us() -> int:
    """Return the time, microseconds UTC."""
    return time.time_ns() // 1000


class Journal:
    """What one worker did and was told, a line each, in the file before it goes on."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        # A kill may cut a line that crosses a page of the file: what is half said is not said.
        held = os.pread(self._file, os.fstat(self._file).st_size, 0)
        os.ftruncate(self._file, held.rfind(b"\n") + 1)

    def note(self, *words: object) -> None:
        """Add one line; what was written stays, whatever happens to the process."""
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())


def lines_of(path: Path) -> list[list[str]]:
    """Return a journal's lines as words; there are none before the first worker."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [line.split() for line in text.splitlines()]


def left_behind(lines: list[list[str]]) -> tuple[list[EntryId], list[PlanId]]:
    """Return the entries that a desk holds, and the plans whose verdict nobody heard."""
    held: dict[str, None] = {}
    unheard: dict[str, None] = {}
    for verb, name, *rest in lines:
        match verb:
            case "try":
                unheard[name] = None
            case "held":
                held[name] = None
                unheard.pop(rest[0], None)
            case "refused" if "audit_unwritable" not in rest:
                unheard.pop(name, None)
            case "closed" | "released" | "ended":
                held.pop(name, None)
    return [EntryId(name) for name in held], [PlanId(name) for name in unheard]


class Worker:
    """Reserves, fills, closes and gives back.

    Args:
        desk: where it trades; its journal outlives it.
        number: tells it from all others, before and after it.
        url: of the database.
    """

    def __init__(self, desk: Path, number: int, url: str) -> None:
        self._number = number
        self._chance = random.Random(number)
        before = lines_of(desk)
        self._journal = Journal(desk)
        self._database = open_database(url)
        self._store = SqlDecisionStore(self._database, clock=now_us)
        actor = f"worker-{number}"
        self._gate = RiskManager(
            account_id=ACCOUNT, store=self._store, clock=now_us, policy=POLICY, actor=actor
        )
        self._limits = ExposureManager(
            account_id=ACCOUNT, store=self._store, clock=now_us, policy=POLICY, actor=actor
        )
        self._attempts = 0
        self._as_of_ms = 0
        self._held = self._inherited(*left_behind(before))

    def run(self, is_wanted: Callable[[], bool]) -> None:
        """Trade until nobody wants it any more."""
        while is_wanted():
            try:
                self._step()
            except SniperSightError as busy:
                self._journal.note("unavailable", type(busy).__name__)
        self._database.close()

    def _inherited(self, held: list[EntryId], unheard: list[PlanId]) -> list[EntryId]:
        """Return what the desk holds, with what its last worker was given and never told of."""
        found = dict.fromkeys(held)
        for plan_id in unheard:
            for entry in self._entries_of(plan_id):
                found.setdefault(entry.entry_id)
                self._journal.note("held", entry.entry_id, plan_id)
        return list(found)

    def _entries_of(self, plan_id: PlanId) -> tuple[LedgerEntry, ...]:
        return self._store.view(ACCOUNT, lambda unit: unit.entries_of_plan(plan_id))

    def _step(self) -> None:
        self._observe()
        if len(self._held) < _HOLDS_AT_MOST:
            if self._chance.random() < 0.8:
                self._ask_the_gate(self._next_plan())
            else:
                self._ask_the_limits(self._next_plan())
        if self._held and self._chance.random() < 0.8:
            self._move(self._chance.choice(self._held))

    def _observe(self) -> None:
        at_ms = now_us() // 1000
        if at_ms - self._as_of_ms >= _FRESH_FOR_MS:
            self._gate.observe(_observations(at_ms))
            self._as_of_ms = at_ms

    def _next_plan(self) -> TradePlan:
        self._attempts += 1
        is_shared = self._chance.random() < 0.2
        name = (
            f"shared-{self._chance.randrange(_SHARED_SETUPS)}"
            if is_shared
            else f"own-{self._number}-{self._attempts}"
        )
        symbol = _SYMBOLS[0] if is_shared else self._chance.choice(_SYMBOLS)
        plan_id = PlanId(f"{name}-{self._number}-{self._attempts}")
        created = datetime.fromtimestamp(self._as_of_ms / 1000, UTC)
        return a_plan(
            Direction.LONG,
            symbol=symbol,
            setup_id=SetupId(name),
            plan_id=plan_id,
            created_at=created,
            valid_until=created + timedelta(hours=8),
        )

    def _ask_the_gate(self, plan: TradePlan) -> None:
        self._journal.note("try", plan.plan_id)
        decision = self._gate.validate_plan(plan, reserve=Origin.EXECUTED)
        if isinstance(decision, Approved):
            assert decision.reservation_id is not None
            self._hold(decision.reservation_id, plan)
        else:
            self._journal.note("refused", plan.plan_id, *(check.code for check in decision.failed))

    def _ask_the_limits(self, plan: TradePlan) -> None:
        """Reserve without a verdict, as for a trade that somebody made by hand."""
        self._journal.note("try", plan.plan_id)
        entry = _entry(plan)
        check = self._limits.reserve(entry)
        if check:
            self._hold(entry.entry_id, plan)
        else:
            self._journal.note("refused", plan.plan_id, check.code)

    def _hold(self, entry_id: EntryId, plan: TradePlan) -> None:
        self._journal.note("held", entry_id, plan.plan_id)
        self._held.append(entry_id)

    def _move(self, entry_id: EntryId) -> None:
        """Fill a reservation in one or two parts, close a position, or give the rest back."""
        entry = self._store.view(ACCOUNT, lambda unit: unit.entry(entry_id))
        assert entry is not None, f"{entry_id} is lost"
        if not entry.state.is_live:
            self._let_go("ended", entry_id)
        elif entry.open_size > 0 and (entry.pending_size == 0 or self._chance.random() < 0.5):
            self._close(entry)
        elif entry.open_size > 0 or self._chance.random() < 0.5:
            self._fill(entry)
        else:
            self._release(entry)

    def _fill(self, entry: LedgerEntry) -> None:
        self._journal.note("fill", entry.entry_id)
        _done(self._limits.confirm(entry.entry_id, size=self._part(entry), price=entry.entry_price))
        self._journal.note("filled", entry.entry_id)

    def _close(self, entry: LedgerEntry) -> None:
        assert entry.fill_price is not None
        self._journal.note("close", entry.entry_id)
        _done(self._limits.close(entry.entry_id, price=entry.fill_price, cost=Decimal(0)))
        if entry.pending_size == 0:
            self._let_go("closed", entry.entry_id)

    def _release(self, entry: LedgerEntry) -> None:
        self._journal.note("release", entry.entry_id)
        _done(self._limits.release(entry.entry_id, reason="hammered"))
        self._let_go("released", entry.entry_id)

    def _let_go(self, verb: str, entry_id: EntryId) -> None:
        self._held.remove(entry_id)
        self._journal.note(verb, entry_id)

    def _part(self, entry: LedgerEntry) -> Size:
        if self._chance.random() < 0.5:
            return entry.pending_size
        half = (entry.pending_size / 2).quantize(_LOT)
        return Size(max(half, _LOT))


def _done(check: Check) -> None:
    """Nobody else moves our entries, so that a refused move means a lost or doubled one."""
    if not check:
        raise AssertionError(check)


def _entry(plan: TradePlan) -> LedgerEntry:
    return an_entry(
        plan.symbol,
        entry_id=f"{DIRECT}{plan.plan_id}",
        account_id=ACCOUNT,
        plan_id=plan.plan_id,
        setup_id=plan.setup_id,
        pending="0.2",
        entry=str(plan.entry_near),
        stop=str(plan.stop_loss.price),
        leverage="5",
        reserved_us=now_us(),
        expires_us=None,
    )


def _observations(at_ms: int) -> Observations:
    return Observations(
        venue="sandbox",
        as_of_ms=at_ms,
        markets={name: _facts(an_instrument(name), at_ms) for name in _SYMBOLS},
    )


def _facts(instrument: Instrument, at_ms: int) -> MarketFacts:
    return MarketFacts(
        instrument=instrument,
        quote_rate=Decimal(1),
        reference=ReferencePrice(price=Price(_PRICE), at_ms=at_ms),
        quote_volume=Decimal(10**9),
    )


def serve(url: str, folder: Path) -> None:
    """Fork a worker for every line on stdin; at its end stop them all and wait for them."""
    children: list[int] = []
    for line in sys.stdin:
        desk, number = map(int, line.split())
        child = os.fork()
        if child == 0:
            _be_worker(folder / f"{desk}.journal", number, url)
        children.append(child)
        print(child, flush=True)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)
    for child in children:
        os.waitpid(child, 0)


def _be_worker(desk: Path, number: int, url: str) -> None:
    """Work in a forked child, and end it here: nothing of the parent's may run in it."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda signum, _frame: told.append(signum))
    nursery = os.getppid()
    code = 1
    try:
        worker = Worker(desk, number, url)
        worker.run(lambda: not told and os.getppid() == nursery)
        code = 0
    except BaseException as error:
        Journal(desk).note("failed", number, repr(error).replace("\n", " "))
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
