"""How a running bot is, as metrics: `snipersight_run_…`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from snipersight.bootstrap.running.vital_values import Health, LastScan, PartHealth
from snipersight.bot.telemetry.metrics.families import Family, Kind, Labels

_SECOND_MS: Final = 1_000


def run_families(health: Health) -> tuple[Family, ...]:
    """Return what Prometheus is told of a running bot; parts are its own few, never symbols."""
    return (
        _alone("run_ready", "Whether the bot does its work.", float(health.is_ready)),
        _alone("run_healthy", "Whether no part of the bot hangs.", float(health.is_healthy)),
        *_of_scan(health.last_scan),
        _of_parts(
            "run_part_trouble",
            "Whether something is wrong with a part of the bot.",
            health,
            lambda part: float(bool(part.trouble)),
        ),
        _of_parts(
            "run_part_late",
            "Whether a part of the bot was silent for longer than it may.",
            health,
            lambda part: float(part.is_late),
        ),
        _of_parts(
            "run_part_age_seconds",
            "Time since a part of the bot made progress.",
            health,
            lambda part: part.age_s,
        ),
        _of_parts(
            "run_part_restarts",
            "How often a part of the bot was started again after it failed.",
            health,
            lambda part: float(part.restarts),
            kind=Kind.COUNTER,
        ),
    )


def _of_scan(scan: LastScan | None) -> Sequence[Family]:
    if scan is None:
        return ()
    return (
        _alone(
            "run_last_scan_timestamp_seconds",
            "The moment the newest scan spoke about.",
            scan.as_of_ms / _SECOND_MS,
        ),
        _alone("run_last_scan_duration_seconds", "How long the newest scan took.", scan.duration_s),
    )


def _alone(name: str, help_: str, value: float) -> Family:
    return Family(name=name, help=help_, values={(): value})


def _of_parts(
    name: str,
    help_: str,
    health: Health,
    value_of: Callable[[PartHealth], float | None],
    *,
    kind: Kind = Kind.GAUGE,
) -> Family:
    values: dict[Labels, float] = {}
    for part in health.parts:
        value = value_of(part)
        if value is not None:
            values[(part.name,)] = value
    return Family(name=name, help=help_, kind=kind, labels=("part",), values=values)
