"""What is left to the process that executes: one plan of a setup at a time, and not too often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.operating.decided import decisions_on

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.domain.plan import SetupId, TradePlan

_MOST_PASSED: Final = 15  # closes between two attempts
_REMEMBERED: Final = 10_000  # setups; more than live at the same time in a thousand markets

Leave = Callable[["TradePlan", bool], Awaitable[object]]


@dataclass(slots=True)
class _Attempts:
    """How often a setup was left, and how many closes pass before it is again."""

    made: int = 0
    passes: int = 0


class Leaving:
    """Leaves plans to another process, each record of it once.

    While one plan of a setup waits there, no other one is left beside it. What was refused there
    is tried again like what is refused here, but each attempt is a record of the audit: so it is
    left again after 1, 2, 4 … 16 closes.

    Args:
        books: of the account.
        leave: leaves a plan, and is told whether that is news.
    """

    def __init__(self, books: Books, leave: Leave) -> None:
        self._books: Final = books
        self._leave: Final = leave
        self._attempts: Final[dict[SetupId, _Attempts]] = {}

    async def __call__(self, plan: TradePlan, is_news: bool) -> None:
        """Leave a plan, unless its setup waits already or was refused a moment ago.

        Raises:
            DataInvalid: a decision cannot be read.
            StateUnavailable: the store cannot be used; nothing was left.
        """
        attempts = self._attempts.setdefault(plan.setup_id, _Attempts())
        if await asyncio.to_thread(self._waits, plan):
            return
        if attempts.passes > 0:
            attempts.passes -= 1
            return
        await self._leave(plan, is_news)
        attempts.made += 1
        attempts.passes = min(2 ** (attempts.made - 1) - 1, _MOST_PASSED)
        while len(self._attempts) > _REMEMBERED:
            del self._attempts[next(iter(self._attempts))]

    def _waits(self, plan: TradePlan) -> bool:
        """Return whether something was decided on the setup that nobody has carried out yet."""
        account_id, database = self._books.ports.account_id, self._books.store.database
        return any(one.settled is None for one in decisions_on(database, account_id, plan))
