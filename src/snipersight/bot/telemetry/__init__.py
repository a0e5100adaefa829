"""What a run leaves behind: structured logs and typed events, without secrets."""

from snipersight.bot.telemetry.events import (
    EventType,
    LogSink,
    NullSink,
    TelemetryEvent,
)
from snipersight.bot.telemetry.logging import (
    bind_context,
    configure_logging,
    log_context,
    log_pipeline_stage,
    log_structured,
)
from snipersight.bot.telemetry.masking import mask, mask_fields, register_secrets
from snipersight.bot.telemetry.scan_sinks import CountingSink, ScanContextSink

__all__ = [
    "CountingSink",
    "EventType",
    "LogSink",
    "NullSink",
    "ScanContextSink",
    "TelemetryEvent",
    "bind_context",
    "configure_logging",
    "log_context",
    "log_pipeline_stage",
    "log_structured",
    "mask",
    "mask_fields",
    "register_secrets",
]
