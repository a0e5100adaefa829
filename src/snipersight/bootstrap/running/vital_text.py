"""How a running bot is, in JSON for programs and in one sentence for people."""

from __future__ import annotations

import json
from typing import Any, Final

from snipersight.bootstrap.running.vital_values import Health, LastScan, PartHealth
from snipersight.bot.telemetry.masking import mask
from snipersight.domain import wording as texts

SCHEMA: Final = "snipersight.health/1"


def health_json(health: Health) -> str:
    """Return everything that is known, secrets masked; `snipersight.health/1`."""
    values = {
        "schema": SCHEMA,
        "is_ready": health.is_ready,
        "is_healthy": health.is_healthy,
        "is_stopping": health.is_stopping,
        "status": health_sentence(health),
        "last_scan": None if health.last_scan is None else _scan_values(health.last_scan),
        "parts": [_part_values(part) for part in health.parts],
    }
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def health_sentence(health: Health) -> str:
    """Return how everything is in one line, without details that could be secret."""
    if health.is_stopping:
        return "stopping"
    told = [_scanned(health)]
    if health.late:
        told.append(f"hangs: {', '.join(part.name for part in health.late)}")
    if health.troubled:
        names = ", ".join(part.name for part in health.troubled)
        told.append(f"{texts.counted(len(health.troubled), 'part')} in trouble: {names}")
    return "; ".join(told)


def _scanned(health: Health) -> str:
    scan = health.last_scan
    if scan is None:
        return "waiting for the first close" if health.has_started else "starting"
    return f"scanned {texts.iso_of(scan.as_of_ms)} in {scan.duration_s:.2f} s"


def _scan_values(scan: LastScan) -> dict[str, Any]:
    return {
        "as_of": texts.iso_of(scan.as_of_ms),
        "duration_seconds": round(scan.duration_s, 3),
    }


def _part_values(part: PartHealth) -> dict[str, Any]:
    return {
        "name": part.name,
        "age_seconds": None if part.age_s is None else round(part.age_s, 1),
        "within_seconds": part.within_s,
        "is_late": part.is_late,
        "trouble": mask(part.trouble),
        "restarts": part.restarts,
    }
