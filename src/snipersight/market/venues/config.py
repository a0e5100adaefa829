"""Which account of which venue is meant, and what may be talked to for it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.venue import Environment

# Everything that is talked to, requests and streams: whatever is not listed is refused.
_HOSTS: Final[Mapping[tuple[str, Environment], frozenset[str]]] = MappingProxyType(
    {
        ("binance", Environment.TESTNET): frozenset(
            {"testnet.binance.vision", "ws-api.testnet.binance.vision"}
        ),
        ("binance", Environment.DEMO): frozenset(
            {"demo-api.binance.com", "demo-ws-api.binance.com"}
        ),
        ("binance", Environment.LIVE): frozenset({"api.binance.com", "ws-api.binance.com"}),
        ("binanceusdm", Environment.DEMO): frozenset(
            {"demo-fapi.binance.com", "fstream.binancefuture.com"}
        ),
        # api.binance.com tells what the key may do.
        ("binanceusdm", Environment.LIVE): frozenset(
            {"fapi.binance.com", "fstream.binance.com", "api.binance.com"}
        ),
        ("bybit", Environment.TESTNET): frozenset(
            {"api-testnet.bybit.com", "stream-testnet.bybit.com"}
        ),
        ("bybit", Environment.DEMO): frozenset({"api-demo.bybit.com", "stream-demo.bybit.com"}),
        ("bybit", Environment.LIVE): frozenset({"api.bybit.com", "stream.bybit.com"}),
    }
)
VENUES: Final = tuple(sorted({venue for venue, _ in _HOSTS}))


def hosts_of(venue: str, environment: Environment) -> frozenset[str]:
    """Return every host name that may be talked to.

    Raises:
        ConfigInvalid: no orders are sent to that venue, or not in that environment.
    """
    found = _HOSTS.get((venue, environment))
    if found is not None:
        return found
    if venue not in VENUES:
        raise ConfigInvalid(
            f"no orders can be sent to {venue!r}",
            where="venue",
            next_step=f"use one of {', '.join(VENUES)}",
        )
    offered = [str(env) for name, env in _HOSTS if name == venue]
    raise ConfigInvalid(
        f"{venue} has no environment {environment}",
        where="environment",
        next_step=f"use one of {', '.join(offered)}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A server on this machine that answers for a venue's hosts; never for live ones.

    Args:
        port: where it listens.
        ca_file: certificate of the authority that signed its certificate, PEM.
        host: an address of this machine.

    Raises:
        ConfigInvalid: the address is not of this machine, the port is none, or the file is absent.
    """

    port: int
    ca_file: Path
    host: str = "127.0.0.1"

    def __post_init__(self) -> None:
        """Refuse what is not on this machine."""
        if not _is_loopback(self.host) or not 0 < self.port < 65536:
            raise ConfigInvalid(
                f"a gateway at {self.host}:{self.port} is not on this machine",
                where="EXCHANGE_GATEWAY",
                next_step="write it as 127.0.0.1:PORT",
            )
        if not self.ca_file.is_file():
            raise ConfigInvalid(
                f"there is no certificate file {self.ca_file}",
                where="EXCHANGE_GATEWAY_CA",
                next_step="name the file that the sandbox printed when it started",
            )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueConfig:
    """One account at one venue.

    Args:
        venue: `binance` (spot), `binanceusdm` or `bybit` (linear perpetuals).
        environment: which of its worlds; there is no default.
        api_key, api_secret: of the account there; never shown.
        gateway: stands in for the venue; None talks to the venue itself.
        account_name: ours, for messages.
        timeout_ms: longest wait for one answer.
        silent_after_s: a stream that says nothing for so long, not even an answer to our ping,
            counts as broken.
        time_scale: how much faster than ours the gateway's time runs; its limits follow it. 1
            without a gateway.

    Raises:
        ConfigInvalid: the venue has no such environment, a key is missing, or a gateway shall
            stand in for a live venue.
    """

    venue: str
    environment: Environment
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    gateway: Gateway | None = None
    account_name: str = ""
    timeout_ms: int = 10_000
    silent_after_s: float = 30.0
    time_scale: float = 1.0

    def __post_init__(self) -> None:
        """Refuse contradictions before anything is opened."""
        hosts_of(self.venue, self.environment)
        if self.environment is Environment.LIVE and self.gateway is not None:
            raise ConfigInvalid(
                "a gateway cannot stand in for a live venue",
                where="EXCHANGE_GATEWAY",
                next_step="unset it, or use the environment demo or testnet",
            )
        if self.time_scale <= 0 or (self.gateway is None and self.time_scale != 1):
            raise ConfigInvalid(
                f"the time of {self.venue} cannot run {self.time_scale} times as fast",
                where="time_scale",
                next_step="only the time of a gateway can be scaled",
            )
        if not self.api_key.strip() or not self.api_secret.strip():
            raise ConfigInvalid(
                f"key or secret of {self.venue} {self.environment} is missing",
                where=self.account_name or self.venue,
                next_step="set both; keys of demo, testnet and live differ",
            )

    @property
    def hosts(self) -> frozenset[str]:
        """Return every host name that may be talked to."""
        return hosts_of(self.venue, self.environment)
