"""The figures of the risk gate: `make bench-risk`, or `python3 dev.py bench risk`; QUICK=1 shortens it.

The peer's Python is taken from SNIPERSIGHT_PEERS_PYTHON, which `dev.py bench` sets. Figures that
miss their target are shown as such and do not change the exit code: a loaded machine is no bug.
"""

from __future__ import annotations

import sqlite3
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness import Figure, is_quick, publish
from benchmarks.machine import load_text
from benchmarks.risk_audit import FULL, QUICK, audit_figures
from benchmarks.risk_durable import durable_figures
from benchmarks.risk_gate import FAIRNESS, gate_figures
from benchmarks.risk_hammer import hammer_figures


def main() -> None:
    """Measure everything and print it."""
    load_before = load_text()
    with tempfile.TemporaryDirectory(prefix="snipersight-bench-") as folder:
        figures = measure(Path(folder))
    form = "short form" if is_quick() else "full form"
    notes = (FAIRNESS, _versions())
    publish(f"SniperSight risk gate, {form}", figures, load_before=load_before, notes=notes)


def _versions() -> str:
    return (
        f"SQLite {sqlite3.sqlite_version}, SQLAlchemy {version('SQLAlchemy')}, "
        f"psycopg {version('psycopg')}."
    )


def measure(scratch: Path) -> list[Figure]:
    """Return every figure.

    Args:
        scratch: folder for everything temporary, some gigabytes in the full form.
    """
    quick = is_quick()
    rounds = 5 if quick else 9
    return [
        *gate_figures(scratch, rounds=rounds),
        *durable_figures(scratch, decisions=300 if quick else 2_000),
        *audit_figures(scratch, lengths=QUICK if quick else FULL, rounds=rounds),
        *hammer_figures(scratch, is_quick=quick),
    ]


if __name__ == "__main__":
    main()
