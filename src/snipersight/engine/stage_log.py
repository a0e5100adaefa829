"""One line of the log for each stage of a scan: how far it came and how long it took."""

from __future__ import annotations

from snipersight.bot.telemetry.logging import log_pipeline_stage
from snipersight.engine.context import ScanContext
from snipersight.engine.hook_events import stage_counts


def log_stage(name: str, context: ScanContext, *, seconds: float) -> None:
    """Log that a stage of a scan has ended.

    Args:
        name: of the stage.
        context: as the stage left it.
        seconds: that it took.
    """
    counts = stage_counts(context)
    log_pipeline_stage(
        name, {"context_id": context.context_id, **counts, "seconds": round(seconds, 3)}
    )
