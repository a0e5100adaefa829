"""What befell the account before a scan."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import UnitOfWork
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Money, Symbol
from snipersight.risk.breakers import standing as breakers
from tests.builders.ledger import a_policy, an_entry
from tests.fakes.memory_store import MemoryDecisionStore
from tests.fakes.scanning import NOON_MS

NOON_US = NOON_MS * 1000


def do(store: MemoryDecisionStore, change: Callable[[AccountStanding], AccountStanding]) -> None:
    """Do something to the account."""

    def work(unit: UnitOfWork) -> None:
        unit.save_standing(change(unit.account.standing))

    store.transact("tests", work)


def fill_disk(store: MemoryDecisionStore) -> None:
    store.lost_commits = True


def write_later(store: MemoryDecisionStore) -> None:
    """Record something an hour later than the gate's clock."""
    later = AuditDraft(
        kind=AuditKind.OPERATOR, subject="", actor="tests", at_us=NOON_US + 3_600_000_000
    )
    store.transact("tests", lambda unit: unit.append(later))


def halted(standing: AccountStanding) -> AccountStanding:
    return breakers.halt(standing, at_us=NOON_US, reason="news")


def unlucky(standing: AccountStanding) -> AccountStanding:
    for _ in range(5):
        standing = _closed(standing, Symbol("XRP/USDT:USDT"), Direction.LONG, by_stop=False)
    return standing


def lose(store: MemoryDecisionStore, amount: str, *, days_ago: int) -> None:
    """Lose an amount on a day, once, after the account was marked at its full worth."""
    at_us = NOON_US - days_ago * DAY_MS * 1000
    policy = a_policy()

    def lost(standing: AccountStanding) -> AccountStanding:
        if standing.realised:
            return standing
        marked = breakers.mark(standing, equity=standing.balance, at_us=at_us, policy=policy)
        poorer = replace(marked, realised=Money(Decimal(amount)))
        after = breakers.mark(poorer, equity=poorer.balance, at_us=at_us, policy=policy)
        return replace(after, tripped=())  # the gate itself has to see it

    do(store, lost)


def stop_out(store: MemoryDecisionStore, plan: TradePlan) -> None:
    do(store, lambda standing: _closed(standing, plan.symbol, plan.direction, by_stop=True))


def _closed(
    standing: AccountStanding, symbol: Symbol, direction: Direction, *, by_stop: bool
) -> AccountStanding:
    return breakers.note_result(
        standing,
        realised=Decimal(-1),
        by_stop=by_stop,
        symbol=symbol,
        direction=direction,
        at_us=NOON_US,
        policy=a_policy(),
    )


def hold(
    store: MemoryDecisionStore,
    plan: TradePlan,
    *,
    notional: int = 4000,
    is_pending: bool = False,
    **changes: Any,
) -> None:
    """Hold a position in the plan's market, or wait for one, that risks a tenth of its notional."""
    size = f"{Decimal(notional) / plan.entry_near:.9f}"
    sizes: dict[str, Any] = {"pending": size} if is_pending else {"filled": size}
    direction = changes.pop("direction", plan.direction)
    entry = an_entry(
        plan.symbol,
        entry_id=f"held-{plan.plan_id}",
        account_id="tests",
        direction=direction,
        entry=str(plan.entry_near),
        reserved_us=NOON_US,
        expires_us=None,
        **sizes,
        **changes,
    )
    store.transact("tests", lambda unit: unit.save_entry(entry))
