"""Equity as the value of one unit of the account: what a fund does, so that only trading moves it.

Days and weeks are UTC, weeks begin on Monday.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from functools import lru_cache
from typing import Final

from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.quick import quick, replace
from snipersight.domain.standing import AccountStanding, EquityMarks, MarkedPrice
from snipersight.domain.units import Money, plain

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_DAY_US: Final = 86_400_000_000
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_DAYS_SINCE_MONDAY: Final = 3  # 1970-01-01 was a Thursday
# Unit values are quotients: fewer digits than they carry find a limit that was met exactly, and
# give back the equity that was marked.
_LOSS_DIGITS: Final = Context(prec=15)
_EQUITY_DIGITS: Final = Context(prec=24)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What a unit has lost, as fractions of what it was worth; 0 for a gain.

    Args:
        daily, weekly: since the UTC day and week began.
        drawdown: since the high-water mark.
    """

    daily: Decimal
    weekly: Decimal
    drawdown: Decimal


def day_end_us(at_us: int) -> int:
    """Return the next UTC midnight after a moment, microseconds UTC."""
    return (at_us // _DAY_US + 1) * _DAY_US


def week_end_us(at_us: int) -> int:
    """Return the next Monday's UTC midnight after a moment, microseconds UTC."""
    return (_monday(at_us // _DAY_US) + 7) * _DAY_US


def first_marks(standing: AccountStanding, *, equity: Decimal, at_us: int) -> EquityMarks | None:
    """Return the first mark of an account: units are what was put in, worth 1 each at the start.

    What was lost before the first mark therefore counts, for today. None where nothing was put
    in and nothing is there.

    Raises:
        ValueError: the equity is NaN or infinite.
    """
    _require_finite("equity", equity)
    capital = standing.starting_balance + standing.flows
    if capital > 0:
        return _new_marks(capital, value=equity / capital, high=_ONE, at_us=at_us)
    if equity > 0:
        return _new_marks(equity, value=_ONE, high=_ONE, at_us=at_us)
    return None


def revalued(
    marks: EquityMarks,
    *,
    equity: Decimal,
    at_us: int,
    prices: tuple[MarkedPrice, ...] | None = None,
) -> EquityMarks:
    """Return the marks with a new equity of the same units.

    A new day or week begins with the last value before the border or the first after it,
    whichever is higher: what was lost in between counts for the new one. A clock set back
    begins nothing anew.

    Args:
        marks: before.
        equity: account currency.
        at_us: microseconds UTC.
        prices: that positions were valued at; None: those of before.

    Raises:
        ValueError: the equity is NaN or infinite.
    """
    _require_finite("equity", equity)
    units, value = _valued(marks, equity)
    now_us = max(at_us, marks.marked_us)
    day, week = _day_and_week(now_us)
    began = max(marks.unit_value, value)
    return EquityMarks(
        units=units,
        unit_value=value,
        high=max(marks.high, value),
        day=day,
        day_open=marks.day_open if day == marks.day else began,
        week=week,
        week_open=marks.week_open if week == marks.week else began,
        marked_us=now_us,
        prices=marks.prices if prices is None else prices,
    )


def redated(marks: EquityMarks, *, at_us: int) -> EquityMarks:
    """Return the same values as of another day and week: the clock that dated them was wrong."""
    day, week = _day_and_week(at_us)
    return replace(marks, day=day, week=week, marked_us=at_us)


def with_flow(marks: EquityMarks, *, equity_after: Decimal) -> EquityMarks:
    """Return the marks after units were bought or given back at their present value.

    Args:
        marks: valued at this moment, a unit worth more than 0.
        equity_after: with the deposit or without the withdrawal; at 0 no unit is left, and the
            value of one is remembered.
    """
    return replace(marks, units=equity_after / marks.unit_value)


def rebased(equity: Decimal, *, at_us: int) -> EquityMarks:
    """Return marks that begin anew: the units of old are worth nothing and buy nothing.

    Args:
        equity: after the deposit, above 0.
        at_us: microseconds UTC.
    """
    return _new_marks(equity, value=_ONE, high=_ONE, at_us=at_us)


def losses(marks: EquityMarks) -> Losses:
    """Return what a unit has lost at its newest mark."""
    return Losses(
        daily=_loss(marks.unit_value, marks.day_open),
        weekly=_loss(marks.unit_value, marks.week_open),
        drawdown=_loss(marks.unit_value, marks.high),
    )


def equity_of(marks: EquityMarks) -> Money:
    """Return the equity that was marked, account currency."""
    return Money(Decimal(plain(_EQUITY_DIGITS.multiply(marks.units, marks.unit_value))))


def marked_equity(standing: AccountStanding) -> Money:
    """Return the equity of the newest mark, or the balance before the first one."""
    return standing.balance if standing.marks is None else equity_of(standing.marks)


def known_equity(standing: AccountStanding, entries: Iterable[LedgerEntry]) -> Money:
    """Return what the account is worth as far as that is known between two marks.

    The balance, which knows everything realised since, and what the open positions would bring
    at the prices they were marked at. One that was opened since is valued at its own price, and
    has cost its fees and slippage.

    Args:
        standing: of the account.
        entries: its live entries.
    """
    marks = standing.marks
    marked = {} if marks is None else {one.entry_id: one for one in marks.prices}
    gains = (_gain(entry, marked.get(entry.entry_id)) for entry in entries if entry.open_size > 0)
    return Money(sum(gains, Decimal(standing.balance)))


def _gain(entry: LedgerEntry, marked: MarkedPrice | None) -> Decimal:
    bought = entry.fill_price or entry.entry_price
    if marked is None:
        return gain_at(entry, price=bought, quote_rate=entry.quote_rate)
    return gain_at(entry, price=marked.price, quote_rate=marked.quote_rate)


def gain_at(entry: LedgerEntry, *, price: Decimal, quote_rate: Decimal) -> Decimal:
    """Return what closing the open part at a price would earn, costs included, account currency."""
    bought = entry.fill_price or entry.entry_price
    gain = entry.direction.gain(price, entry=bought) - entry.cost_per_unit
    return gain * entry.open_size * quote_rate


def _new_marks(units: Decimal, *, value: Decimal, high: Decimal, at_us: int) -> EquityMarks:
    day, week = _day_and_week(at_us)
    began = max(value, high)
    return EquityMarks(
        units=units,
        unit_value=value,
        high=began,
        day=day,
        day_open=began,
        week=week,
        week_open=began,
        marked_us=at_us,
    )


def _valued(marks: EquityMarks, equity: Decimal) -> tuple[Decimal, Decimal]:
    """Return units and the value of one; without units, what is there bought some.

    After everything was withdrawn nothing should be there. What is there all the same came
    unrecorded; what is owed is a loss of more than everything.
    """
    if marks.units > 0:
        return marks.units, equity / marks.units
    if equity < 0:
        return _ONE, equity
    return equity / marks.unit_value, marks.unit_value


def _loss(value: Decimal, since: Decimal) -> Decimal:
    # At a high and where a day begins, which is most often; from nothing, nothing can be lost.
    is_lost = value < since and since > _ZERO
    lost = _LOSS_DIGITS.plus((since - value) / since) if is_lost else _ZERO
    return lost if value > _ZERO or lost >= _ONE else _ONE


def _day_and_week(at_us: int) -> tuple[str, str]:
    day = at_us // _DAY_US
    return _iso(day), _iso(_monday(day))


def _monday(day: int) -> int:
    return day - (day + _DAYS_SINCE_MONDAY) % 7


@lru_cache(maxsize=16)  # every close of a day asks for the same two
def _iso(day: int) -> str:
    return date.fromordinal(_EPOCH_ORDINAL + day).isoformat()


def _require_finite(name: str, value: Decimal) -> None:
    if not value.is_finite():
        raise ValueError(f"{name} is {value}")
