"""What a run leaves behind: structured logs and typed events, without secrets."""

from snipersight.bot.telemetry.events import EventType, JsonlSink, NullSink, TelemetryEvent
from snipersight.bot.telemetry.logging import (
    configure_logging,
    log_context,
    log_pipeline_stage,
    log_structured,
)
from snipersight.bot.telemetry.masking import mask, mask_fields, register_secrets

__all__ = [
    "EventType",
    "JsonlSink",
    "NullSink",
    "TelemetryEvent",
    "configure_logging",
    "log_context",
    "log_pipeline_stage",
    "log_structured",
    "mask",
    "mask_fields",
    "register_secrets",
]
