"""Brings what readers find to Prometheus; one that fails is told and keeps none of the others."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from snipersight.bot.telemetry.logging import log_structured
from snipersight.bot.telemetry.metrics.families import Family, Kind, Labels
from snipersight.domain.errors import SniperSightError

PREFIX: Final = "snipersight"
Reader = Callable[[], Sequence[Family]]


class StoreCollector(Collector):
    """Reads everything anew for each scrape; scrapes take turns.

    Args:
        readers: by name; each returns its metrics, or raises where it cannot.
        clock_s: seconds that only grow.
    """

    def __init__(
        self, readers: Mapping[str, Reader], *, clock_s: Callable[[], float] = time.perf_counter
    ) -> None:
        self._readers: Final = dict(readers)
        self._clock_s: Final = clock_s
        self._turn: Final = threading.Lock()
        self._growing: Final[dict[tuple[str, Labels], _Growing]] = defaultdict(_Growing)
        self._silent: Final[set[str]] = set()

    def describe(self) -> Iterable[Metric]:
        """Return nothing: what there is to read is known when it is asked for."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield every metric that can be read now."""
        with self._turn:
            families = self._read()
        yield from (_metric(family) for family in families)

    def _read(self) -> list[Family]:
        found: list[Family] = []
        up: dict[Labels, float] = {}
        seconds: dict[Labels, float] = {}
        for name, reader in self._readers.items():
            began_s = self._clock_s()
            families = self._try(name, reader)
            found += [self._grown(family) for family in families or ()]
            up[(name,)] = float(families is not None)
            seconds[(name,)] = self._clock_s() - began_s
        return [*found, *_own(up, seconds)]

    def _try(self, name: str, reader: Reader) -> Sequence[Family] | None:
        try:
            families = reader()
        except Exception as error:  # noqa: BLE001 - whether positions are covered must be served
            if name not in self._silent:  # once, not every fifteen seconds
                self._silent.add(name)
                why = str(error) if isinstance(error, SniperSightError) else repr(error)
                log_structured(
                    f"metrics of {name} cannot be read: {why}", level="WARNING", stage="metrics"
                )
            return None
        self._silent.discard(name)
        return families

    def _grown(self, family: Family) -> Family:
        if family.kind is not Kind.COUNTER:
            return family
        values = {
            labels: self._growing[family.name, labels].take(value)
            for labels, value in family.values.items()
        }
        return Family(
            name=family.name,
            help=family.help,
            kind=family.kind,
            labels=family.labels,
            values=values,
        )


class _Growing:
    """A count that does not fall when old rows are pruned: Prometheus would take that for a restart.

    What is counted anew after a fall is counted from there.
    """

    def __init__(self) -> None:
        self._seen = 0.0
        self._total = 0.0

    def take(self, value: float) -> float:
        self._total += max(0.0, value - self._seen)
        self._seen = value
        return self._total


def _own(up: Mapping[Labels, float], seconds: Mapping[Labels, float]) -> tuple[Family, ...]:
    return (
        Family(
            name="reader_up",
            help="Whether a part of the metrics could be read.",
            labels=("reader",),
            values=up,
        ),
        Family(
            name="reader_duration_seconds",
            help="How long reading a part of the metrics took.",
            labels=("reader",),
            values=seconds,
        ),
    )


def _metric(family: Family) -> Metric:
    kind = CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily
    metric = kind(f"{PREFIX}_{family.name}", family.help, labels=family.labels)
    for labels, value in sorted(family.values.items()):
        metric.add_metric(labels, value)
    return metric
