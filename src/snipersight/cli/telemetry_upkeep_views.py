"""What `snipersight db prune` prints of telemetry."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from snipersight.domain import wording as texts

if TYPE_CHECKING:
    from snipersight.storage.telemetry.pruning import TelemetryPruned


def telemetry_prune_lines(report: TelemetryPruned | None) -> Iterator[str]:
    """Yield what went of telemetry, or would go, a line each; None: there is none of it."""
    if report is None:
        return
    verb = "Would remove" if report.is_dry_run else "Removed"
    unsent = f", {report.unsent:,} of them not sent to everybody" if report.unsent else ""
    yield f"{verb} {texts.counted(report.events, 'old event')}{unsent}"
    if report.signals or report.scans:
        scans = texts.counted(report.scans, "count")
        yield f"{verb} {texts.counted(report.signals, 'signal')} and {scans} of scans: too many"
    if report.not_shrunk:
        yield f"warning: telemetry keeps the space of what went: {report.not_shrunk}"


def telemetry_prune_json(report: TelemetryPruned | None) -> dict[str, Any] | None:
    """Return what went of telemetry as JSON values."""
    if report is None:
        return None
    return dataclasses.asdict(report) | {"not_shrunk": report.not_shrunk or None}
