"""Breakers: what losses, streaks, stops and unprotected positions do to further entries.

Pure transitions of an account's standing. A breaker that tripped holds, whatever happens next,
until its time is over or a person re-arms it. Reaching a limit exactly trips it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.quick import replace
from snipersight.domain.standing import (
    AccountStanding,
    BreakerName,
    Cooldown,
    EquityMarks,
    MarkedPrice,
)
from snipersight.domain.units import Money, Symbol, plain
from snipersight.risk.breakers.checks import breaker_checks
from snipersight.risk.breakers.equity_marks import first_marks, rebased, revalued, with_flow
from snipersight.risk.breakers.loss_limits import after_losing_everything, held_to_losses
from snipersight.risk.breakers.tripping import holds, is_over, trip, without
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.underlyings import underlying

__all__ = [
    "breaker_checks",
    "cooldowns_of",
    "flow",
    "halt",
    "mark",
    "note_result",
    "note_unprotected",
    "resume",
    "settle",
]

_SECOND_US: Final = Decimal(1_000_000)


def settle(standing: AccountStanding, *, at_us: int) -> AccountStanding:
    """Return the standing without the breakers and cooldowns that have ended; itself if none has.

    A loss streak begins anew once its pause is over.
    """
    if not (standing.tripped or standing.cooldowns):
        return standing
    tripped = tuple(one for one in standing.tripped if not is_over(one.until_us, at_us))
    cooldowns = tuple(one for one in standing.cooldowns if not is_over(one.until_us, at_us))
    if len(tripped) == len(standing.tripped) and len(cooldowns) == len(standing.cooldowns):
        return standing
    is_new_streak = holds(standing, BreakerName.LOSS_STREAK) and not any(
        one.name is BreakerName.LOSS_STREAK for one in tripped
    )
    return replace(
        standing,
        tripped=tripped,
        cooldowns=cooldowns,
        loss_streak=0 if is_new_streak else standing.loss_streak,
    )


def mark(
    standing: AccountStanding,
    *,
    equity: Decimal,
    at_us: int,
    policy: RiskPolicy,
    prices: tuple[MarkedPrice, ...] = (),
) -> AccountStanding:
    """Return the standing with a new equity, and with the breakers its losses trip.

    What has ended by then lets go first. An account into which nothing was ever put, with
    nothing in it, stays unmarked.

    Args:
        standing: before.
        equity: marked to market, account currency; may be negative.
        at_us: microseconds UTC.
        policy: the limits.
        prices: what each open position was valued at, if that is known.

    Raises:
        ValueError: the equity is NaN or infinite.
    """
    settled = settle(standing, at_us=at_us)
    marks = _marked(settled, equity=equity, at_us=at_us, prices=prices)
    if marks is None:
        return settled
    return held_to_losses(replace(settled, marks=marks), marks, policy)


def flow(
    standing: AccountStanding, *, amount: Decimal, equity_before: Decimal, at_us: int
) -> AccountStanding:
    """Return the standing after a deposit (above 0) or withdrawal (below 0): no breaker moves.

    Whoever lost everything and pays in anew begins with new units; the drawdown that this was
    stays tripped until a person re-arms it.

    Args:
        standing: before.
        amount: account currency.
        equity_before: marked to market, without the amount.
        at_us: microseconds UTC.

    Raises:
        ValueError: a number is NaN or infinite, the amount is 0, or more is taken out than there
            is.
    """
    if not amount.is_finite() or amount == 0:
        raise ValueError(f"{amount} is no deposit or withdrawal")
    marks = _marked(standing, equity=equity_before, at_us=at_us)
    if amount < 0 and -amount > equity_before:
        raise ValueError(f"{plain(-amount)} is more than the equity of {plain(equity_before)}")
    paid, after = replace(standing, flows=Money(standing.flows + amount)), equity_before + amount
    if marks is not None and marks.unit_value > 0:
        return replace(paid, marks=with_flow(marks, equity_after=after))
    if marks is not None:
        paid = after_losing_everything(paid, marks)
    return replace(paid, marks=_begun_anew(marks, after, at_us))


def note_result(
    standing: AccountStanding,
    *,
    realised: Decimal,
    by_stop: bool,
    symbol: Symbol,
    direction: Direction,
    at_us: int,
    policy: RiskPolicy,
) -> AccountStanding:
    """Return the standing after a trade, or a part of one, was closed.

    What has ended by then lets go first. A loss lengthens the streak, a gain ends it, break-even leaves it. A stop begins a cooldown
    of the symbol's underlying in that direction.

    Args:
        standing: before.
        realised: result net of costs, account currency.
        by_stop: the protective stop closed it.
        symbol, direction: of the trade.
        at_us: microseconds UTC.
        policy: the limits.

    Raises:
        ValueError: the result is NaN or infinite.
    """
    if not realised.is_finite():
        raise ValueError(f"realised is {realised}")
    standing = settle(standing, at_us=at_us)
    streak = standing.loss_streak
    if realised != 0:
        streak = streak + 1 if realised < 0 else 0
    noted = replace(
        standing,
        realised=Money(standing.realised + realised),
        loss_streak=streak,
        cooldowns=_cooled(standing, symbol, direction, at_us + policy.cooldown_us)
        if by_stop
        else standing.cooldowns,
    )
    if streak < policy.max_loss_streak:
        return noted
    return trip(
        noted,
        BreakerName.LOSS_STREAK,
        at_us=at_us,
        until_us=at_us + policy.streak_pause_us,
        measured=Decimal(streak),
        limit=Decimal(policy.max_loss_streak),
        sentence=f"{streak} trades in a row were lost; at {policy.max_loss_streak} entries pause",
    )


def note_unprotected(
    standing: AccountStanding,
    entries: Iterable[LedgerEntry],
    *,
    at_us: int,
    policy: RiskPolicy,
) -> AccountStanding:
    """Return the standing held to the time that positions have lacked part of their stop.

    The breaker trips once one of them has for as long as the policy allows, and lets go when none
    has any more.
    """
    ages = [
        max(0, at_us - one.unprotected_since_us)
        for one in entries
        if one.unprotected_since_us is not None and one.state.is_live
    ]
    longest = max(ages, default=-1)
    if longest < policy.max_unprotected_us:
        return without(standing, BreakerName.UNPROTECTED)
    measured, limit = longest / _SECOND_US, policy.max_unprotected_us / _SECOND_US
    return trip(
        standing,
        BreakerName.UNPROTECTED,
        at_us=at_us,
        until_us=None,
        measured=measured,
        limit=limit,
        sentence=f"a position has lacked part of its stop for {plain(measured)} s, "
        f"{plain(limit)} s are allowed",
    )


def halt(standing: AccountStanding, *, at_us: int, reason: str = "") -> AccountStanding:
    """Return the standing with entries stopped by a person until `resume`.

    Who halts what is halted changes nothing: the first time and reason stay.
    """
    return trip(
        standing,
        BreakerName.OPERATOR,
        at_us=at_us,
        until_us=None,
        sentence=reason or "halted by the operator",
    )


def resume(standing: AccountStanding, *, at_us: int, rearm: bool) -> AccountStanding:
    """Return the standing with the operator's halt lifted.

    Args:
        standing: before.
        at_us: microseconds UTC; what has ended by then lets go as well.
        rearm: also lift a drawdown, measuring the next one from the present value, and a loss
            streak. Daily and weekly losses hold until their day or week is over, an
            unprotected position until it is protected.
    """
    resumed = without(settle(standing, at_us=at_us), BreakerName.OPERATOR)
    if not rearm:
        return resumed
    resumed = without(resumed, BreakerName.DRAWDOWN, BreakerName.LOSS_STREAK)
    marks = resumed.marks
    rearmed = None if marks is None else replace(marks, high=marks.unit_value)
    return replace(resumed, marks=rearmed, loss_streak=0)


def cooldowns_of(standing: AccountStanding, symbol: Symbol, *, at_us: int) -> tuple[Cooldown, ...]:
    """Return the cooldowns of a symbol's underlying that have not ended, in both directions."""
    asset = underlying(symbol)
    return tuple(
        one
        for one in standing.cooldowns
        if not is_over(one.until_us, at_us) and underlying(one.symbol) == asset
    )


