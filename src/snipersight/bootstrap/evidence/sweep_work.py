"""What a worker of a sweep does: one backtest of one profile over candles that all of them share.

Nothing heavy is loaded with this module: where it arrives first on a worker of another machine, the
place of compiled code has to be chosen before anything else.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.domain.profile import Profile
from snipersight.domain.units import Currency

if TYPE_CHECKING:
    from snipersight.engine.recording import Period
    from snipersight.performance.series import ClosedTrades
    from snipersight.risk.policy import RiskPolicy
    from snipersight.storage.kept_runs import KeptRun


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepTask:
    """One run of a sweep.

    Args:
        candles: file of the markets, as `SweepCandles` writes it.
        profile: thresholds and management.
        policy: limits.
        currency, balance: of the account.
        period: decisions that count, the same for all runs.
        rearm_days: after how many days a breaker is lifted.
        run_id: hash of everything that the run depends on, as the sweep knows it.
        trials: runs that the sweep makes.
    """

    candles: Path
    profile: Profile
    policy: RiskPolicy
    currency: Currency
    balance: Decimal
    period: Period
    rearm_days: int
    run_id: str
    trials: int


def is_installed() -> bool:
    """Return True: who answers at all has this program."""
    return True


def make_run(task: SweepTask) -> KeptRun:
    """Return what a run gave; when it was made is left open.

    Raises:
        StateUnavailable: the candles cannot be read here, or other code would decide here.
        DataInvalid: candles or rules of a market are unusable.
    """
    _prepare()
    from snipersight.bootstrap.evidence.sweep_runs import run_made

    return run_made(task)


def make_trades(task: SweepTask) -> ClosedTrades:
    """Return the closed trades of a run.

    Raises:
        StateUnavailable: the candles cannot be read here, or other code would decide here.
        DataInvalid: candles or rules of a market are unusable.
    """
    _prepare()
    from snipersight.bootstrap.evidence.sweep_runs import trades_made

    return trades_made(task)


def _prepare() -> None:
    if "numba" not in sys.modules:
        from snipersight.bootstrap.compile_cache import configure_compile_cache

        configure_compile_cache()
