"""`snipersight stats` over a hundred thousand signals: the whole command, and the work alone."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.harness import Figure, at_most
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import (
    Costs,
    Ending,
    EvidenceStore,
    Kind,
    Origin,
    Outcome,
    OutcomeStatus,
    ScanCount,
    SignalKey,
    SignalRecord,
    SignalTerms,
    Verdict,
)
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol

if TYPE_CHECKING:
    from snipersight.bot.telemetry.evidence_view import EvidenceView

SIGNALS: Final = 100_000
DAYS: Final = 730
A_SCAN: Final = 1_000
_START_MS: Final = 19_358 * DAY_MS  # 2023-01-01
_TIMEFRAME: Final = Timeframe.parse("15m")
_COSTS: Final = Costs(maker=0.0002, taker=0.0005, slippage=0.0005, funding_rate=0.0001)
_FACTORS: Final = ("sweep", "displacement", "structure", "momentum", "volume", "kill_zone")
_VERDICTS: Final = (
    (Verdict.APPROVED, "approved", 0.5),
    (Verdict.GATED, "gated:min_score", 0.2),
    (Verdict.GATED, "gated:premium", 0.15),
    (Verdict.REJECTED, "rejected:max_total", 0.15),
)
_STATUSES: Final = (
    (OutcomeStatus.CLOSED, 0.62),
    (OutcomeStatus.MISSED, 0.15),
    (OutcomeStatus.EXPIRED, 0.15),
    (OutcomeStatus.INVALIDATED, 0.06),
    (OutcomeStatus.OPEN, 0.02),
)


def measure_stats(scratch: Path, *, signals: int = SIGNALS, repeats: int = 5) -> list[Figure]:
    """Return how long the command takes, and how long its work takes once all is loaded.

    The first command reads every signal from its row, and then makes blocks for those after it.

    Args:
        scratch: an empty folder; becomes the home folder of the command.
        signals: how many are in the store.
        repeats: of each but the first; the median counts.
    """
    home = scratch / "home"
    home.mkdir()
    fill(home, signals)
    first_s, _ = _command_s(home)
    runs = [_command_s(home) for _ in range(repeats)]
    whole, processor = (statistics.median(seconds) for seconds in zip(*runs, strict=True))
    work = statistics.median(_work_s(home, repeats))
    note = f"{signals:,} signals on {DAYS} days in SQLite"
    return [
        Figure(
            name=f"stats_{signals}_s",
            value=whole,
            unit="s",
            target=at_most(1),
            note=f"`snipersight stats`, a new process, imports included, {processor:.2f} s of a "
            f"processor; {note}",
        ),
        Figure(
            name=f"stats_{signals}_first_s",
            value=first_s,
            unit="s",
            note=f"the same where no block of signals is made yet, making them; {note}",
        ),
        Figure(
            name=f"stats_{signals}_work_s",
            value=work,
            unit="s",
            note=f"reading and every statistic of the overview, nothing imported; {note}",
        ),
    ]


def fill(home: Path, signals: int) -> None:
    """Store so many live signals with their outcomes, a thousand a scan."""
    os.environ["SNIPERSIGHT_HOME"] = str(home)
    settings, _ = load_settings(None)
    with open_telemetry(settings) as telemetry:
        for number, part in enumerate(_scans(signals)):
            _store(telemetry.evidence, number, part)


def _store(evidence: EvidenceStore, number: int, part: list[tuple[SignalRecord, Outcome]]) -> None:
    evidence.record(
        ScanCount(
            context_id=f"scan-{number}",
            account_id="main",
            origin=Origin.LIVE,
            profile="intraday",
            venue="binance",
            at_ms=part[0][0].judged_ms,
            symbols=400,
            funnel={"no_setup": 9_000, "gated:min_score": 500, "approved": 500},
        ),
        [signal for signal, _ in part],
    )
    evidence.save_outcomes(outcome for _, outcome in part)


def _scans(signals: int) -> Iterator[list[tuple[SignalRecord, Outcome]]]:
    dice = np.random.default_rng(1)
    decided = np.sort(dice.integers(0, DAYS * 96, signals)) * 900_000 + _START_MS
    for start in range(0, signals, A_SCAN):
        yield [
            _signal(number, int(decided[number]), dice)
            for number in range(start, min(start + A_SCAN, signals))
        ]


def _signal(
    number: int, decided_ms: int, dice: np.random.Generator
) -> tuple[SignalRecord, Outcome]:
    score = round(float(dice.uniform(50, 98)), 1)
    verdict, reason, _ = _VERDICTS[int(dice.choice(4, p=[one[2] for one in _VERDICTS]))]
    status = _STATUSES[int(dice.choice(5, p=[one[1] for one in _STATUSES]))][0]
    is_long = bool(dice.random() < 0.5)
    key = SignalKey(f"main:plan-{number}")
    record = SignalRecord(
        key=key,
        account_id="main",
        plan_id=PlanId(f"plan-{number}"),
        setup_id=SetupId(f"setup-{number}"),
        origin=Origin.LIVE,
        context_id=f"scan-{number // A_SCAN}",
        profile="intraday",
        profile_hash="0" * 64,
        venue="binance",
        symbol=Symbol(f"M{int(dice.integers(0, 400))}/USDT:USDT"),
        market=MarketKind.PERPETUAL,
        timeframe=_TIMEFRAME,
        direction=Direction.LONG if is_long else Direction.SHORT,
        trade_type="intraday",
        decided_ms=decided_ms,
        judged_ms=decided_ms + 1_000,
        verdict=verdict,
        reason=reason,
        score=score,
        tier="A" if score >= 80 else "B" if score >= 65 else "C",
        risk_reward=round(float(dice.uniform(1.5, 4)), 2),
        regime=("trend", "range", "volatile")[int(dice.integers(0, 3))],
        leader=("trend", "range")[int(dice.integers(0, 2))],
        session=("asia", "london", "new_york")[int(dice.integers(0, 3))],
        factors={name: float(dice.integers(0, 20)) for name in _FACTORS},
        terms=_terms(decided_ms, is_long=is_long),
    )
    return record, _outcome(key, status, score, decided_ms, dice)


def _outcome(
    key: SignalKey, status: OutcomeStatus, score: float, decided_ms: int, dice: np.random.Generator
) -> Outcome:
    closed = status is OutcomeStatus.CLOSED
    hit = dice.random() < score / 200
    gross = float(dice.gamma(3, 0.6)) if hit else -0.95
    return Outcome(
        key=key,
        kind=Kind.MODELLED,
        status=status,
        ending=Ending.TARGETS if closed and hit else Ending.STOP if closed else Ending.NONE,
        followed_to_ms=decided_ms + DAY_MS,
        resolution_ms=300_000,
        entered_ms=decided_ms + 900_000 if status.was_entered else 0,
        ended_ms=decided_ms + 3_600_000 if status.is_final else 0,
        filled_fraction=1.0 if status.was_entered else 0.0,
        targets_hit=int(closed and hit),
        gross_r=gross if closed else 0.0,
        fees_r=0.06 if closed else 0.0,
        net_r=gross - 0.06 if closed else 0.0,
        mae_r=float(dice.uniform(0, 1)),
        mfe_r=float(dice.uniform(0, 3)),
    )


def _terms(decided_ms: int, *, is_long: bool) -> SignalTerms:
    sign = 1 if is_long else -1
    return SignalTerms(
        direction=Direction.LONG if is_long else Direction.SHORT,
        near=100.0,
        mid=100.0 - sign * 0.2,
        far=100.0 - sign * 0.4,
        entry_fractions=(0.5, 0.3, 0.2),
        stop=100.0 - sign,
        targets=((100.0 + sign * 1.5, 0.5), (100.0 + sign * 3, 0.5)),
        cost_per_unit=0.1,
        atr=0.5,
        tick=0.01,
        known_ms=decided_ms,
        valid_until_ms=decided_ms + 8 * 3_600_000,
        break_even=True,
        trailing_atr=0.0,
        time_stop_ms=0,
        min_rr=1.5,
        costs=_COSTS,
    )


def _command_s(home: Path) -> tuple[float, float]:
    """Return how long `snipersight stats` takes as a user runs it, and how long it computes."""
    own = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    began, computed = time.perf_counter(), _children_s()
    done = subprocess.run(
        [sys.executable, "-m", "snipersight", "stats", "--format", "json"],
        env=own | {"SNIPERSIGHT_HOME": str(home)},
        capture_output=True,
        check=True,
    )
    if not done.stdout:
        raise RuntimeError("the statistics are empty")
    return time.perf_counter() - began, _children_s() - computed


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _work_s(home: Path, repeats: int) -> list[float]:
    """Return how long reading and computing take in a process that has done it before."""
    from snipersight.bot.telemetry.analytics import Analytics

    os.environ["SNIPERSIGHT_HOME"] = str(home)
    settings, _ = load_settings(None)
    measured = []
    with open_telemetry(settings) as telemetry:
        for _ in range(repeats + 1):
            began = time.perf_counter()
            overview(Analytics(store=telemetry.evidence).view())
            measured.append(time.perf_counter() - began)
    return measured[1:]


def overview(view: EvidenceView) -> None:
    """Ask everything that the overview of `stats` shows."""
    view.expectancy()
    view.risk_rewards()
    view.funnel()
    view.tier_comparison()
    view.alarms()
    view.drifts()
    if view.hit_rate().rate is None or not view.calibration.bins:
        raise RuntimeError("a statistic is missing")


def main() -> None:
    """Measure the statistics alone and print them."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="snipersight-bench-") as folder:
        for figure in measure_stats(Path(folder)):
            print(figure.as_json())


if __name__ == "__main__":
    main()
