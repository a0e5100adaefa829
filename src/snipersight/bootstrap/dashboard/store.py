"""The stores that the dashboard reads, opened when they are needed and again after they were away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar

from snipersight.bootstrap.account_names import default_account
from snipersight.bootstrap.accounts import own_settings
from snipersight.bootstrap.books import Books
from snipersight.bootstrap.dashboard.changing import ChangeWatch
from snipersight.bootstrap.dashboard.chart_worker import ChartWorker
from snipersight.bootstrap.dashboard.errors import NotKnown
from snipersight.bootstrap.dashboard.memo import Memo
from snipersight.bootstrap.dashboard.missing import gone, is_there, none_yet
from snipersight.bootstrap.dashboard.present import Present, present_of
from snipersight.bootstrap.dashboard.side_process import SideProcess
from snipersight.bootstrap.database_place import database_url
from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.store import Store, system_us
from snipersight.bootstrap.telemetry import Telemetry, open_telemetry, telemetry_url
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.registry import RiskPorts
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.database import Database, open_database
from snipersight.storage.decision_store import SqlDecisionStore

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.views_system import Topic
    from snipersight.bootstrap.settings import Settings
    from snipersight.domain.store import AccountRow, Clock

T = TypeVar("T")
_TIMEOUT_S: Final = 5.0  # a page that waits longer says so instead


class DashboardStore:
    """Reads the stores of one home from any thread; it creates neither database nor account.

    Args:
        settings: which home, which databases, which limits.
        clock: the present, microseconds UTC.
    """

    def __init__(self, settings: Settings, *, clock: Clock = system_us) -> None:
        self.settings: Final = settings
        self.clock: Final = clock
        self._lock: Final = threading.Lock()
        self._database: Database | None = None
        self._decisions: SqlDecisionStore | None = None
        self._telemetry: Telemetry | None = None
        self._seen: Final[set[str]] = set()  # databases that were there once
        self._is_closed = False
        self._opening = 0
        self.charts: Final = ChartWorker(SideProcess(settings.snipersight_home, what="charts"))
        self.statistics: Final = SideProcess(
            settings.snipersight_home, what="statistics", idle_s=60.0
        )
        self.memo: Final = Memo()
        self.watch: Final = ChangeWatch(
            self, decisions_url=database_url(settings), telemetry_url=telemetry_url(settings)
        )

    def reading(self, work: Callable[[], T]) -> T:
        """Run `work`, which reads from here; where the store fails, the next time opens it anew.

        Where another thread has met the failure first, and so closed what this one was reading
        from, it is tried once more.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        began = self._opening
        try:
            return work()
        except StateUnavailable:
            if self._forget(began):
                raise
        return work()

    @property
    def database(self) -> Database:
        """Return the database of decisions.

        Raises:
            StateUnavailable: there is none, or it cannot be used.
        """
        with self._lock:
            if self._database is None:
                self._require_open()
                url = database_url(self.settings)
                if not self._is_there(url):
                    raise none_yet(self.settings)
                self._database = open_database(url, timeout_s=_TIMEOUT_S)
                self._decisions = SqlDecisionStore(self._database, clock=self.clock)
            return self._database

    @property
    def decisions(self) -> SqlDecisionStore:
        """Return ledger, standing and trades.

        Raises:
            StateUnavailable: see `database`.
        """
        database = self.database
        with self._lock:
            if self._decisions is None:  # forgotten by another thread meanwhile
                return SqlDecisionStore(database, clock=self.clock)
            return self._decisions

    def telemetry(self) -> Telemetry | None:
        """Return evidence and events; None where none was ever kept.

        Raises:
            StateUnavailable: it cannot be used, or is not there any more.
        """
        with self._lock:
            if self._telemetry is None:
                self._require_open()
                if not self._is_there(telemetry_url(self.settings)):
                    return None
                self._telemetry = open_telemetry(self.settings, timeout_s=_TIMEOUT_S)
            return self._telemetry

    def kept(self, topic: Topic, key: Hashable, work: Callable[[], T]) -> T:
        """Return what `work` returned for the key the last time, unless the topic has changed since.

        Args:
            topic: what the result follows from.
            key: names the question; questions of one topic have different keys.
            work: answers it.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self.memo.get((topic, key), self.watch.changes().marks[topic], work)

    def accounts(self) -> tuple[AccountRow, ...]:
        """Return every account, by name.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self.decisions.accounts()

    def account_id(self, account: str | None) -> str:
        """Return the account that is meant: `main` where it exists, else `practice`.

        Raises:
            NotKnown: there is none of that name.
            StateUnavailable: the store cannot be read, or there is no account yet.
        """
        return self._row(account).account_id

    def present(self, account: str | None = None) -> Present:
        """Return what time it is for an account; see `present_of`.

        Raises:
            NotKnown: there is none of that name.
            StateUnavailable: the store cannot be read, or there is no account yet.
        """
        return present_of(self.database, self._row(account), system_us=self.clock())

    def books(self, account: str | None) -> Books:
        """Return an account as commands read it, its clock at what time it is now.

        It is not to be closed.

        Raises:
            NotKnown: there is none of that name.
            StateUnavailable: the store cannot be read, or there is no account yet.
        """
        row = self._row(account)
        settings = own_settings(self.settings, row.account_id)
        now_us = present_of(self.database, row, system_us=self.clock()).us
        store = Store(
            database=self.database,
            decisions=self.decisions,
            account_id=row.account_id,
            clock=lambda: now_us,
        )
        ports = RiskPorts(
            account_id=row.account_id,
            store=store.decisions,
            clock=store.clock,
            policy=build_policy(settings, None),
            reader=AuditLog(store.database),
        )
        return Books(settings=settings, store=store, ports=ports, moved=Decimal(0))

    def close(self) -> None:
        """Close what is open; a second call does nothing."""
        with self._lock:
            self._is_closed = True
            opening = self._opening
        self._forget(opening)
        self.watch.close()
        self.charts.close()
        self.statistics.close()

    def _row(self, account: str | None) -> AccountRow:
        rows = {row.account_id: row for row in self.accounts()}
        if not rows:
            raise StateUnavailable(
                "there is no account yet, so there is nothing to show",
                where=self.database.place,
                next_step="a scan creates it: `snipersight scan`",
            )
        name = account or default_account(rows)
        if name in rows:
            return rows[name]
        if account is None:
            return next(iter(rows.values()))
        raise NotKnown(
            f"there is no account {account!r}",
            where="account",
            next_step=f"name one that there is: {', '.join(rows)}",
        )

    def _forget(self, opening: int) -> bool:
        """Close what was open since that opening; False: another thread has done so already."""
        with self._lock:
            if opening != self._opening:
                return False
            self._opening += 1
            database, telemetry = self._database, self._telemetry
            self._database = self._decisions = self._telemetry = None
        if database is not None:
            database.close()
        if telemetry is not None:
            telemetry.close()
        return True

    def _is_there(self, url: str) -> bool:
        """Return whether a database can be opened; a file that was there once has to be.

        Raises:
            StateUnavailable: it is gone.
        """
        if is_there(url):
            self._seen.add(url)
            return True
        if url in self._seen:
            raise gone(url)
        return False

    def _require_open(self) -> None:
        if self._is_closed:
            raise StateUnavailable("the dashboard is ending", next_step="start it again")
