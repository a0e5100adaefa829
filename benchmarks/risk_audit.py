"""Figures of `audit verify`: its speed, and its memory over a million records."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.harness import Figure, at_least, at_most, median, progress, spread
from benchmarks.risk_chains import ACCOUNT, decision_body, entry_body, write_chain
from benchmarks.scan_commands import MEGABYTE, Run, run_measured

CHILD: Final = Path(__file__).with_name("risk_audit_child.py")
RECORDS_PER_S: Final = 50_000
MEMORY_MB: Final = 300
FULL: Final = (1_000_000, 40_000)  # records
QUICK: Final = (100_000, 4_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What one process that verified a chain reports.

    Args:
        records: of the chain.
        seconds: of each round.
        megabytes: peak resident memory.
    """

    records: int
    seconds: list[float]
    megabytes: float

    @property
    def speeds(self) -> list[float]:
        """Return records per second of each round."""
        return [self.records / each for each in self.seconds]


def audit_figures(scratch: Path, *, lengths: tuple[int, int] = FULL, rounds: int) -> list[Figure]:
    """Return speed over both kinds of record, and memory.

    Args:
        scratch: takes the databases, about 1 GB in the full form.
        lengths: of the chain of changes of the ledger, and of the chain of verdicts.
        rounds: of verification.
    """
    many, few = lengths
    moves = _verified(scratch, "filled", entry_body(), records=many, rounds=rounds)
    verdicts = _verified(scratch, "decision", decision_body(), records=few, rounds=rounds)
    size_kb = len(decision_body()(1)) / 1000
    return [
        _speed("audit_verify", moves, "changes of the ledger, 0.6 kB each"),
        _speed(
            "audit_verify_decisions", verdicts, f"verdicts with every check, {size_kb:.1f} kB each"
        ),
        Figure(
            name="audit_verify_peak_memory",
            value=moves.megabytes,
            unit="MB",
            target=at_most(MEMORY_MB),
            note=f"resident, of the process that verified {moves.records:,} records",
        ),
    ]


def _speed(name: str, found: Verified, what: str) -> Figure:
    return Figure(
        name=name,
        value=median(found.speeds),
        unit="records/s",
        target=at_least(RECORDS_PER_S),
        note=f"{found.records:,} {what}, SQLite; {spread(found.speeds)}",
    )


def _verified(
    scratch: Path, kind: str, body: Callable[[int], str], *, records: int, rounds: int
) -> Verified:
    progress(f"audit verify, {records:,} records of kind {kind}")
    path = scratch / f"{kind}.db"
    url = write_chain(path, kind=kind, body=body, records=records)
    result = scratch / f"{kind}.json"
    run = _run(scratch, url, result, rounds=rounds)
    path.unlink()
    found = json.loads(result.read_text(encoding="utf-8"))
    if (found["records"], found["findings"]) != (records, 0):
        raise RuntimeError(f"a sound chain of {records} was told to be {found}")
    return Verified(records=records, seconds=found["seconds"], megabytes=run.peak_bytes / MEGABYTE)


def _run(scratch: Path, url: str, result: Path, *, rounds: int) -> Run:
    command = [sys.executable, str(CHILD), url, ACCOUNT, str(result), str(rounds)]
    return run_measured(command, home=scratch / "home", scratch=scratch)
