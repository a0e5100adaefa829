"""How candidates ended, stage by stage, each with how many came as far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from snipersight.domain.decision import Stage
from snipersight.domain.evidence import ScanCount
from snipersight.domain.statistics import Funnel, StageCount
from snipersight.domain.wording import counted, percent

_WAY: Final = tuple(stage.value for stage in Stage)


def funnel_of(scans: Iterable[ScanCount]) -> Funnel:
    """Return how the candidates of scans ended.

    A candidate is counted in every scan that looked at it; a reason that names no stage is the
    risk gate's.
    """
    counts: Counter[tuple[str, str]] = Counter()
    number = 0
    for scan in scans:
        number += 1
        for reason, count in scan.funnel.items():
            counts[_parts(reason)] += count
    candidates = counts.total()
    stages: list[StageCount] = []
    reached = candidates
    for stage in _WAY:
        ended = _of_stage(counts, stage)
        stages += [_stage_count(stage, name, count, reached) for name, count in ended]
        reached -= sum(count for _, count in ended)
    return Funnel(
        scans=number,
        candidates=candidates,
        stages=tuple(stages),
        sentence=_sentence(number, candidates, counts),
    )


def _parts(reason: str) -> tuple[str, str]:
    stage, _, name = reason.partition(":")
    return (stage, name) if stage in _WAY else (Stage.REJECTED.value, reason)


def _of_stage(counts: Mapping[tuple[str, str], int], stage: str) -> list[tuple[str, int]]:
    found = [(name, count) for (its, name), count in counts.items() if its == stage and count]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _stage_count(stage: str, name: str, count: int, denominator: int) -> StageCount:
    return StageCount(stage=stage, name=name, count=count, denominator=denominator)


def _sentence(scans: int, candidates: int, counts: Mapping[tuple[str, str], int]) -> str:
    if not candidates:
        return "no scan is recorded yet"
    approved = counts.get((Stage.APPROVED.value, ""), 0)
    again = "; one that several scans looked at counts in each" if scans > 1 else ""
    return (
        f"{approved:,} of {counted(candidates, 'candidate')} in {counted(scans, 'scan')} "
        f"were approved ({percent(approved / candidates, 1)}){again}"
    )
