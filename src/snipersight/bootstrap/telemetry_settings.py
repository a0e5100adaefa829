"""Settings of telemetry: where events go besides the store."""

from __future__ import annotations

import re
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from snipersight.bootstrap.setting_forms import SigningSecret, Words

_NONE: Final = "none"
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,15}")


class TelemetrySettings(BaseSettings):
    """Every variable of exporters of events; a part of `Settings`."""

    event_exporters: Words = ("jsonl",)
    events_webhook_url: SecretStr | None = None
    events_webhook_secret: SigningSecret | None = None
    events_webhook_allow_private: bool = False
    otlp_endpoint: str | None = None

    @field_validator("event_exporters", mode="after")
    @classmethod
    def _exporter_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        strange = [name for name in names if not _NAME.fullmatch(name)]
        if strange:
            raise ValueError(f"{', '.join(strange)} is no name of an exporter")
        if _NONE in names and len(names) > 1:
            raise ValueError("none stands alone: no exporter, or those that are named")
        return () if _NONE in names else tuple(dict.fromkeys(names))

    @field_validator("events_webhook_url", mode="after")
    @classmethod
    def _web_address_of_events(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value().strip()
        if not _is_web_address(text):
            raise ValueError("is no web address: write https://host/path")
        return SecretStr(text)

    @field_validator("otlp_endpoint", mode="after")
    @classmethod
    def _collector(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = _split(value.strip())
        if parts is None or not _is_web_address(value.strip()):
            raise ValueError("is no address of a collector such as http://127.0.0.1:4318")
        if parts.username or parts.password:
            raise ValueError("must hold no password: use OTEL_EXPORTER_OTLP_HEADERS")
        return value.strip()

    @model_validator(mode="after")
    def _exporters_have_addresses(self) -> Self:
        problems = missing_addresses(self)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def events_secrets(self) -> tuple[str, ...]:
        """Return the values of exporters that no log may show."""
        held = (self.events_webhook_url, self.events_webhook_secret)
        return tuple(one.get_secret_value() for one in held if one is not None)


def missing_addresses(settings: TelemetrySettings) -> list[str]:
    """Return what the exporters that are named lack, one sentence each."""
    names, problems = settings.event_exporters, []
    is_set = settings.events_webhook_url is not None and settings.events_webhook_secret is not None
    if "webhook" in names and not is_set:
        problems.append(
            "EVENT_EXPORTERS names webhook, which needs EVENTS_WEBHOOK_URL and EVENTS_WEBHOOK_SECRET"
        )
    if "otlp" in names and settings.otlp_endpoint is None:
        problems.append("EVENT_EXPORTERS names otlp, which needs OTLP_ENDPOINT")
    return problems


def unused_addresses(settings: TelemetrySettings) -> tuple[str, ...]:
    """Return which addresses nothing is sent to, because no exporter is named for them."""
    pairs = (
        ("webhook", "EVENTS_WEBHOOK_URL", settings.events_webhook_url),
        ("otlp", "OTLP_ENDPOINT", settings.otlp_endpoint),
    )
    return tuple(
        f"{variable} is set but EVENT_EXPORTERS does not name {name}: no event goes there"
        for name, variable, value in pairs
        if value is not None and name not in settings.event_exporters
    )


def _is_web_address(text: str) -> bool:
    parts = _split(text)
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # reading it refuses one that is no number
    except ValueError:
        return None
    return parts
