"""What every benchmark shares: repetitions, figures with their targets, and the printed result.

A benchmark collects `Figure`s and hands them to `publish`, which prints one table for people and
one JSON line per figure for programs. Contenders of a comparison take turns (`take_turns`), so
that whatever else the machine does strikes them alike and their ratio stays fair.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.machine import describe_machine, load_text

_DIGITS = 5  # of a value in JSON; no measurement here is good to more


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The limit a figure has to keep.

    Args:
        relation: `<=` where less is better, `>=` where more is better.
        limit: in the figure's unit; reaching it exactly is good enough.
    """

    relation: Literal["<=", ">="]
    limit: float

    def is_met_by(self, value: float) -> bool:
        """Return whether the value keeps the limit."""
        return value <= self.limit if self.relation == "<=" else value >= self.limit

    def __str__(self) -> str:
        """Return the target as `<= 20`."""
        return f"{self.relation} {_plain(self.limit)}"


def at_most(limit: float) -> Target:
    """Return a target where less is better."""
    return Target(relation="<=", limit=limit)


def at_least(limit: float) -> Target:
    """Return a target where more is better."""
    return Target(relation=">=", limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number, or the reason why there is none.

    Args:
        name: stable key in snake case, by which results are compared between runs.
        value: in `unit`; None if it could not be measured.
        unit: of the value, and of the target's limit.
        target: None for a number that is only told.
        note: how it was taken; without a value, why it is missing.

    Raises:
        ValueError: the value is NaN or infinite, or missing without a reason.
    """

    name: str
    value: float | None
    unit: str
    target: Target | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse what no reader could interpret."""
        if self.value is None and not self.note:
            raise ValueError(f"{self.name}: a missing value needs its reason")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"{self.name}: {self.value} is no measurement")

    @property
    def is_met(self) -> bool | None:
        """Return whether the target is met: never without a value; None without a target."""
        if self.target is None:
            return None
        return self.value is not None and self.target.is_met_by(self.value)

    def as_json(self) -> str:
        """Return the figure as one line of JSON; `reason` is there only if the value is null."""
        fields: dict[str, object] = {
            "figure": self.name,
            "value": None if self.value is None else _rounded(self.value),
            "unit": self.unit,
            "target": None if self.target is None else str(self.target),
            "met": self.is_met,
        }
        if self.value is None:
            fields["reason"] = self.note
        return json.dumps(fields, ensure_ascii=False)

    def row(self) -> tuple[str, str, str, str, str]:
        """Return name, value with unit, target, verdict and note for the table."""
        value = "not measured" if self.value is None else f"{_plain(self.value)} {self.unit}"
        verdict = {True: "yes", False: "NO", None: "-"}[self.is_met]
        return (self.name, value, str(self.target or "-"), verdict, self.note)


def seconds(call: Callable[[], object], *, at_least_s: float = 0.0) -> float:
    """Return how long one call takes, in seconds of wall time.

    Args:
        call: what is measured.
        at_least_s: short calls are repeated for so long, and the mean is returned: a single one
            would show whether another process had the core, not what the call costs.
    """
    started, calls = time.perf_counter(), 0
    while True:
        call()
        calls += 1
        elapsed = time.perf_counter() - started
        if elapsed >= at_least_s:
            return elapsed / calls


def take_turns(
    contenders: Mapping[str, Callable[[], float]], *, rounds: int
) -> dict[str, list[float]]:
    """Let every contender measure itself once a round, and return what each reported.

    Args:
        contenders: each returns its own measurement; what it prepares is not ours to count.
        rounds: measurements of each, at least 1.

    Raises:
        ValueError: no round was asked for.
    """
    if rounds < 1:
        raise ValueError(f"{rounds} rounds measure nothing")
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            found[name].append(measure())
    return found


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` of all values do not exceed (nearest rank).

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values to rank")
    rank = math.ceil(len(values) * percent / 100)
    return sorted(values)[max(0, rank - 1)]


def spread(values: Sequence[float], *, scale: float = 1.0) -> str:
    """Return `median of 5: 1.2 … 1.9`, with the values multiplied by `scale`."""
    low, high = min(values) * scale, max(values) * scale
    return f"median of {len(values)}: {_plain(low)} … {_plain(high)}"


def is_quick(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether `QUICK=1` asks for the short form; empty, `0` and `no` do not."""
    return environment.get("QUICK", "").lower() not in ("", "0", "no", "false")


def publish(
    title: str, figures: Sequence[Figure], *, load_before: str, notes: Sequence[str] = ()
) -> None:
    """Print the machine, the table, what has to be known to read it, and the JSON lines.

    Args:
        title: of the benchmark.
        figures: in the order they are shown.
        load_before: `load_text()` from before the first measurement.
        notes: sentences below the table.
    """
    print(f"{title}\n")
    machine = {**describe_machine(), "load before": load_before, "load after": load_text()}
    for name, text in machine.items():
        print(f"  {name:<12} {text}")
    print()
    print("\n".join(table([figure.row() for figure in figures])))
    print("".join(f"\n{note}" for note in notes) + "\n" if notes else "")
    for figure in figures:
        print(figure.as_json())


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the rows below their heading, in aligned columns."""
    lines = [("figure", "measured", "target", "met", "how"), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return [
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[4]]
        )
        for line in lines
    ]


def progress(text: str) -> None:
    """Say on stderr what is being measured; stdout belongs to the result."""
    print(f"… {text}", file=sys.stderr, flush=True)


def median(values: Sequence[float]) -> float:
    """Return the middle value, or the mean of the two middle ones.

    Raises:
        statistics.StatisticsError: there are no values.
    """
    return statistics.median(values)


def paired_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median of what each turn's pair gives: slow minutes strike both halves alike.

    Raises:
        ValueError: there are not as many of one as of the other.
    """
    return median([high / low for high, low in zip(above, below, strict=True)])


def _rounded(value: float) -> float:
    rounded = float(f"{value:.{_DIGITS}g}")
    return int(rounded) if rounded.is_integer() else rounded


def _plain(value: float) -> str:
    """Return three digits, or all before the point with separators."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
