"""A finished sweep as it is kept: which values each run had, and what the best of them is worth."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.evidence.sweep_reading import answers
from snipersight.storage.kept_sweeps import KeptSweep, SweepFolder, SweptRun

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.sweep import Swept


def record_sweep(swept: Swept, folder: Path | None) -> None:
    """Keep a finished sweep beside its runs.

    Args:
        swept: what it showed.
        folder: of the runs that are kept; None: neither is.

    Raises:
        StateUnavailable: it cannot be written.
    """
    if folder is not None:
        kept = kept_sweep(swept, made_ms=time.time_ns() // 1_000_000)
        SweepFolder.beside(folder).keep(kept)


def kept_sweep(swept: Swept, *, made_ms: int) -> KeptSweep:
    """Return a finished sweep as it is kept.

    Args:
        swept: what it showed.
        made_ms: now, milliseconds UTC.
    """
    request, luck, study = swept.request, swept.judged.luck, swept.judged.study
    best, space = swept.best.run, request.variants.space
    runs = tuple(
        SweptRun(run_id=one.run.run_id, values=tuple(space.values(one.choice)))
        for one in swept.trials
        if one.run is not None
    )
    profile, varied = request.recorded.profile, tuple(one.name for one in space.axes)
    return KeptSweep(
        sweep_id=_id_of(profile.content_hash, varied, runs),
        made_ms=made_ms,
        profile=profile.name,
        profile_hash=profile.content_hash,
        search=request.search.value,
        start_ms=swept.period.start_ms,
        end_ms=swept.period.end_ms,
        varied=varied,
        tried=len(swept.trials),
        failed=len(swept.failed),
        runs=runs,
        best="" if best is None else best.run_id,
        trials=study.trials.count,
        finding=study.verdict.finding,
        sentence=study.verdict.sentence,
        luck=None if luck is None else luck.probability,
        answers=answers(swept),
    )


def _id_of(profile_hash: str, varied: tuple[str, ...], runs: tuple[SweptRun, ...]) -> str:
    """Return a hash of what was tried: of a run's id depend its candles, period, limits and code."""
    facts = (profile_hash, varied, sorted((one.run_id, one.values) for one in runs))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
