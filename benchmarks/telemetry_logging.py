"""What a log call costs, and a scrape of the metrics."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry

from benchmarks.harness import Figure, at_most, median, progress
from benchmarks.telemetry_stats import SIGNALS, fill
from snipersight.bootstrap.metrics.opening import open_metrics
from snipersight.bootstrap.settings import Settings
from snipersight.bot.telemetry.logging import configure_logging, log_context, log_structured
from snipersight.bot.telemetry.metrics.serving import metrics_text, registry_of

_ROUNDS: Final = 5
_CALLS: Final = 4_000
_SCRAPES: Final = 5
_NANO: Final = 1e-3  # microseconds
_SECRETS: Final = tuple(f"secret-value-{number:02}" for number in range(8))


def log_figure(scratch: Path) -> Figure:
    """Return what one call costs its caller: a line of eight fields, masked, in the file.

    Args:
        scratch: folder for everything temporary.
    """
    progress("log calls")
    logs = scratch / "logs"
    logs.mkdir()
    configure_logging(logs=logs, secrets=_SECRETS)
    try:
        with log_context("scan_20250119_142345_a1b2c3"):
            rounds = [_log_round() for _ in range(_ROUNDS)]
    finally:
        configure_logging(logs=None)
    p99 = median([statistics.quantiles(one, n=100)[98] for one in rounds])
    note = f"median of {_ROUNDS} rounds of {_CALLS:,} lines to a file; p99 {p99:.1f} µs"
    value = median([statistics.median(one) for one in rounds])
    return Figure(name="log_call_us", value=value, unit="µs", target=at_most(30), note=note)


def scrape_figure(scratch: Path, *, signals: int = SIGNALS) -> Figure:
    """Return how long Prometheus waits for all metrics of a store with so many signals.

    Args:
        scratch: folder for everything temporary.
        signals: how many are kept, each with its outcome.
    """
    progress(f"scrapes of {signals:,} signals")
    home = scratch / "scraped"
    fill(home, signals)
    with open_metrics(Settings(_env_file=None, snipersight_home=home)) as collector:
        registry = registry_of(collector)
        metrics_text(registry)  # opens the stores
        seconds = [_scrape_s(registry) for _ in range(_SCRAPES)]
    note = f"median of {_SCRAPES} scrapes of {signals:,} signals with their outcomes"
    value = median(seconds)
    return Figure(name="metrics_scrape_s", value=value, unit="s", target=at_most(1), note=note)


def _log_round() -> list[float]:
    spent = []
    for number in range(_CALLS):
        began = time.perf_counter_ns()
        log_structured(
            "plan scored",
            stage="confluence_scoring",
            symbol="BTC/USDT:USDT",
            score=92.3,
            tier="A",
            direction="LONG",
            timeframe="4h",
            setup_id=f"a3f2b1c4d5e6{number:04}",
        )
        spent.append((time.perf_counter_ns() - began) * _NANO)
    return spent


def _scrape_s(registry: CollectorRegistry) -> float:
    began = time.perf_counter()
    metrics_text(registry)
    return time.perf_counter() - began
