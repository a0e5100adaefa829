"""The read model of the dashboard: everything that pages and the API show, from the store alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.store import DashboardStore
from snipersight.bootstrap.store import system_us

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from snipersight.bootstrap.dashboard import views
    from snipersight.bootstrap.dashboard.present import Present
    from snipersight.bootstrap.settings import Settings
    from snipersight.domain.store import Clock


class DashboardReader:
    """Looks things up; it writes nothing, and works while no engine runs.

    Every method may be called from any thread and blocks while it reads: on an event loop, call it
    in a thread. Where a method takes an account, None means `main` where it exists, else
    `practice`. All of them raise

        StateUnavailable: the store cannot be read now; the next call tries again.
        NotKnown: there is no such account.

    Args:
        settings: which home, which databases, which limits.
        clock: the present, microseconds UTC.
    """

    def __init__(self, settings: Settings, *, clock: Clock = system_us) -> None:
        self._store: Final = DashboardStore(settings, clock=clock)

    @property
    def settings(self) -> Settings:
        """Return what it was opened by."""
        return self._store.settings

    def accounts(self) -> tuple[str, ...]:
        """Return every account, the one that is meant without a name first."""
        from snipersight.bootstrap.dashboard.accounts import account_names

        return self._store.reading(lambda: account_names(self._store))

    def overview(self, account: str | None = None) -> views.Overview:
        """Return what the head of every page shows."""
        from snipersight.bootstrap.dashboard.accounts import overview

        return self._store.reading(lambda: overview(self._store, account))

    def signals(self, wanted: views.SignalFilter) -> views.SignalPage:
        """Return a page of signals.

        Raises:
            ConfigInvalid: the cursor is none of this list.
        """
        from snipersight.bootstrap.dashboard.signal_list import signal_page

        return self._store.reading(lambda: signal_page(self._store, wanted))

    def funnel(self, wanted: views.FunnelFilter) -> views.FunnelView:
        """Return how the candidates of scans ended, and why."""
        from snipersight.bootstrap.dashboard.funnels import funnel_view

        return self._store.reading(lambda: funnel_view(self._store, wanted))

    def signal(self, plan_id: str, account: str | None = None) -> views.SignalView:
        """Return everything about one signal.

        Args:
            plan_id: whole.
            account: whose; None: whichever knows it.

        Raises:
            NotKnown: nothing of it is kept.
        """
        from snipersight.bootstrap.dashboard.signal_page import signal_view

        return self._store.reading(lambda: signal_view(self._store, plan_id, account))

    def account_of_signal(self, plan_id: str, account: str | None = None) -> str | None:
        """Return which account knows a signal; None: none, or a replay found it.

        Args:
            plan_id: whole.
            account: taken if it is one of several.
        """
        from snipersight.bootstrap.dashboard.signal_page import account_of_signal

        return self._store.reading(lambda: account_of_signal(self._store, plan_id, account))

    def events(self, wanted: views.EventFilter) -> views.EventPage:
        """Return stored events, newest first."""
        from snipersight.bootstrap.dashboard.event_list import event_page

        return self._store.reading(lambda: event_page(self._store, wanted))

    def chart(self, wanted: views.ChartRequest) -> views.ChartView:
        """Return closed bars and what was known at the last of them, and nothing later.

        Raises:
            NotKnown: market, timeframe or profile is unknown.
        """
        from snipersight.bootstrap.dashboard.charting import task_of

        # Candles that cannot be read are no reason to open the store anew.
        return self._store.charts.read(self._store.reading(lambda: task_of(self._store, wanted)))

    def book(self, account: str | None = None) -> views.BookView:
        """Return what an account holds."""
        from snipersight.bootstrap.dashboard.holdings import book_view

        return self._store.reading(lambda: book_view(self._store, account))

    def risk(self, account: str | None = None) -> views.RiskView:
        """Return what an account may do, and why."""
        from snipersight.bootstrap.dashboard.risks import risk_view

        return self._store.reading(lambda: risk_view(self._store, account))

    def evidence(self, wanted: views.EvidenceRequest) -> views.EvidenceView:
        """Return what signals have been worth; reads all of them that match."""
        from snipersight.bootstrap.dashboard.evidence import evidence_view

        return self._store.reading(lambda: evidence_view(self._store, wanted))

    def runs(self, wanted: views.RunsRequest) -> views.RunsView:
        """Return backtests and sweeps that are kept, newest first."""
        from snipersight.bootstrap.dashboard.kept import runs_view

        return self._store.reading(lambda: runs_view(self._store, wanted))

    def audit(self, wanted: views.AuditFilter) -> views.AuditPage:
        """Return records of the audit, newest first.

        Raises:
            ConfigInvalid: a kind or verdict is unknown.
        """
        from snipersight.bootstrap.dashboard.audits import audit_page

        return self._store.reading(lambda: audit_page(self._store, wanted))

    def audit_verify(self, account: str | None = None) -> views.VerifyView:
        """Check the chain of an account; reads all of it."""
        from snipersight.bootstrap.dashboard.audits import verify_view

        return self._store.reading(lambda: verify_view(self._store, account))

    def audit_replay(self, which: str, account: str | None = None) -> views.ReplayView:
        """Judge one decision again.

        Args:
            which: number of its record, or a plan's id or its beginning.
            account: whose.

        Raises:
            NotKnown: there is no such decision.
        """
        from snipersight.bootstrap.dashboard.audits import replay_view

        return self._store.reading(lambda: replay_view(self._store, which, account))

    def system(self, account: str | None = None) -> views.SystemView:
        """Return how the machinery is; asks the bot at `RUN_LISTEN`, if one answers."""
        from snipersight.bootstrap.dashboard.system import system_view

        return self._store.reading(lambda: system_view(self._store, account))

    def logs(
        self, *, limit: int = 200, level: str = "", text: str = "", before: str = ""
    ) -> views.LogPage:
        """Return lines of the newest log file, newest first.

        Args:
            limit: how many at most, 1 to 1,000.
            level: only of this level, `WARNING`; empty: of all.
            text: part of a line; never a pattern.
            before: only older ones than this, `LogPage.next_before`; empty, or of a file that was
                put aside meanwhile: from the newest.
        """
        from snipersight.bootstrap.dashboard.logs import log_page

        return log_page(
            self._store.settings,
            limit=limit,
            level=level,
            text=text,
            before=before,
            read_ms=self._store.clock() // 1000,
        )

    def present(self, account: str | None = None) -> Present:
        """Return what time it is for an account: a rehearsal has one of its own."""
        return self._store.reading(lambda: self._store.present(account))

    def changes(self) -> views.Changes:
        """Return a mark for each topic: cheap, to be asked for several times a second.

        `changes.since(before)` tells what to read again.
        """
        return self._store.reading(self._store.watch.changes)

    def close(self) -> None:
        """Close what is open; a second call does nothing."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
