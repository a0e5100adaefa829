"""Trades of a backtest on their way: walked by the kernel, booked bar by bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from snipersight.domain.decision import Approved, Check
from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.profile import Profile
from snipersight.domain.quick import replace
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Symbol
from snipersight.engine.backtesting.agenda import Agenda, Due
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.backtesting.booking import Sums, book_step, end_entries
from snipersight.engine.backtesting.funding import funded
from snipersight.engine.backtesting.results import BacktestTrade
from snipersight.engine.backtesting.staging import Staged, staged
from snipersight.engine.backtesting.store import BacktestStore
from snipersight.matching.outcomes.steps import PathFinder, TradePath, TradeStep
from snipersight.risk.ledger.work import Clerk


@dataclass(slots=True, kw_only=True)
class _Live:
    """One trade on its way.

    Args:
        staged: as it began.
        path: what will happen to it; nobody sees a step before its moment.
        version: grows when the path is walked anew.
        done: how many steps are booked, and their sums.
    """

    staged: Staged
    path: TradePath
    version: int = 0
    done: int = 0
    sums: Sums = field(default_factory=Sums)

    @property
    def is_over(self) -> bool:
        return self.done == len(self.path.steps) and self.path.outcome.status.is_final


class Trading:
    """Begins trades, books their steps, ends their entries.

    Args:
        arena: markets that can be traded.
        shifts: of major structure in each.
        profile: management.
        store: the account.
        agenda: told when something of a trade is due.
        until_ms: no bar that closes later is looked at.
    """

    def __init__(
        self,
        arena: Arena,
        shifts: Mapping[Symbol, Mapping[int, Direction]],
        profile: Profile,
        store: BacktestStore,
        agenda: Agenda,
        *,
        until_ms: int,
    ) -> None:
        self._arena = arena
        self._finders = {
            symbol: PathFinder(series.closed_by(until_ms), shifts[symbol])
            for symbol, series in arena.series.items()
        }
        self._profile = profile
        self._trigger = profile.timeframe("trigger")
        self._store = store
        self._agenda = agenda
        self._trades: dict[EntryId, _Live] = {}
        self._in_market: dict[Symbol, EntryId] = {}

    def is_taken(self, symbol: Symbol) -> bool:
        """Return whether a trade is live in a market."""
        return symbol in self._in_market

    def begin(self, approved: Approved, entry: LedgerEntry, *, at_ms: int) -> Check | None:
        """Send the entries of an approval; return what refuses that."""
        symbol = approved.plan.symbol
        trade = staged(
            approved, entry, self._arena.recordings[symbol].instrument, self._profile, at_ms=at_ms
        )
        if isinstance(trade, Check):
            return trade
        live = _Live(staged=trade, path=self._walked(trade))
        self._trades[trade.entry_id] = live
        self._in_market[symbol] = trade.entry_id
        self._announce(live)
        return None

    def book(self, due: Due, clerk: Clerk) -> None:
        """Write what is due of a trade into the ledger."""
        live = self._trades[due.entry_id]
        if due.version != live.version:
            return  # it was walked anew since
        self._store.transact(
            live.staged.trade.account_id, lambda unit: _book(unit, clerk, live, due.step)
        )
        if due.step is not None:
            live.done, live.sums = live.done + 1, live.sums.after(due.step)
        symbol = live.staged.trade.symbol
        # What waits is cancelled at the end of its time; the bar that tells of it closes later.
        is_cancelled = due.step is None and live.sums.entered == 0
        is_over = live.is_over or is_cancelled
        # The end of a trade's time may come long after its own end, and a later trade's market.
        if is_over and self._in_market.get(symbol) == due.entry_id:
            del self._in_market[symbol]

    def end_waiting(self, clerk: Clerk, *, at_ms: int) -> None:
        """End every entry that waits: the account takes on nothing any more."""
        pending = {one.entry_id for one in self._store.live if one.pending_size > 0}
        for entry_id in sorted(pending & self._trades.keys()):
            live = self._trades[entry_id]
            end_ms = min(at_ms, live.staged.terms.valid_until_ms)
            terms = replace(live.staged.terms, valid_until_ms=end_ms)
            live.staged = replace(live.staged, terms=terms)
            live.path = self._walked(live.staged)
            live.version += 1
            self._announce(live)

    def finished(self) -> Iterator[BacktestTrade]:
        """Yield every trade, in the order they began."""
        entries = {one.entry_id: one for one in (*self._store.ended, *self._store.live)}
        for entry_id, live in self._trades.items():
            yield BacktestTrade(
                staged=live.staged,
                entry=entries[entry_id],
                steps=live.path.steps,
                outcome=live.path.outcome,
            )

    def _walked(self, trade: Staged) -> TradePath:
        symbol = trade.trade.symbol
        lots = [float(trade.lot / trade.whole)]
        path = self._finders[symbol].paths([(trade.key, trade.terms)], lots=lots)[0]
        record = self._arena.recordings[symbol].funding
        return funded(path, trade.terms, record, bar_ms=self._trigger.duration_ms)

    def _announce(self, live: _Live) -> None:
        """Put the steps that are to come on the agenda, and the end of the entries' time."""
        symbol, entry_id = live.staged.trade.symbol, live.staged.entry_id
        for step in live.path.steps[live.done :]:
            self._agenda.add(symbol, step.at_ms, Due(entry_id, live.version, step))
        # Looked at when a bar closes: the first one at the end of its time, or after it.
        length_ms = self._trigger.duration_ms
        end_ms = -(-live.staged.terms.valid_until_ms // length_ms) * length_ms
        self._agenda.add(symbol, end_ms, Due(entry_id, live.version, None))


def _book(unit: UnitOfWork, clerk: Clerk, live: _Live, step: TradeStep | None) -> None:
    if step is None:
        end_entries(unit, clerk, live.staged, why="the plan expired")
    else:
        book_step(unit, clerk, live.staged, step, before=live.sums)
