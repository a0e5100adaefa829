"""The open executor as commands use it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, Protocol, TypeVar

from snipersight.bootstrap.executing import Executed
from snipersight.bootstrap.execution import Execution
from snipersight.bootstrap.gate import LedgerGate
from snipersight.bot.executor.trades import TradeExecutor
from snipersight.domain.decision import Approved, Check
from snipersight.domain.errors import LeaseLost, StateUnavailable, VenueStopped, VenueUnavailable
from snipersight.domain.execution import Mode, Trade
from snipersight.domain.ledger import Origin
from snipersight.domain.observations import Observations, ReferencePrice
from snipersight.domain.plan import TradePlan
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Symbol
from snipersight.domain.venue import Environment

T = TypeVar("T")
_UNWRITABLE: Final = "audit_unwritable"


class Trading(Protocol):
    """What commands ask of whoever executes an account's trades; each may raise `LeaseLost`."""

    @property
    def mode(self) -> Mode:
        """Return how orders are sent."""
        ...

    async def execute(self, plan: TradePlan, seen: Observations) -> Executed:
        """Let the gate reserve a plan's budget at these markets, and send its entries.

        Raises:
            OrderRefused: the plan is for another venue.
            StateUnavailable: the store cannot be used; nothing was sent.
        """
        ...

    async def price(self, symbol: Symbol) -> ReferencePrice | None:
        """Return the price where orders go, at this moment; None where that has none of its own."""
        ...

    async def cancel(self, trade_id: str) -> tuple[Trade, ...]:
        """Cancel the entries of a trade; empty where it is not traded here."""
        ...

    async def flatten(self, trade_id: str, *, reason: str) -> tuple[Trade, ...]:
        """Close a trade at market; empty where it is not traded here."""
        ...

    async def kill(self, *, actor: str, reason: str, flatten: bool) -> None:
        """Pull the kill switch and cancel what works, also while the store is away.

        Raises:
            StateUnavailable: neither store nor journal took it; it holds while this process lives.
        """
        ...

    async def carry_out_kill(self) -> None:
        """Cancel at once what a kill switch ends that is pulled; nothing where none is."""
        ...


