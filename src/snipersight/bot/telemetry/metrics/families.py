"""A metric with its values, before anything of Prometheus' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Labels = tuple[str, ...]


class Kind(StrEnum):
    """What a metric does over time."""

    COUNTER = "counter"  # it only grows
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric.

    Args:
        name: without prefix; a counter's without its `_total`.
        help: what it measures, one sentence.
        kind: what it does over time.
        labels: names of its labels; their values must come from a small set.
        values: by the values of the labels; a missing one is not known.

    Raises:
        ValueError: a value has another number of labels than the metric.
    """

    name: str
    help: str
    kind: Kind = Kind.GAUGE
    labels: Labels = ()
    values: Mapping[Labels, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse values that belong to no metric."""
        for labels in self.values:
            if len(labels) != len(self.labels):
                raise ValueError(f"{self.name} has the labels {self.labels}, not {labels}")
