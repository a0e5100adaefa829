"""Figures of the durable decision: what it costs above a bare commit, and how often it commits."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from benchmarks.harness import Figure, at_least, at_most, median, percentile, progress
from benchmarks.risk_desk import EQUITY, POSITIONS, RESERVATIONS, Desk, a_desk
from snipersight.domain.decision import Approved
from snipersight.domain.ledger import Origin
from snipersight.domain.observations import Observations
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.manager import RiskManager
from snipersight.storage.database import Database, connect_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.migrating import migrate
from tests.builders.contexts import DECIDED_AT_MS
from tests.fakes.postgres import PostgresMissing, running_postgres

ABOVE_BARE_MS: Final = 1.2
POSTGRES_PER_S: Final = 400
_ACCOUNT: Final = "main"
_WARM_UP: Final = 20
_MS: Final = 1e3
_CREATE: Final = "CREATE TABLE bare (one INTEGER)"
_INSERT: Final = "INSERT INTO bare VALUES (1)"


class Bare(Protocol):
    """Commits one row of one number, as cheaply as the database allows."""

    def __call__(self) -> None:
        """Commit a row."""
        ...


@dataclass(slots=True)
class Timed:
    """What was measured in turns.

    Args:
        decisions, bare: seconds of each.
        cpu: what each decision computed in that time, seconds.
        commits: of each decision.
    """

    decisions: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)

    @property
    def above_bare_ms(self) -> float:
        """Return the difference of the medians in milliseconds."""
        return (median(self.decisions) - median(self.bare)) * _MS

    @property
    def note(self) -> str:
        """Return the medians, the decision's CPU time, and its 99th percentile."""
        slow = percentile(self.decisions, 99) * _MS
        return (
            f"{len(self.decisions)} decisions and bare commits in turns: medians "
            f"{median(self.decisions) * _MS:.2f} (CPU {median(self.cpu) * _MS:.2f}) and "
            f"{median(self.bare) * _MS:.2f} ms, "
            f"99 % of decisions within {slow:.1f} ms"
        )


def durable_figures(scratch: Path, *, decisions: int) -> list[Figure]:
    """Return the figures on SQLite and on PostgreSQL.

    Args:
        scratch: takes the database files, on the disk that is measured.
        decisions: on each database.
    """
    progress(f"durable decision, {decisions} on SQLite and on PostgreSQL")
    return [*_sqlite_figures(scratch, decisions), *_postgres_figures(decisions)]


def _sqlite_figures(scratch: Path, decisions: int) -> list[Figure]:
    with _bare_sqlite(scratch / "bare.db") as bare:
        timed = measure(f"sqlite:///{scratch / 'decisions.db'}", bare, decisions=decisions)
    return [
        Figure(
            name="durable_decision_above_bare_commit",
            value=timed.above_bare_ms,
            unit="ms",
            target=at_most(ABOVE_BARE_MS),
            note=f"SQLite, synchronous=FULL, {_LEDGER}; {timed.note}",
        ),
        commit_figure("sqlite", timed),
    ]


def _postgres_figures(decisions: int) -> list[Figure]:
    try:
        with (
            running_postgres() as server,
            server.fresh_database() as url,
            _bare_postgres(url) as bare,
        ):
            timed = measure(url, bare, decisions=decisions)
    except PostgresMissing as missing:
        return [_postgres_speed(None, f"not measured: {missing}")]
    speed = 1 / median(timed.decisions)
    note = f"one process, {_LEDGER}; {timed.note}"
    return [_postgres_speed(speed, note), commit_figure("postgresql", timed)]


_LEDGER: Final = f"beside {POSITIONS} positions and {RESERVATIONS} reservations"


def _postgres_speed(value: float | None, note: str) -> Figure:
    return Figure(
        name="durable_decisions_postgresql",
        value=value,
        unit="decisions/s",
        target=at_least(POSTGRES_PER_S),
        note=note,
    )


def commit_figure(dialect: str, timed: Timed) -> Figure:
    """Return the share of decisions that committed exactly once."""
    low, high = min(timed.commits), max(timed.commits)
    return Figure(
        name=f"durable_decisions_of_one_commit_{dialect}",
        value=timed.commits.count(1) / len(timed.commits),
        unit="of decisions",
        target=at_least(1),
        note=f"verdict, reservation and message together; {low} to {high} commits each, as SQLAlchemy counts",
    )


