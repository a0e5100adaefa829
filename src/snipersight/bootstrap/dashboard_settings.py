"""Settings of the dashboard, `snipersight dashboard`."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import field_validator, model_validator
from pydantic_settings import BaseSettings

from snipersight.bootstrap.environment import absolute
from snipersight.bootstrap.run_settings import parse_address, plain_hosts
from snipersight.bootstrap.setting_forms import Words

_LOCAL_NAME: Final = "localhost"
_NETWORK_PLACE: Final = re.compile(r"(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?")


class DashboardSettings(BaseSettings):
    """Every variable of the dashboard; a part of `Settings`."""

    dashboard_listen: str = "127.0.0.1:8321"
    dashboard_allowed_hosts: Words = ()
    dashboard_tls_cert: Path | None = None
    dashboard_tls_key: Path | None = None
    public_url: str | None = None

    @field_validator("dashboard_listen", mode="after")
    @classmethod
    def _dashboard_address(cls, value: str) -> str:
        if parse_address(value.strip()) is None:
            raise ValueError("is no address such as 127.0.0.1:8321")
        return value.strip()

    @field_validator("dashboard_allowed_hosts", mode="after")
    @classmethod
    def _dashboard_hosts(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return plain_hosts(names)

    @field_validator("dashboard_tls_cert", "dashboard_tls_key", mode="after")
    @classmethod
    def _whole_path(cls, value: Path | None) -> Path | None:
        return None if value is None else absolute(value)

    @field_validator("public_url", mode="after")
    @classmethod
    def _safe_address(cls, value: str | None) -> str | None:
        return None if value is None else public_address(value)

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> Self:
        if (self.dashboard_tls_cert is None) != (self.dashboard_tls_key is None):
            raise ValueError("DASHBOARD_TLS_CERT and DASHBOARD_TLS_KEY belong together: set both")
        return self


def public_address(text: str) -> str:
    """Return an address that links may begin with, `https://bot.example.org`, without a slash.

    Raises:
        ValueError: it is none, holds more than scheme, host and port, or leaves this machine
            unprotected.
    """
    parts = _split(text.strip())
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no web address: write https://bot.example.org")
    if not _NETWORK_PLACE.fullmatch(parts.netloc.lower()) or parts.query or parts.fragment:
        raise ValueError("must be scheme, host and port alone")
    if parts.path not in ("", "/"):
        raise ValueError("must end after host and port: the dashboard is at the top of its address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must begin with https:// unless it is this machine")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine and nobody else can reach it."""
    if host.lower() == _LOCAL_NAME:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # reading it refuses one that is no number
    except ValueError:
        return None
    return parts
