"""Figures of the hammered budget: eight processes, a killer, and what the books say afterwards."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.harness import Figure, at_least, at_most, progress
from tests.fakes.hammer import DESKS, Hammering, hammer
from tests.fakes.hammer_proof import Proof, prove
from tests.fakes.postgres import PostgresMissing, running_postgres

ATTEMPTS: Final = 20_000
_QUICK_S: Final = 5.0


def hammer_figures(scratch: Path, *, is_quick: bool) -> list[Figure]:
    """Return what was tried and what is wrong afterwards, on SQLite and on PostgreSQL.

    Args:
        scratch: takes databases and journals, some hundred megabytes in the full form.
        is_quick: five seconds on each instead of 20,000 attempts.
    """
    figures = []
    for dialect in ("sqlite", "postgresql"):
        folder = scratch / f"hammer-{dialect}"
        folder.mkdir()
        try:
            with ExitStack() as stack:
                url = _database(dialect, folder, stack)
                figures += _hammered(dialect, url, folder, is_quick=is_quick)
        except PostgresMissing as missing:
            figures += _missing(dialect, str(missing), is_quick=is_quick)
    return figures


def _database(dialect: str, folder: Path, stack: ExitStack) -> str:
    if dialect == "sqlite":
        return f"sqlite:///{folder / 'hammered.db'}"
    server = stack.enter_context(running_postgres())
    return stack.enter_context(server.fresh_database())


def _hammered(dialect: str, url: str, folder: Path, *, is_quick: bool) -> list[Figure]:
    asked = f"{_QUICK_S:g} s" if is_quick else f"{ATTEMPTS:,} attempts"
    progress(f"{DESKS} processes and a killer on {dialect}, {asked}")
    attempts = 0 if is_quick else ATTEMPTS
    told = hammer(url, folder, seconds=_QUICK_S, attempts=attempts)
    proof = prove(url, told)
    for problem in proof.problems:
        progress(f"{dialect}: {problem}")
    return [_attempts(dialect, told, is_quick=is_quick), _problems(dialect, proof)]


def _attempts(dialect: str, told: Hammering, *, is_quick: bool) -> Figure:
    taken = told.words["held"]
    return Figure(
        name=f"hammer_attempts_{dialect}",
        value=told.attempts,
        unit="attempts",
        target=None if is_quick else at_least(ATTEMPTS),
        note=(
            f"{DESKS} processes for {told.seconds:.0f} s, {taken:,} reservations taken, "
            f"{told.kills} processes killed"
        ),
    )


def _problems(dialect: str, proof: Proof) -> Figure:
    return Figure(
        name=f"hammer_problems_{dialect}",
        value=len(proof.problems),
        unit="problems",
        target=at_most(0),
        note=(
            f"{proof.records:,} records folded: open risk at most {proof.highest_risk:.2f} of "
            f"{proof.limit:.0f}, nothing lost, nothing doubled, chain intact"
            if not proof.problems
            else f"{proof.problems[0]} (and more on stderr)"
        ),
    )


def _missing(dialect: str, reason: str, *, is_quick: bool) -> list[Figure]:
    note = f"not measured: {reason}"
    attempts = None if is_quick else at_least(ATTEMPTS)
    return [
        Figure(
            name=f"hammer_attempts_{dialect}",
            value=None,
            unit="attempts",
            target=attempts,
            note=note,
        ),
        Figure(
            name=f"hammer_problems_{dialect}",
            value=None,
            unit="problems",
            target=at_most(0),
            note=note,
        ),
    ]