class ExecutionTrading:
    """Trades through the executor of this process, as long as it has one.

    Args:
        current: the open execution; None while another process executes, or none does.
        account_id: whose.
        lock: held while the simulated venue's time is played, and while a plan is put on.
        told: told of each plan that was put on, whoever wanted it.
    """

    def __init__(
        self,
        current: Callable[[], Execution | None],
        *,
        account_id: str,
        mode: Mode,
        lock: asyncio.Lock | None = None,
        told: Callable[[Executed], object] = lambda _: None,
    ) -> None:
        self._told: Final = told
        self._current: Final = current
        self._account_id: Final = account_id
        self._mode: Final = mode
        self._lock: Final = asyncio.Lock() if lock is None else lock

    @property
    def mode(self) -> Mode:
        """Return how orders are sent."""
        return self._mode

    @property
    def is_here(self) -> bool:
        """Return whether this process executes the account's trades now."""
        return self._current() is not None

    async def execute(self, plan: TradePlan, seen: Observations) -> Executed:
        """Let the gate reserve a plan's budget at these markets, and send its entries.

        Raises:
            LeaseLost: another executor has taken over.
            OrderRefused: the plan is for another venue.
            StateUnavailable: the store cannot be used; nothing was sent.
        """
        async with self._lock:
            execution = self._open()
            decision = await asyncio.to_thread(_reserved, execution, plan, seen)
            if not isinstance(decision, Approved):
                return Executed(plan=plan, refused=decision)
            submission = await execution.executor.submit_order(decision, mode=self._mode)
        if submission.trade is None:
            return Executed(plan=plan, refused=(submission.check,))
        executed = Executed(plan=plan, trade=submission.trade)
        self._told(executed)
        return executed

    async def price(self, symbol: Symbol) -> ReferencePrice | None:
        """Return the last price of the venue; None of one whose time has to be played."""
        execution = self._open()
        if execution.world.environment is Environment.SIMULATED:
            return None
        try:
            quote = await execution.venue.quote(symbol)
        except (VenueUnavailable, VenueStopped):
            return None  # the candles' own price stands, and the venue is asked again before orders
        source = f"{execution.world.venue} last price"
        return ReferencePrice(price=quote.last, at_ms=quote.at_us // 1000, source=source)

    async def cancel(self, trade_id: str) -> tuple[Trade, ...]:
        """Cancel the entries of a trade; empty where it is not traded here."""
        return await self._hurried(lambda executor: executor.cancel_order(trade_id))

    async def flatten(self, trade_id: str, *, reason: str) -> tuple[Trade, ...]:
        """Close a trade at market; empty where it is not traded here."""
        return await self._hurried(lambda executor: executor.flatten(trade_id, reason=reason))

    async def _hurried(
        self, act: Callable[[TradeExecutor], Awaitable[tuple[Trade, ...]]]
    ) -> tuple[Trade, ...]:
        """Act, and let the executor see at once what came of it: a person waits.

        Its own pace is some seconds at an exchange, and a bar on the simulated venue.
        """
        execution = self._open()
        if execution.paper is None:
            trades = await act(execution.executor)
            execution.executor.ears.wake()
            return trades
        async with self._lock:
            trades = await act(execution.executor)
            await execution.executor.cycle()
        return trades

    async def kill(self, *, actor: str, reason: str, flatten: bool) -> None:
        """Pull the kill switch and cancel what works, also while the store is away."""
        await self._open().executor.kill(actor=actor, reason=reason, flatten=flatten)

    async def carry_out_kill(self) -> None:
        """Cancel at once what a pulled kill switch ends."""
        await self._open().executor.carry_out_kill()

    def transact(self, account_id: str, work: Callable[[UnitOfWork], T]) -> T:
        """Run a unit of work that only the account's executor may write."""
        return self._open().desk.store.transact(account_id, work)

    def view(self, account_id: str, read: Callable[[UnitOfWork], T]) -> T:
        """Read one consistent state."""
        return self._open().desk.store.view(account_id, read)

    def _open(self) -> Execution:
        execution = self._current()
        if execution is None:
            raise LeaseLost(
                f"this process does not execute the trades of account {self._account_id} now",
                where=f"account {self._account_id}",
                next_step="the process that does takes it up",
            )
        return execution


class Rehearsal:
    """Trades in a dry run: plans are laid out and written down, nothing is sent.

    Args:
        rehearse: lays a plan out at these markets.
    """

    def __init__(self, rehearse: Callable[[TradePlan, Observations], Awaitable[Executed]]) -> None:
        self._rehearse: Final = rehearse

    @property
    def mode(self) -> Mode:
        """Return that nothing is sent."""
        return Mode.DRY_RUN

    async def execute(self, plan: TradePlan, seen: Observations) -> Executed:
        """Lay a plan out; see `Trading`."""
        return await self._rehearse(plan, seen)

    async def price(self, symbol: Symbol) -> ReferencePrice | None:
        """Return None: no order goes anywhere."""
        return None

    async def cancel(self, trade_id: str) -> tuple[Trade, ...]:
        """Return nothing: no trade is this run's."""
        return ()

    async def flatten(self, trade_id: str, *, reason: str) -> tuple[Trade, ...]:
        """Return nothing: no trade is this run's."""
        return ()

    async def kill(self, *, actor: str, reason: str, flatten: bool) -> None:
        """Do nothing more: the switch is in the store."""

    async def carry_out_kill(self) -> None:
        """Do nothing: no order works here."""


def _reserved(
    execution: Execution, plan: TradePlan, seen: Observations
) -> Approved | tuple[Check, ...]:
    """Return the approval that holds a plan's budget, or the checks that refuse it.

    By a gate of its own: what the scan's plans are judged by stays as the scan saw it.
    """
    ports = replace(execution.books.ports, store=execution.desk.store)
    gate = LedgerGate(ports, actor=execution.desk.actor)
    gate.observe(seen)
    decision = gate.validate_plan(plan, reserve=Origin.EXECUTED)
    if isinstance(decision, Approved):
        return decision
    unwritable = [check for check in decision.failed if check.code == _UNWRITABLE]
    if unwritable:
        raise StateUnavailable(
            unwritable[0].sentence, next_step="it is tried again once the store is back"
        )
    return decision.failed
