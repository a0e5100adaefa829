"""Serves metrics over HTTP, or writes them once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
    start_http_server,
)

from snipersight.domain.errors import VenueUnavailable

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

_PATIENCE_S: Final = 5.0


def registry_of(collector: Collector) -> CollectorRegistry:
    """Return a registry with these metrics and those of this process."""
    registry = CollectorRegistry()
    registry.register(collector)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def metrics_text(registry: CollectorRegistry) -> str:
    """Return all metrics in Prometheus' text format."""
    return generate_latest(registry).decode()


@contextmanager
def served(registry: CollectorRegistry, *, host: str, port: int) -> Iterator[str]:
    """Serve the metrics on threads of their own; yield their address.

    Args:
        registry: what is served.
        host: to listen on; nobody is asked who they are.
        port: 0 for any that is free.

    Raises:
        VenueUnavailable: nobody can listen there.
    """
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise VenueUnavailable(
            f"metrics cannot be served: {reason}",
            where=f"{host}:{port}",
            next_step="choose another --port, or end what listens there",
        ) from error
    try:
        name = f"[{host}]" if ":" in host else host
        yield f"http://{name}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_PATIENCE_S)
