"""The exporters that the settings name, built; one that cannot be leaves the others alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.settings import Settings
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from snipersight.bot.telemetry.exporters import Exporter

LOCAL: Final = "jsonl"  # the exporter that needs nobody else


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenExporters:
    """What became of the exporters that are named.

    Args:
        exporters: those that can be used.
        problems: one error for each of the others.
    """

    exporters: tuple[Exporter, ...]
    problems: tuple[ConfigInvalid, ...] = ()


def open_exporters(
    settings: Settings, *, logs: Path | None, names: Sequence[str] | None = None
) -> OpenExporters:
    """Build exporters.

    Args:
        settings: addresses and secrets.
        logs: folder of the file of events; None where no file can be kept.
        names: which; None: those of the settings.
    """
    exporters: list[Exporter] = []
    problems: list[ConfigInvalid] = []
    for name in settings.event_exporters if names is None else names:
        try:
            exporters.append(_made(name, settings, logs))
        except ConfigInvalid as error:
            problems.append(error)
    return OpenExporters(exporters=tuple(exporters), problems=tuple(problems))


def claim_owner() -> str:
    """Return a name that no other process claims by."""
    return f"{os.getpid()}:{secrets.token_hex(6)}"


def _made(name: str, settings: Settings, logs: Path | None) -> Exporter:
    own: dict[str, Callable[[], Exporter]] = {
        LOCAL: lambda: _jsonl(logs),
        "webhook": lambda: _webhook(settings),
        "otlp": lambda: _otlp(settings),
    }
    if name in own:
        return own[name]()
    from snipersight.bot.telemetry.exporters.plugins import load_exporter

    return load_exporter(name)


def _jsonl(logs: Path | None) -> Exporter:
    from snipersight.bot.telemetry.exporters.jsonl import JsonlExporter

    if logs is None:
        raise ConfigInvalid(
            "the file of events cannot be kept",
            where="exporter jsonl",
            next_step="set SNIPERSIGHT_HOME to a folder you can write to",
        )
    return JsonlExporter(logs)


def _webhook(settings: Settings) -> Exporter:
    from snipersight.bot.telemetry.exporters.webhook import WebhookExporter

    url, secret = settings.events_webhook_url, settings.events_webhook_secret
    if url is None or secret is None:
        raise _lacking("webhook", "EVENTS_WEBHOOK_URL and EVENTS_WEBHOOK_SECRET")
    return WebhookExporter(
        url.get_secret_value(),
        secret.get_secret_value(),
        allow_private=settings.events_webhook_allow_private,
    )


def _otlp(settings: Settings) -> Exporter:
    from snipersight.bot.telemetry.exporters.otlp import OtlpExporter

    if settings.otlp_endpoint is None:
        raise _lacking("otlp", "OTLP_ENDPOINT")
    return OtlpExporter(settings.otlp_endpoint)


def _lacking(name: str, variables: str) -> ConfigInvalid:
    return ConfigInvalid(
        f"the exporter {name} has no address", where="settings", next_step=f"set {variables}"
    )