def measure(url: str, bare: Bare, *, decisions: int) -> Timed:
    """Return what decisions and bare commits take in turns, on a ledger that stays as full.

    Every decision is an approval that reserves; what it reserved is given back in between, which
    is not timed.

    Raises:
        RuntimeError: a plan was refused.
    """
    timed = Timed()
    with connect_database(url) as database, _counted_commits() as commits:
        decider = _Decider(database)
        for number in range(-_WARM_UP, decisions):
            before, cpu_before = commits.total, time.process_time()
            spent = decider.decide()
            counted, cpu = commits.total - before, time.process_time() - cpu_before
            decider.give_back()
            spent_bare = _seconds(bare)
            if number >= 0:
                timed.decisions.append(spent)
                timed.cpu.append(cpu)
                timed.bare.append(spent_bare)
                timed.commits.append(counted)
    return timed


class _Decider:
    """The gate over a store whose account holds the desk's ledger."""

    def __init__(self, database: Database) -> None:
        migrate(database)
        desk = a_desk()
        store = SqlDecisionStore(database, clock=_now_us)
        store.create_account(_ACCOUNT, Currency("USDT"), EQUITY, at_us=_now_us())
        store.transact(_ACCOUNT, lambda unit: _fill(unit, desk))
        self._plans = _plans(desk)
        self._gate = RiskManager(
            account_id=_ACCOUNT, store=store, clock=_now_us, policy=desk.policy
        )
        self._limits = ExposureManager(
            account_id=_ACCOUNT, store=store, clock=_now_us, policy=desk.policy
        )
        self._gate.observe(
            Observations(
                venue="sandbox",
                as_of_ms=DECIDED_AT_MS,
                markets=desk.facts,
                correlations=desk.correlations,
            )
        )
        self._last: Approved | None = None

    def decide(self) -> float:
        """Judge and reserve the next plan; return the seconds until that was durable."""
        plan = next(self._plans)
        started = time.perf_counter()
        decision = self._gate.validate_plan(plan, reserve=Origin.EXECUTED)
        spent = time.perf_counter() - started
        if not isinstance(decision, Approved):
            raise RuntimeError(f"{plan.symbol} is refused: {decision.failed}")
        self._last = decision
        return spent

    def give_back(self) -> None:
        """Release what the last decision reserved."""
        if self._last is None or self._last.reservation_id is None:
            raise RuntimeError("nothing was reserved")
        if not self._limits.release(self._last.reservation_id, reason="benchmark"):
            raise RuntimeError(f"{self._last.reservation_id} could not be given back")


def _fill(unit: UnitOfWork, desk: Desk) -> None:
    for entry in desk.entries:
        unit.save_entry(entry)


def _plans(desk: Desk) -> Iterator[TradePlan]:
    """Yield plans for ever, each of a setup of its own."""
    for number in itertools.count():
        plan = desk.plans[number % len(desk.plans)]
        name = f"setup-{number}"
        yield replace(plan, setup_id=SetupId(name), plan_id=PlanId(f"{name}-plan"))


def _now_us() -> int:
    """Return the moment that the desk's plans and prices are of."""
    return DECIDED_AT_MS * 1000


def _seconds(bare: Bare) -> float:
    started = time.perf_counter()
    bare()
    return time.perf_counter() - started


@contextmanager
def _bare_sqlite(path: Path) -> Iterator[Bare]:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute(_CREATE)

        def commit() -> None:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute(_INSERT)
            raw.execute("COMMIT")

        yield commit


@contextmanager
def _bare_postgres(url: str) -> Iterator[Bare]:
    import psycopg

    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute(_CREATE)

        def commit() -> None:
            raw.execute(_INSERT)

        yield commit


@dataclass(slots=True)
class _Commits:
    total: int = 0


@contextmanager
def _counted_commits() -> Iterator[_Commits]:
    """Count every commit of every engine of this process."""
    from sqlalchemy import Connection, Engine, event

    commits = _Commits()

    def count(_connection: Connection) -> None:
        commits.total += 1

    event.listen(Engine, "commit", count)
    try:
        yield commits
    finally:
        event.remove(Engine, "commit", count)
