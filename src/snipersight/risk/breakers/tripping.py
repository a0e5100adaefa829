"""Breakers in an account's standing: tripped, held, lifted."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.quick import replace
from snipersight.domain.standing import (
    AccountStanding,
    BreakerName,
    TradingState,
    TrippedBreaker,
)

_STATES: Final = {
    BreakerName.OPERATOR: TradingState.HALTED,
    BreakerName.DAILY_LOSS: TradingState.REDUCING,
    BreakerName.WEEKLY_LOSS: TradingState.REDUCING,
    BreakerName.DRAWDOWN: TradingState.HALTED,
    BreakerName.LOSS_STREAK: TradingState.REDUCING,
    # Whoever cannot place a stop should open nothing, not even across zero.
    BreakerName.UNPROTECTED: TradingState.HALTED,
}


def trip(
    standing: AccountStanding,
    name: BreakerName,
    *,
    at_us: int,
    until_us: int | None,
    sentence: str,
    measured: Decimal | None = None,
    limit: Decimal | None = None,
) -> AccountStanding:
    """Return the standing with a breaker tripped; one that holds already stays as it is.

    Args:
        standing: before.
        name: which breaker; it decides what is left of trading.
        at_us: microseconds UTC.
        until_us: when it lets go by itself; None: it does not.
        sentence: why, in plain words.
        measured, limit: what tripped it; None for a person's command.
    """
    if holds(standing, name):
        return standing
    tripped = TrippedBreaker(
        name=name,
        state=_STATES[name],
        tripped_us=at_us,
        until_us=until_us,
        measured=measured,
        limit=limit,
        sentence=sentence,
    )
    return replace(standing, tripped=(*standing.tripped, tripped))


def without(standing: AccountStanding, *names: BreakerName) -> AccountStanding:
    """Return the standing with some breakers lifted; itself if none of them holds."""
    if not standing.tripped:
        return standing
    kept = tuple(one for one in standing.tripped if one.name not in names)
    return standing if len(kept) == len(standing.tripped) else replace(standing, tripped=kept)


def holds(standing: AccountStanding, name: BreakerName) -> bool:
    """Return whether a breaker is tripped."""
    return any(one.name is name for one in standing.tripped)


def is_over(until_us: int | None, at_us: int) -> bool:
    """Return whether a time has come, None never does; both microseconds UTC."""
    return until_us is not None and until_us <= at_us
