"""Lines of the newest log file, read from its end, page by page."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.views_system import LogLine, LogPage
from snipersight.bot.telemetry.logging import LOG_FILE
from snipersight.bot.telemetry.masking import mask, mask_fields
from snipersight.domain.errors import StateUnavailable
from snipersight.storage.home import Home

if TYPE_CHECKING:
    from pathlib import Path

    from snipersight.bootstrap.settings import Settings

MOST: Final = 1_000
_TAIL: Final = 2_000_000  # bytes that are looked through for one page
_LONGEST: Final = 2_000  # characters of a line's message or field that are shown
_LONGEST_EXCEPTION: Final = 20_000  # of its end, which names what happened
_OWN: Final = frozenset({"timestamp", "level", "message", "exception", "context_id"})


def log_page(
    settings: Settings, *, limit: int, level: str, text: str, before: str, read_ms: int
) -> LogPage:
    """Return the newest lines that match; see `DashboardReader.logs`.

    Args:
        settings: of the home.
        limit, level, text, before: see there.
        read_ms: now, milliseconds UTC.

    Raises:
        StateUnavailable: the file is there and cannot be read.
    """
    path = Home(settings.snipersight_home).path / "logs" / LOG_FILE
    piece = _piece(path, before)
    wanted, found = text.strip().lower(), list[LogLine]()
    edge = piece.first
    for place, raw in _newest_first(piece):
        if len(found) >= min(max(limit, 1), MOST):
            break
        edge = place
        if wanted and wanted not in raw.lower():
            continue
        line = _line(place, raw)
        if not level or line.level == level.upper():
            found.append(line)
    next_before = f"{piece.inode}-{edge}" if edge else ""
    return LogPage(lines=tuple(found), next_before=next_before, read_ms=read_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """Whole lines of a file.

    Args:
        inode: of the file: another one has the name after it was put aside.
        first: where in the file they begin, bytes.
        held: themselves.
    """

    inode: int
    first: int
    held: bytes


def _piece(path: Path, before: str) -> _Piece:
    try:
        with path.open("rb") as file:
            inode, size = os.fstat(file.fileno()).st_ino, file.seek(0, os.SEEK_END)
            end = _end(before, inode, size)
            first = max(0, end - _TAIL)
            file.seek(first)
            held = file.read(end - first)
    except FileNotFoundError:
        return _Piece(inode=0, first=0, held=b"")
    except OSError as error:
        raise StateUnavailable(
            f"the log cannot be read: {(error.strerror or type(error).__name__).lower()}",
            where=str(path),
            next_step="give yourself the right to read it",
        ) from error
    if not first:
        return _Piece(inode=inode, first=0, held=held)
    cut = held.find(b"\n", 0, -1) + 1  # the first line is cut, unless there is no other
    return _Piece(inode=inode, first=first + cut, held=held[cut:])


def _end(before: str, inode: int, size: int) -> int:
    named, _, place = before.partition("-")
    is_known = named == str(inode) and place.isdecimal()
    return min(int(place), size) if is_known else size


def _newest_first(piece: _Piece) -> Iterator[tuple[int, str]]:
    """Yield where each line begins, and the line."""
    place = piece.first + len(piece.held)
    for raw in reversed(piece.held.splitlines(keepends=True)):
        place -= len(raw)
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line:
            yield place, line


def _line(place: int, raw: str) -> LogLine:
    try:
        held = json.loads(raw)
    except ValueError:
        held = None
    if not isinstance(held, dict):
        return LogLine(place=place, at="", level="", message=mask(raw)[:_LONGEST], context="")
    said = mask_fields(held)
    return LogLine(
        place=place,
        at=str(said.get("timestamp", "")),
        level=str(said.get("level", "")),
        message=str(said.get("message", ""))[:_LONGEST],
        context=str(said.get("context_id") or said.get("stage") or ""),
        fields=tuple((name, _value(said[name])) for name in _others(said)),
        exception=str(said.get("exception") or "")[-_LONGEST_EXCEPTION:],
    )


def _others(said: Mapping[str, object]) -> Iterator[str]:
    """Yield the names of what else a line holds; a stage that stands for the context is not else."""
    for name, value in said.items():
        is_context = name == "stage" and not said.get("context_id")
        if name not in _OWN and not is_context and value is not None:
            yield name


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:_LONGEST]
