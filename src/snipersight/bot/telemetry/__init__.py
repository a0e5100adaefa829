"""What a run leaves behind: structured logs and typed events, without secrets."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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

_MODULE_OF: Final = {
    **dict.fromkeys(("EventType", "LogSink", "NullSink", "TelemetryEvent"), "events"),
    **dict.fromkeys(("mask", "mask_fields", "register_secrets"), "masking"),
    **dict.fromkeys(("CountingSink", "ScanContextSink"), "scan_sinks"),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 — a name can stand for anything
    """Return a public name, whose module is loaded by the first who asks for it.

    Statistics are in this package too, and logs take longer to load than they do.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_MODULE_OF.get(name, 'logging')}")
    return getattr(module, name)
