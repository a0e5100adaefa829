"""How many planted errors the tests of `risk/` find, module by module.

    .venv/bin/mutmut run && .venv/bin/python -m benchmarks.mutation_score

The first command plants them one at a time (`[tool.mutmut]` in pyproject.toml), the second one
counts what `mutants/` remembers. `mutmut results` names the survivors, `mutmut show NAME` one.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from benchmarks.harness import Figure, at_least

RISK: Final = Path("mutants/src/snipersight/risk")
TARGET_PERCENT: Final = 90
# What a mutant's tests ended with: 1 and 3 are failures, the others what mutmut and the kernel
# say of tests that ran far over their usual time. Whatever else came out counts as not found.
_KILLED: Final = frozenset({1, 3, 36, 24, -24, 152, 255})
_UNTESTED: Final = frozenset({5, 33})
_PENDING: Final = None

Codes = Mapping[str, int | None]


class NotRun(Exception):
    """There is no finished run to count; the text says what to do."""


def main(folder: Path = RISK) -> int:
    """Print one line a module and the score of all; 1 below the target, 2 without a run."""
    try:
        modules = read_codes(folder)
        lines, figure = report(modules)
    except NotRun as missing:
        print(missing, file=sys.stderr)
        return 2
    print("\n".join(lines))
    print(f"\n{figure.as_json()}")
    return 0 if figure.is_met else 1


def read_codes(folder: Path) -> dict[str, Codes]:
    """Return the exit codes of every mutant by module.

    Raises:
        NotRun: the folder holds no mutant.
    """
    found = {
        _module(path, folder): json.loads(path.read_text())["exit_code_by_key"]
        for path in sorted(folder.rglob("*.py.meta"))
    }
    kept = {name: codes for name, codes in found.items() if codes}
    if not kept:
        raise NotRun(f"{folder}: no mutants; run .venv/bin/mutmut run first")
    return kept


def _module(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix().removesuffix(".py.meta")


def report(modules: Mapping[str, Codes]) -> tuple[list[str], Figure]:
    """Return the table and the score of all modules together.

    Raises:
        NotRun: some mutants were not tested yet.
    """
    everything = [code for codes in modules.values() for code in codes.values()]
    left = everything.count(_PENDING)
    if left:
        raise NotRun(f"{left} of {len(everything)} mutants are left; call mutmut run again")
    rows = [_row(name, codes.values()) for name, codes in modules.items()]
    rows.append(_row("all", everything))
    score = 100 * _killed(everything) / len(everything)
    note = f"{_killed(everything)} of {len(everything)} planted errors found"
    return [_HEADING, *rows], Figure(
        name="risk_mutants_killed",
        value=score,
        unit="%",
        target=at_least(TARGET_PERCENT),
        note=note,
    )


_HEADING: Final = (
    f"{'module':<24}{'mutants':>8}{'killed':>8}{'alive':>8}{'untested':>10}{'score':>9}"
)


def _row(name: str, codes: Iterable[int | None]) -> str:
    counts = Counter(_verdict(code) for code in codes)
    total = counts.total()
    score = 100 * counts["killed"] / total
    return (
        f"{name:<24}{total:>8}{counts['killed']:>8}{counts['alive']:>8}"
        f"{counts['untested']:>10}{score:>8.1f}%"
    )


def _killed(codes: Iterable[int | None]) -> int:
    return sum(code in _KILLED for code in codes)


def _verdict(code: int | None) -> str:
    if code in _UNTESTED:
        return "untested"
    return "killed" if code in _KILLED else "alive"


if __name__ == "__main__":
    sys.exit(main())