def _marked(
    standing: AccountStanding,
    *,
    equity: Decimal,
    at_us: int,
    prices: tuple[MarkedPrice, ...] | None = None,
) -> EquityMarks | None:
    if standing.marks is not None:
        return revalued(standing.marks, equity=equity, at_us=at_us, prices=prices)
    first = first_marks(standing, equity=equity, at_us=at_us)
    return replace(first, prices=prices) if first is not None and prices else first


def _begun_anew(marks: EquityMarks | None, equity: Decimal, at_us: int) -> EquityMarks | None:
    if equity > 0:
        begun = rebased(equity, at_us=at_us)
        return begun if marks is None else replace(begun, prices=marks.prices)
    return None if marks is None else revalued(marks, equity=equity, at_us=at_us)


def _cooled(
    standing: AccountStanding, symbol: Symbol, direction: Direction, until_us: int
) -> tuple[Cooldown, ...]:
    """Return the cooldowns with one more; of the same underlying and direction the longer stays."""
    asset, others = underlying(symbol), []
    for one in standing.cooldowns:
        if one.direction is direction and underlying(one.symbol) == asset:
            until_us = max(until_us, one.until_us)
        else:
            others.append(one)
    return (*others, Cooldown(symbol=symbol, direction=direction, until_us=until_us))
