"""Addresses of clusters: those whose connection nobody else can read or change."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from snipersight.domain.errors import ConfigInvalid

WHERE: Final = "--cluster"
_ENCRYPTED: Final = "tls"
_PLAIN: Final = "tcp"


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """Where a scheduler listens.

    Args:
        scheme: `tls`, `tcp`, or whatever was written.
        host, port: of the scheduler.
    """

    scheme: str
    host: str
    port: int


def require_safe(address: str) -> None:
    """Refuse an address whose connection others could read or change.

    Whoever talks to a scheduler can run code on its workers, so that only certificates on both
    sides (`tls://`) or the loopback of this machine (`tcp://`) will do.

    Raises:
        ConfigInvalid: the address may not be used.
    """
    found = parse_address(address)
    if is_encrypted(address) or (found.scheme == _PLAIN and _is_loopback(found.host)):
        return
    raise ConfigInvalid(
        f"{found.scheme}://{found.host} is not encrypted, and who talks to a scheduler can run code "
        "on its workers",
        where=WHERE,
        next_step="start scheduler and workers with certificates and name tls://HOST:PORT; plain "
        "tcp:// goes to this machine's own loopback only",
    )


def is_encrypted(address: str) -> bool:
    """Return whether an address asks for certificates on both sides."""
    return parse_address(address).scheme == _ENCRYPTED


def parse_address(address: str) -> ClusterAddress:
    """Return the parts of an address.

    Raises:
        ConfigInvalid: it cannot be read, or holds a name or password.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if host is None or port is None or parts.username is not None:
        raise ConfigInvalid(
            "the address of the cluster cannot be read",
            where=WHERE,
            next_step="write it as tls://scheduler.example:8786",
        )
    return ClusterAddress(parts.scheme, host, port)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
