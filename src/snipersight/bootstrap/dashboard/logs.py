"""The newest lines of the log file, read from its end."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.views_system import LogLine
from snipersight.bot.telemetry.logging import LOG_FILE
from snipersight.bot.telemetry.masking import mask
from snipersight.domain.errors import StateUnavailable
from snipersight.storage.home import Home

if TYPE_CHECKING:
    from pathlib import Path

    from snipersight.bootstrap.settings import Settings

MOST: Final = 1_000
_TAIL: Final = 2_000_000  # bytes that are looked through
_LONGEST: Final = 2_000  # characters of a line that are shown


def log_lines(settings: Settings, *, limit: int, level: str, text: str) -> tuple[LogLine, ...]:
    """Return the newest lines that match; see `DashboardReader.logs`.

    Raises:
        StateUnavailable: the file is there and cannot be read.
    """
    path = Home(settings.snipersight_home).path / "logs" / LOG_FILE
    wanted, found = text.strip().lower(), []
    for raw in reversed(_tail(path)):
        if wanted and wanted not in raw.lower():
            continue
        line = _line(raw)
        if not level or line.level == level.upper():
            found.append(line)
        if len(found) >= min(max(limit, 1), MOST):
            break
    return tuple(found)


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            held = file.read(_TAIL)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StateUnavailable(
            f"the log cannot be read: {(error.strerror or type(error).__name__).lower()}",
            where=str(path),
            next_step="give yourself the right to read it",
        ) from error
    lines = held.decode("utf-8", "replace").splitlines()
    return lines[1:] if size > _TAIL else lines  # the first is cut


def _line(raw: str) -> LogLine:
    try:
        held = json.loads(raw)
    except ValueError:
        held = None
    if not isinstance(held, dict):
        return LogLine(at="", level="", message=mask(raw)[:_LONGEST], context="")
    return LogLine(
        at=str(held.get("timestamp", "")),
        level=str(held.get("level", "")),
        message=str(held.get("message", ""))[:_LONGEST],
        context=str(held.get("context_id") or held.get("stage") or ""),
    )
