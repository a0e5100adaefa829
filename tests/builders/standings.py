"""Standings of an account of 10,000 on a Wednesday noon, and what happens to them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from snipersight.domain.direction import Direction
from snipersight.domain.standing import AccountStanding, BreakerName, TrippedBreaker
from snipersight.domain.units import Money, Symbol
from snipersight.risk.breakers.standing import flow, mark, note_result
from tests.builders.ledger import a_policy

HOUR = 3_600_000_000
DAY = 24 * HOUR
DAILY, WEEKLY = BreakerName.DAILY_LOSS, BreakerName.WEEKLY_LOSS
DRAWDOWN, STREAK = BreakerName.DRAWDOWN, BreakerName.LOSS_STREAK
BTC = Symbol("BTC/USDT:USDT")


def at(text: str) -> int:
    """Return a moment, UTC, as microseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


WEDNESDAY = at("2024-06-05 12:00")
MIDNIGHT = at("2024-06-06 00:00")
MONDAY = at("2024-06-10 00:00")


def account(balance: str = "10000", **overrides: Any) -> AccountStanding:
    """Return a standing that no equity was marked in; `overrides` set any other field."""
    return AccountStanding(starting_balance=Money(Decimal(balance)), **overrides)


def marked(
    standing: AccountStanding, equity: str, *, at_us: int = WEDNESDAY, **limits: Any
) -> AccountStanding:
    """Return a standing with an equity marked; `limits` are of the policy."""
    return mark(standing, equity=Decimal(equity), at_us=at_us, policy=a_policy(**limits))


def started(**limits: Any) -> AccountStanding:
    """Return an account of 10,000 on a Wednesday noon."""
    return marked(account(), "10000", **limits)


def names(standing: AccountStanding) -> set[BreakerName]:
    """Return the breakers that hold."""
    return {one.name for one in standing.tripped}


def breaker(standing: AccountStanding, name: BreakerName) -> TrippedBreaker:
    """Return a breaker that holds."""
    return next(one for one in standing.tripped if one.name is name)


def paid(
    standing: AccountStanding, amount: str, before: str, *, at_us: int = WEDNESDAY
) -> AccountStanding:
    """Return a standing after a deposit, or a withdrawal below 0, at an equity of `before`."""
    return flow(standing, amount=Decimal(amount), equity_before=Decimal(before), at_us=at_us)


def closed(
    standing: AccountStanding,
    realised: str = "-100",
    *,
    by_stop: bool = False,
    symbol: Symbol = BTC,
    direction: Direction = Direction.LONG,
    at_us: int = WEDNESDAY,
    **limits: Any,
) -> AccountStanding:
    """Return a standing after a trade ended with a result."""
    return note_result(
        standing,
        realised=Decimal(realised),
        by_stop=by_stop,
        symbol=symbol,
        direction=direction,
        at_us=at_us,
        policy=a_policy(**limits),
    )
