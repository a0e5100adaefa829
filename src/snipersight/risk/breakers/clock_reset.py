"""What is dated in a future that a wrong clock made up, brought back to the present."""

from __future__ import annotations

from dataclasses import replace

from snipersight.domain.standing import AccountStanding, BreakerName, Cooldown, TrippedBreaker
from snipersight.risk.breakers.equity_marks import day_end_us, redated, week_end_us
from snipersight.risk.policy import RiskPolicy


def back_to_present(
    standing: AccountStanding, *, at_us: int, policy: RiskPolicy
) -> AccountStanding:
    """Return the standing with everything that lies behind the present moved to it.

    Nothing is lifted: what holds, holds from now on for as long as it would have held then. The
    losses of that day and week count for this one.

    Args:
        standing: written while the clock ran ahead.
        at_us: now by the clock that is right, microseconds UTC.
        policy: how long a cooldown lasts at most.
    """
    marks = standing.marks
    return replace(
        standing,
        marks=redated(marks, at_us=at_us) if marks and marks.marked_us > at_us else marks,
        tripped=tuple(_breaker(one, at_us) for one in standing.tripped),
        cooldowns=tuple(_cooldown(one, at_us + policy.cooldown_us) for one in standing.cooldowns),
    )


def _breaker(breaker: TrippedBreaker, at_us: int) -> TrippedBreaker:
    if breaker.tripped_us <= at_us:
        return breaker
    until_us = breaker.until_us
    if breaker.name is BreakerName.DAILY_LOSS:
        until_us = day_end_us(at_us)
    elif breaker.name is BreakerName.WEEKLY_LOSS:
        until_us = week_end_us(at_us)
    elif until_us is not None:
        until_us = at_us + until_us - breaker.tripped_us
    return replace(breaker, tripped_us=at_us, until_us=until_us)


def _cooldown(cooldown: Cooldown, latest_us: int) -> Cooldown:
    return replace(cooldown, until_us=min(cooldown.until_us, latest_us))
