"""How far an account may fall before a breaker could see it, told ahead of a stretch of closes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.quick import quick
from snipersight.domain.standing import AccountStanding
from snipersight.domain.timeframe import DAY_MS
from snipersight.risk.policy import RiskPolicy

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# What floats may be wrong by, as a share of the equity: closer than this to a limit or to the high
# counts as reaching it, and is marked exactly.
_DOUBT: Final = 1e-9
_DAYS_SINCE_MONDAY: Final = 3  # 1970-01-01 was a Thursday


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Leeway:
    """An account's marks as equity, and the shares of it that may be lost.

    Args:
        balance: of the account, account currency.
        high, day_open, week_open: equity that losses are measured from.
        drawdown, daily, weekly: shares of them at which a breaker trips.
        marked_ms: time of the newest mark, milliseconds UTC.
    """

    balance: Decimal
    high: float
    day_open: float
    week_open: float
    drawdown: float
    daily: float
    weekly: float
    marked_ms: int

    @classmethod
    def of(cls, standing: AccountStanding, policy: RiskPolicy) -> Leeway | None:
        """Return what an account has left.

        Args:
            standing: of the account.
            policy: the limits.

        Returns:
            None where every close counts: nothing is marked yet, or a breaker holds that a close
            may see the end of.
        """
        marks = standing.marks
        if marks is None or standing.tripped or marks.units <= 0:
            return None
        units = float(marks.units)
        return cls(
            balance=standing.balance,
            high=units * float(marks.high),
            day_open=units * float(marks.day_open),
            week_open=units * float(marks.week_open),
            drawdown=float(policy.max_drawdown),
            daily=float(policy.max_daily_loss),
            weekly=float(policy.max_weekly_loss),
            marked_ms=marks.marked_us // 1000,
        )

    def is_kept_by(self, equity: Floats) -> bool:
        """Return whether no breaker could trip, whenever within the stretch a day or week begins.

        Args:
            equity: at each close of the stretch.
        """
        highest, lowest = float(equity.max()), float(equity.min())
        begun = (
            (self.high, self.drawdown),
            (self.day_open, self.daily),
            (self.week_open, self.weekly),
        )
        # Where losses are measured from only rises, and never above the highest close.
        least = max(max(start, highest) * (1.0 - share) for start, share in begun)
        return lowest > least + _DOUBT * abs(highest)

    def telling(self, equity: Floats, moments_ms: Times) -> Mask:
        """Return which closes have to be marked where the leeway is kept.

        The highest one, if it is a new high; the newest beginnings of a day and a week with the
        close before each; the last one, whose prices the account is valued at until the next mark.

        Args:
            equity: at each close of the stretch.
            moments_ms: of the closes, milliseconds UTC, ascending.
        """
        highest = max(float(equity.max()), self.high)
        found: Mask = equity >= highest - _DOUBT * abs(highest)
        days, marked = moments_ms // DAY_MS, self.marked_ms // DAY_MS
        weeks, week = (days + _DAYS_SINCE_MONDAY) // 7, (marked + _DAYS_SINCE_MONDAY) // 7
        for units, before in ((days, marked), (weeks, week)):
            begun = int(units.searchsorted(units[-1]))
            if units[-1] != before:
                found[max(begun - 1, 0) : begun + 1] = True
        found[-1] = True
        return found
