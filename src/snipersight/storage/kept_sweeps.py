"""Sweeps as they are kept beside their runs: what was varied in which run, and what the best is worth.

A run may belong to many sweeps, so it does not know them: the sweep names its runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from snipersight.domain.errors import StateUnavailable
from snipersight.performance.verdict import Finding
from snipersight.storage.kept_files import read_kept, write_kept

SCHEMA: Final = "snipersight.sweep/1"
_NUMBERS: Final = ("made_ms", "start_ms", "end_ms", "tried", "failed", "trials")
_TEXTS: Final = ("sweep_id", "profile", "profile_hash", "search", "best", "sentence")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptRun:
    """A run of a sweep.

    Args:
        run_id: of the run that is kept.
        values: what was varied in it, in the order of the sweep's `varied`.
    """

    run_id: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSweep:
    """A sweep that was made.

    Args:
        sweep_id: hash of what was tried; the same sweep made again has the same.
        made_ms: when it was finished, milliseconds UTC.
        profile, profile_hash: whose values were varied, and its content hash.
        search: how combinations were chosen, `grid`.
        start_ms, end_ms: of all runs, milliseconds UTC.
        varied: names of the parameters.
        tried, failed: how many combinations were tried, and how many of these gave nothing.
        runs: those that gave something, in the order they were asked for.
        best: id of the run with the highest Sharpe ratio of all days.
        trials: made on these candles when it was judged, those of the sweep among them.
        finding, sentence: verdict on the best, by days that had not chosen it.
        luck: how likely the best is best by luck, 0 to 1; None: too few runs or days.
        answers: questions and sentences, as the terminal told them.
    """

    sweep_id: str
    made_ms: int
    profile: str
    profile_hash: str
    search: str
    start_ms: int
    end_ms: int
    varied: tuple[str, ...]
    tried: int
    failed: int
    runs: tuple[SweptRun, ...]
    best: str
    trials: int
    finding: Finding
    sentence: str
    luck: float | None
    answers: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        if any(len(one.values) != len(self.varied) for one in self.runs):
            raise ValueError("a run has other values than were varied")


@dataclass(frozen=True, slots=True)
class SweepFolder:
    """A folder of kept sweeps.

    Args:
        path: of the folder; it need not exist yet.
    """

    path: Path

    @classmethod
    def beside(cls, runs: Path) -> SweepFolder:
        """Return the one that belongs to a folder of runs."""
        return cls(runs / "sweeps")

    def keep(self, sweep: KeptSweep) -> None:
        """Keep a sweep, whole or not at all; it takes the place of the same sweep made before.

        Raises:
            StateUnavailable: it cannot be written.
        """
        document = {"schema": SCHEMA, **asdict(sweep)}
        write_kept(self.path / f"{sweep.sweep_id}.json", document, what="the sweep")

    def all(self) -> tuple[KeptSweep, ...]:
        """Return every sweep that is kept, oldest first.

        Raises:
            StateUnavailable: one cannot be read, or is damaged.
        """
        found = [_read(file) for file in sorted(self.path.glob("*.json"))]
        return tuple(sorted(found, key=lambda one: (one.made_ms, one.sweep_id)))


def _read(file: Path) -> KeptSweep:
    damaged = StateUnavailable(
        "a sweep that was kept cannot be read",
        where=str(file),
        next_step="restore the file from a copy, or move it away: its runs are then told one by one",
    )
    held = read_kept(file, damaged=damaged)
    if held.pop("schema", None) != SCHEMA or set(held) != {one.name for one in fields(KeptSweep)}:
        raise damaged
    try:
        return _sweep_of(held)
    except (TypeError, ValueError, KeyError) as error:
        raise damaged from error


def _sweep_of(held: dict[str, Any]) -> KeptSweep:
    if any(type(held[name]) is not int for name in _NUMBERS):
        raise TypeError("a time or a count is not a whole number")
    if any(type(held[name]) is not str for name in _TEXTS):
        raise TypeError("a name or a sentence is no text")
    runs = (
        SweptRun(run_id=str(one["run_id"]), values=_texts(one["values"])) for one in held["runs"]
    )
    answers = ((str(question), str(said)) for question, said in held["answers"])
    luck = held["luck"]
    return KeptSweep(
        **{
            **held,
            "varied": _texts(held["varied"]),
            "runs": tuple(runs),
            "finding": Finding(held["finding"]),
            "luck": None if luck is None else float(luck),
            "answers": tuple(answers),
        }
    )


def _texts(values: Sequence[object]) -> tuple[str, ...]:
    return tuple(map(str, values))
