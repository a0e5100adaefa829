"""The exporter `otlp`: events as log records to an OpenTelemetry collector, by OTLP over HTTP.

The packages of the extra `otlp` do it; certificates, headers and compression are set with their own
variables, `OTEL_EXPORTER_OTLP_…`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import snipersight
from snipersight.bot.telemetry.events import EventType
from snipersight.bot.telemetry.exporters.port import ExportFailed
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.event_log import StoredEvent

if TYPE_CHECKING:
    from opentelemetry.sdk._logs import ReadableLogRecord

TIMEOUT_S: Final = 10.0
_LOGS_PATH: Final = "/v1/logs"
_TROUBLE: Final = frozenset(
    (
        *(EventType.ORDER_REFUSED, EventType.ORDER_UNKNOWN, EventType.BREAKER_TRIPPED),
        *(EventType.KILL, EventType.MESSAGE_FAILED, EventType.EVENTS_LOST),
        *(EventType.STATE_UNAVAILABLE, EventType.CACHE_CORRUPT),
    )
)


class OtlpExporter:
    """Hands events to OpenTelemetry's own exporter; an event may come twice, its `seq` tells.

    Args:
        endpoint: address of the collector; without a path, `/v1/logs` is added.
        timeout_s: for one request, its repetitions included.

    Raises:
        ConfigInvalid: the packages are not installed.
    """

    name = "otlp"
    most = 500

    def __init__(self, endpoint: str, *, timeout_s: float = TIMEOUT_S) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
            from opentelemetry.sdk._logs import ReadableLogRecord  # noqa: F401 - of the same version
        except ImportError as error:
            raise ConfigInvalid(
                f"the exporter otlp needs packages that are not installed ({error.name})",
                where="EVENT_EXPORTERS",
                next_step="pip install 'snipersight[otlp]', or take otlp out of EVENT_EXPORTERS",
            ) from error
        has_path = urlsplit(endpoint).path not in ("", "/")
        self._endpoint = endpoint if has_path else endpoint.rstrip("/") + _LOGS_PATH
        self._last_word = _LastWord()
        self._exporter = OTLPLogExporter(endpoint=self._endpoint, timeout=timeout_s)

    def export(self, events: Sequence[StoredEvent]) -> None:
        """Send one batch.

        Raises:
            ExportFailed: the collector did not take it.
        """
        from opentelemetry.sdk._logs.export import LogRecordExportResult

        if self._exporter.export(_records(events)) is LogRecordExportResult.SUCCESS:
            return
        why = f": {self._last_word.text}" if self._last_word.text else ""
        raise ExportFailed(
            f"the collector did not take events{why}",
            where=f"{urlsplit(self._endpoint).hostname}",
            next_step="check OTLP_ENDPOINT and the collector",
        )

    def close(self) -> None:
        """Close the connections."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # theirs


class _LastWord(logging.Handler):
    """Remembers why an export failed; the package says it to its log alone."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""
        vendor = logging.getLogger("opentelemetry.exporter.otlp")
        vendor.addHandler(self)
        vendor.propagate = False  # what failed is told once, by whoever called us

    def emit(self, record: logging.LogRecord) -> None:
        self.text = record.getMessage()


def attributes_of(event: StoredEvent) -> dict[str, Any]:
    """Return the fields of an event as attributes: lists and objects as JSON, nothing that is null."""
    fields = {k: v for k, v in json.loads(event.body).items() if k not in ("event", "at")}
    flat = {name: _flat(value) for name, value in fields.items() if value is not None}
    named = {"snipersight.key": event.key} if event.key else {}
    return {**flat, **named, "snipersight.seq": event.seq}


def _flat(value: object) -> object:
    is_deep = isinstance(value, (Mapping, list))
    return json.dumps(value, ensure_ascii=False) if is_deep else value


def _records(events: Sequence[StoredEvent]) -> list[ReadableLogRecord]:
    from opentelemetry._logs import LogRecord, SeverityNumber
    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    resource = Resource({"service.name": "snipersight", "service.version": snipersight.__version__})
    scope = InstrumentationScope("snipersight.events", snipersight.__version__)

    def record(event: StoredEvent) -> ReadableLogRecord:
        is_trouble = event.event_type in _TROUBLE
        return ReadableLogRecord(
            log_record=LogRecord(
                timestamp=event.at_us * 1_000,
                severity_number=SeverityNumber.WARN if is_trouble else SeverityNumber.INFO,
                severity_text="WARN" if is_trouble else "INFO",
                body=event.event_type,
                event_name=event.event_type,
                attributes=attributes_of(event),
            ),
            resource=resource,
            instrumentation_scope=scope,
        )

    return [record(event) for event in events]
