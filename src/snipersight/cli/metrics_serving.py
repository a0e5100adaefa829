"""Serves or prints metrics until it is told to stop."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

from snipersight.bootstrap.metrics.opening import open_metrics
from snipersight.bootstrap.session import open_surroundings
from snipersight.bootstrap.settings import Settings
from snipersight.bot.telemetry.metrics.serving import metrics_text, registry_of, served
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def print_metrics(env_file: Path | None) -> ExitCode:
    """Print all metrics once, in Prometheus' text format."""
    with open_metrics(_settings(env_file)) as collector:
        print(metrics_text(registry_of(collector)), end="")
    return ExitCode.OK


def serve_metrics(env_file: Path | None, *, host: str, port: int) -> ExitCode:
    """Serve metrics until SIGINT or SIGTERM.

    Raises:
        ConfigInvalid: the settings are wrong.
        VenueUnavailable: nobody can listen there.
    """
    settings, stop = _settings(env_file), threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with (
        open_metrics(settings) as collector,
        served(
            registry_of(collector),
            host=host,
            port=port,
            allowed_hosts=settings.run_allowed_hosts,
        ) as address,
    ):
        print(address, flush=True)
        if host not in _LOOPBACK:
            say("warning: whoever reaches this address reads balances and positions")
        say("Ctrl-C ends it.")
        stop.wait()
    return ExitCode.OK


def _settings(env_file: Path | None) -> Settings:
    surroundings = open_surroundings(env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    return surroundings.settings
