"""Where an account stands: its marked equity over time, its breakers, its cooldowns."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryId
from snipersight.domain.quick import quick
from snipersight.domain.units import NO_MONEY, Money, Symbol

KILL_SWITCH: Final = "kill switch"  # how the reason of a halt begins that it brought


class TradingState(StrEnum):
    """What an account may do, mildest first."""

    ACTIVE = "ACTIVE"  # everything within the limits
    REDUCING = "REDUCING"  # only what makes a position smaller
    HALTED = "HALTED"  # no entry; exits and cancels pass


class BreakerName(StrEnum):
    """What can stop entries for longer than one decision."""

    OPERATOR = "operator"  # `risk halt`
    DAILY_LOSS = "daily_loss"
    WEEKLY_LOSS = "weekly_loss"
    DRAWDOWN = "drawdown"
    LOSS_STREAK = "loss_streak"
    UNPROTECTED = "unprotected_position"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class TrippedBreaker:
    """A breaker that holds.

    Args:
        name: which one.
        state: what it leaves of trading.
        tripped_us: since when, microseconds UTC.
        until_us: when it lets go by itself; None: only a person re-arms it.
        measured, limit: what tripped it; None for the operator's.
        sentence: both in plain words, or the operator's reason.
    """

    name: BreakerName
    state: TradingState
    tripped_us: int
    until_us: int | None
    measured: Decimal | None = None
    limit: Decimal | None = None
    sentence: str = ""

    @property
    def is_kill(self) -> bool:
        """Return whether the kill switch brought it: `risk resume` alone does not bring trading back."""
        is_said = self.sentence == KILL_SWITCH or self.sentence.startswith(f"{KILL_SWITCH}: ")
        return self.name is BreakerName.OPERATOR and is_said


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown:
    """No new entry in a symbol and direction until a moment, after a stop."""

    symbol: Symbol
    direction: Direction
    until_us: int


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPrice:
    """What a position was valued at.

    Args:
        entry_id: of the ledger.
        price: quote per base unit.
        quote_rate: account currency for one unit of the quote currency.
    """

    entry_id: EntryId
    price: Decimal
    quote_rate: Decimal


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class EquityMarks:
    """Equity as the value of one unit of the account, so that deposits and withdrawals move nothing.

    A deposit buys units at the value of the moment; losses and drawdown are measured on the value
    of a unit, as a fund measures its own.

    Args:
        units: at least 0; none are left once everything was withdrawn.
        unit_value: at the newest mark.
        high: highest value ever marked (the high-water mark).
        day, day_open: UTC date of the newest mark, and the value the day began with.
        week, week_open: Monday of its week, and the value the week began with.
        marked_us: time of the newest mark, microseconds UTC.
        prices: of the positions that were open then, so that equity stays known between marks.
    """

    units: Decimal
    unit_value: Decimal
    high: Decimal
    day: str
    day_open: Decimal
    week: str
    week_open: Decimal
    marked_us: int
    prices: tuple[MarkedPrice, ...] = ()


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """Everything about an account that the gate needs beside its ledger.

    Args:
        starting_balance: what the account began with, deposits and withdrawals not counted.
        flows: deposits minus withdrawals since.
        realised: results of everything closed, net of costs.
        marks: equity over time; None before the first mark.
        tripped: breakers that hold, each name at most once.
        cooldowns: after stops.
        loss_streak: closed trades lost in a row, since the last gain or re-arm.
    """

    starting_balance: Money
    flows: Money = NO_MONEY
    realised: Money = NO_MONEY
    marks: EquityMarks | None = None
    tripped: tuple[TrippedBreaker, ...] = ()
    cooldowns: tuple[Cooldown, ...] = field(default=())
    loss_streak: int = 0

    @property
    def balance(self) -> Money:
        """Return cash: what was put in and what was earned; open positions not counted."""
        return Money(self.starting_balance + self.flows + self.realised)
