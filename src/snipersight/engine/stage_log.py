"""One line of the log for each stage of a scan: how far it came and how long it took."""

from __future__ import annotations

from snipersight.bot.telemetry.logging import log_pipeline_stage
from snipersight.engine.context import ScanContext


def log_stage(name: str, context: ScanContext, *, seconds: float) -> None:
    """Log that a stage of a scan has ended.

    Args:
        name: of the stage.
        context: as the stage left it.
        seconds: that it took.
    """
    log_pipeline_stage(
        name,
        {
            "context_id": context.context_id,
            **stage_counts(context),
            "seconds": round(seconds, 3),
        },
    )


def stage_counts(context: ScanContext) -> dict[str, int]:
    """Return how far a scan has come: symbols, those read, plans waiting, candidates at their end."""
    return {
        "symbols": len(context.universe),
        "read": sum(reading.error is None for reading in context.readings),
        "waiting": len(context.state.waiting),
        "ended": len(context.ended),
        "approved": len(context.approved),
    }
