"""Losses of equity held to the limits of the day, the week and the drawdown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from snipersight.domain.standing import AccountStanding, BreakerName, EquityMarks
from snipersight.domain.units import plain
from snipersight.risk.breakers.equity_marks import day_end_us, equity_of, losses, week_end_us
from snipersight.risk.breakers.tripping import trip
from snipersight.risk.policy import RiskPolicy

_EVERYTHING: Final = Decimal(1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def held_to_losses(
    standing: AccountStanding, marks: EquityMarks, policy: RiskPolicy
) -> AccountStanding:
    """Return the standing with the breakers tripped whose limits its newest marks have reached."""
    lost, now_us = losses(marks), marks.marked_us
    if (
        lost.daily < policy.max_daily_loss
        and lost.weekly < policy.max_weekly_loss
        and lost.drawdown < policy.max_drawdown
    ):
        return standing
    asked = (
        (BreakerName.DAILY_LOSS, lost.daily, policy.max_daily_loss, day_end_us(now_us)),
        (BreakerName.WEEKLY_LOSS, lost.weekly, policy.max_weekly_loss, week_end_us(now_us)),
        (BreakerName.DRAWDOWN, lost.drawdown, policy.max_drawdown, None),
    )
    for name, measured, limit, until_us in asked:
        if measured >= limit:
            standing = trip(
                standing,
                name,
                at_us=now_us,
                until_us=until_us,
                measured=measured,
                limit=limit,
                sentence=_loss_sentence(name, measured, limit, until_us),
            )
    return standing


def after_losing_everything(standing: AccountStanding, marks: EquityMarks) -> AccountStanding:
    """Return the standing with a drawdown that new units would otherwise hide."""
    measured = losses(marks).drawdown
    return trip(
        standing,
        BreakerName.DRAWDOWN,
        at_us=marks.marked_us,
        until_us=None,
        measured=measured,
        limit=_EVERYTHING,
        sentence=f"everything was lost ({plain(equity_of(marks))} left); no entries until a "
        "person re-arms it",
    )


def _loss_sentence(
    name: BreakerName, measured: Decimal, limit: Decimal, until_us: int | None
) -> str:
    since = {
        BreakerName.DAILY_LOSS: "since the UTC day began",
        BreakerName.WEEKLY_LOSS: "since the UTC week began",
    }.get(name, "from the highest equity")
    end = "until a person re-arms it" if until_us is None else f"until {_moment(until_us)}"
    return f"{measured:.2%} lost {since}, less than {limit:.2%} is allowed; no entries {end}"


def _moment(at_us: int) -> str:
    return f"{_EPOCH + timedelta(microseconds=at_us):%Y-%m-%d %H:%M} UTC"
