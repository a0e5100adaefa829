"""Serves metrics over HTTP, or writes them once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
    make_wsgi_app,
)

from snipersight.bot.telemetry.local_http import served_app

if TYPE_CHECKING:
    from prometheus_client.registry import Collector


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
def served(
    registry: CollectorRegistry, *, host: str, port: int, allowed_hosts: Collection[str] = ()
) -> Iterator[str]:
    """Serve the metrics on threads of their own; yield their address.

    Args:
        registry: what is served.
        host: to listen on; nobody is asked who they are.
        port: 0 for any that is free.
        allowed_hosts: names besides `host` that a request may call us by.

    Raises:
        VenueUnavailable: nobody can listen there.
    """
    with served_app(
        make_wsgi_app(registry),
        host=host,
        port=port,
        what="metrics",
        next_step="choose another --port, or end what listens there",
        allowed_hosts=allowed_hosts,
    ) as address:
        yield f"{address}/metrics"
