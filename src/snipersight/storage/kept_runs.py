"""Every backtest that was made, a file each: what it depended on and what it showed.

A verdict is only as good as the number of trials that stands behind it, so a run that cannot be
read any more is not passed over: whoever counts runs is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from snipersight.domain.errors import StateUnavailable
from snipersight.performance.verdict import Finding
from snipersight.storage.kept_files import read_kept, write_kept

SCHEMA: Final = "snipersight.run/2"
# Runs of the first schema say too little: they prove nothing, and whatever they looked at was seen.
_FIRST_SCHEMA: Final = "snipersight.run/1"
_UNSAID: Final = {"values_hash": "", "is_shipped": False, "out_of_sample": 0}
_NUMBERS: Final = (
    "made_ms", "start_ms", "end_ms", "rearm_days", "random_runs", "trials", "out_of_sample",
)  # fmt: skip


class Figure(StrEnum):
    """The names that a run's figures are kept under; fractions unless a unit is named."""

    TOTAL_RETURN = "total_return"
    CAGR = "cagr"  # a year
    SHARPE = "sharpe"  # a ratio of a year, as the next two
    SORTINO = "sortino"
    CALMAR = "calmar"
    DEEPEST_DRAWDOWN = "deepest_drawdown"
    TRADES = "trades"  # closed ones
    EXPECTANCY_R = "expectancy_r"  # R a closed trade
    HIT_RATE = "hit_rate"
    PROFIT_FACTOR = "profit_factor"  # a ratio
    COST_BP = "cost_bp"  # of what was traded, in 0.01 %
    RANDOM_P_VALUE = "random_p_value"  # 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """A backtest that was made.

    Args:
        run_id: hash of everything it depends on; the same run has the same.
        made_ms: when, milliseconds UTC.
        profile, profile_hash: name and content hash of the profile.
        values_hash: of its values alone; empty where that was not written down.
        is_shipped: it is a backtest of the values of a shipped profile, and no run of a sweep.
        policy_hash: of the limits.
        code_hash: of the code that decided.
        candles_hash: of every bar that could be looked at.
        source: where plans came from, `smc`.
        markets: venue and symbol of each, sorted.
        start_ms, end_ms: of its decisions, milliseconds UTC.
        currency, starting_balance: of the account; the balance as decimal text.
        rearm_days: after how many days breakers were lifted.
        random_runs: with random entries that it was compared with.
        trials: made on these candles when it was judged, itself included.
        out_of_sample: closed trades of days that nothing was chosen by, which it was judged by.
        finding, sentence: of its verdict.
        metrics: figures by name (`Figure`); None where one is not defined.
        returns: of each day, fractions.
    """

    run_id: str
    made_ms: int
    profile: str
    profile_hash: str
    values_hash: str
    is_shipped: bool
    policy_hash: str
    code_hash: str
    candles_hash: str
    source: str
    markets: tuple[str, ...]
    start_ms: int
    end_ms: int
    currency: str
    starting_balance: str
    rearm_days: int
    random_runs: int
    trials: int
    out_of_sample: int
    finding: Finding
    sentence: str
    metrics: Mapping[str, float | None]
    returns: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A folder of kept runs.

    Args:
        path: of the folder; it need not exist yet.
    """

    path: Path

    def keep(self, run: KeptRun) -> None:
        """Keep a run, whole or not at all; it takes the place of the same run made before.

        One that was judged by more trades out of sample stays, and of equals one that was
        compared with more random runs: its verdict rests on more.

        Raises:
            StateUnavailable: it cannot be written, or the one before cannot be read.
        """
        target = self.path / f"{run.run_id}.json"
        before = _read(target) if target.exists() else None
        if before is not None and _weight(before) > _weight(run):
            return
        write_kept(target, {"schema": SCHEMA, **asdict(run)}, what="the run")

    def all(self) -> tuple[KeptRun, ...]:
        """Return every run that is kept, oldest first.

        Raises:
            StateUnavailable: one cannot be read, or is damaged.
        """
        found = [_read(file) for file in sorted(self.path.glob("*.json"))]
        return tuple(sorted(found, key=lambda one: (one.made_ms, one.run_id)))


def _weight(run: KeptRun) -> tuple[int, int]:
    return run.out_of_sample, run.random_runs


def _read(file: Path) -> KeptRun:
    held = read_kept(file, damaged=_damaged(file))
    schema = held.pop("schema", None)
    if schema == _FIRST_SCHEMA:
        held = {**_UNSAID, **held}
    elif schema != SCHEMA:
        raise _damaged(file)
    if set(held) != {one.name for one in fields(KeptRun)}:
        raise _damaged(file)
    try:
        return _run_of(held)
    except (TypeError, ValueError) as error:
        raise _damaged(file) from error


def _run_of(held: dict[str, Any]) -> KeptRun:
    if any(type(held[name]) is not int for name in _NUMBERS):
        raise TypeError("a time or a count is not a whole number")
    if type(held["is_shipped"]) is not bool:
        raise TypeError("whether it is a shipped profile is neither true nor false")
    return KeptRun(
        **{
            **held,
            "markets": tuple(map(str, held["markets"])),
            "finding": Finding(held["finding"]),
            "returns": tuple(map(float, held["returns"])),
        }
    )


def _damaged(file: Path) -> StateUnavailable:
    return StateUnavailable(
        "a backtest that was kept cannot be read",
        where=str(file),
        next_step="restore the file from a copy, or move it away: verdicts then count a trial less",
    )
