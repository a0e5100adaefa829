"""Asks a running bot on this machine how it is."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any, Final

from snipersight.bootstrap.running.vital_text import SCHEMA
from snipersight.bootstrap.running.vital_values import PartHealth
from snipersight.domain.errors import ConfigInvalid, VenueUnavailable

_PATIENCE_S: Final = 5.0
_LONGEST: Final = 1_000_000
_HERE: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - a bot listens
_SHOWN: Final = "`snipersight run` says where it listens"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthAnswer:
    """What a running bot said of itself.

    Args:
        values: the whole answer, `snipersight.health/1`.
        is_ready: it does its work.
        is_healthy: no part hangs.
        status: one sentence.
        parts: as it told them.
        late: names of those that hang; ages are rounded, so that they tell it less well.
    """

    values: dict[str, Any]
    is_ready: bool
    is_healthy: bool
    status: str
    parts: tuple[PartHealth, ...]
    late: frozenset[str]


def asked_health(listen: tuple[str, int] | None) -> HealthAnswer:
    """Return what the bot that listens there says.

    Args:
        listen: host and port of `RUN_LISTEN`; None: it serves nothing.

    Raises:
        ConfigInvalid: nothing is served.
        VenueUnavailable: nobody answers, or something else than a bot of ours.
    """
    if listen is None:
        raise ConfigInvalid(
            "a running bot cannot be asked: it listens nowhere",
            where="RUN_LISTEN",
            next_step="name an address such as 127.0.0.1:9464, and start the bot again",
        )
    host, port = _HERE.get(listen[0], listen[0]), listen[1]
    return _answer_of(_asked(host, port), where=f"{host}:{port}")


def _asked(host: str, port: int) -> bytes:
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read(_LONGEST)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise VenueUnavailable(
            f"no bot answers: {reason.lower()}", where=f"{host}:{port}", next_step=_SHOWN
        ) from error
    finally:
        connection.close()


def _answer_of(body: bytes, *, where: str) -> HealthAnswer:
    try:
        values = json.loads(body)
        _require_schema(values["schema"])
        return HealthAnswer(
            values=values,
            is_ready=bool(values["is_ready"]),
            is_healthy=bool(values["is_healthy"]),
            status=str(values["status"]),
            parts=tuple(_part(part) for part in values["parts"]),
            late=frozenset(str(part["name"]) for part in values["parts"] if part["is_late"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise VenueUnavailable(
            "what answers is no bot of this version", where=where, next_step=_SHOWN
        ) from error


def _require_schema(named: object) -> None:
    if named != SCHEMA:
        raise ValueError(f"another schema: {named!r}")


def _part(values: dict[str, Any]) -> PartHealth:
    return PartHealth(
        name=str(values["name"]),
        age_s=values["age_seconds"],
        within_s=values["within_seconds"],
        trouble=str(values["trouble"]),
        restarts=int(values["restarts"]),
    )
