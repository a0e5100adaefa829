"""What a running bot does about the plans that its scans approve, each setup once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from snipersight.bootstrap.operating.decided import is_kept_by_hand
from snipersight.domain.errors import LeaseLost, OrderRefused

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.executing import Executed
    from snipersight.domain.observations import Observations
    from snipersight.domain.plan import SetupId, TradePlan

_REMEMBERED: Final = 10_000  # setups; more than live at the same time in a thousand markets
_LEFT: Final = "left to another process"
_LOOKED_AT: Final = 10_000  # trades of the past


class Trades(Protocol):
    """Executes plans."""

    async def execute(self, plan: TradePlan, seen: Observations) -> Executed:
        """Let the gate reserve a plan's budget at these markets, and send its entries."""
        ...


class Acting:
    """Executes the plans of scans, as long as each may still be entered.

    A plan that is refused is tried again at the next close if the scan still approves of it, as
    budget may be free then. What was executed once is never executed again, and what a person
    rejected or traded by hand is not executed at all.

    Args:
        books: of the account.
        trades: executes.
        tell: told of each plan that is refused, again only for other reasons.
        refused: told of a plan that cannot be for this venue.
        leave: told of a plan that another process has to execute, at every close at which it
            still has to be, and whether that is news.
    """

    def __init__(
        self,
        books: Books,
        trades: Trades,
        *,
        tell: Callable[[Executed], object],
        refused: Callable[[TradePlan, OrderRefused], object],
        leave: Callable[[TradePlan, bool], Awaitable[object]],
    ) -> None:
        self._books: Final = books
        self._trades: Final = trades
        self._tell: Final = tell
        self._refused: Final = refused
        self._leave: Final = leave
        self._done: Final[dict[SetupId, None]] = {}
        self._why: Final[dict[SetupId, tuple[str, ...]]] = {}  # what refused it last

    async def act(self, plans: Sequence[TradePlan], seen: Observations) -> int:
        """Execute what was not executed before, best first; return how many were.

        Args:
            plans: that a scan has approved of.
            seen: the markets, as it saw them.

        Raises:
            StateUnavailable: the store cannot be used; asked again, nothing is executed twice.
        """
        self._forget_all_but({plan.setup_id for plan in plans})
        new = [plan for plan in plans if plan.setup_id not in self._done]
        if not new:
            return 0
        before = await asyncio.to_thread(self._executed_before)
        done = 0
        for plan in new:
            if plan.setup_id in before or await asyncio.to_thread(
                is_kept_by_hand, self._books, plan
            ):
                self._remember(plan.setup_id)
            else:
                done += await self._execute(plan, seen)
        return done

    async def _execute(self, plan: TradePlan, seen: Observations) -> bool:
        try:
            executed = await self._trades.execute(plan, seen)
        except LeaseLost:
            # Not remembered: what is refused there is tried again, as what is refused here is.
            await self._leave(plan, self._is_news(plan, (_LEFT,)))
            return False
        except OrderRefused as error:
            if self._is_news(plan, (str(error),)):
                self._refused(plan, error)
            return False
        if executed.trade is None:
            if self._is_news(plan, tuple(one.code for one in executed.refused)):
                self._tell(executed)
            return False
        self._remember(plan.setup_id)
        return True

    def _is_news(self, plan: TradePlan, why: tuple[str, ...]) -> bool:
        """Return whether a plan was not refused for the same reasons at the close before."""
        before, self._why[plan.setup_id] = self._why.get(plan.setup_id), why
        return before != why

    def _forget_all_but(self, alive: Collection[SetupId]) -> None:
        for setup_id in [one for one in self._why if one not in alive]:
            del self._why[setup_id]

    def _executed_before(self) -> frozenset[SetupId]:
        ports = self._books.ports
        trades = ports.store.view(ports.account_id, lambda unit: unit.book.trades(limit=_LOOKED_AT))
        return frozenset(one.setup_id for one in trades)

    def _remember(self, setup_id: SetupId) -> None:
        self._done[setup_id] = None
        while len(self._done) > _REMEMBERED:
            del self._done[next(iter(self._done))]
