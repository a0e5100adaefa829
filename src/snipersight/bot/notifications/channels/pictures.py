"""Whether a picture is one that channels take, looked at before anything is sent."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LARGEST: Final = 10_000_000  # bytes; Telegram's "10 MB", read carefully
_LONGEST_SIDES: Final = 10_000  # width and height together, pixels
_WIDEST: Final = 20  # the longer side to the shorter one
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = struct.Struct(">8sI4sII")


@dataclass(frozen=True, slots=True)
class UnfitPicture:
    """A picture that is left out, and why; the message goes without it."""

    reason: str


def read_picture(path: Path) -> bytes | UnfitPicture:
    """Return the content of a PNG that Telegram takes as a photo.

    At most 10 MB, width and height together at most 10,000 pixels, one at most 20 times the
    other.
    """
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            return UnfitPicture(f"{path.name} has {size:,} bytes, more than {_LARGEST:,}")
        content = path.read_bytes()
    except OSError as error:
        return UnfitPicture(f"{path.name} cannot be read: {error.strerror or type(error).__name__}")
    problem = _problem(content)
    return content if problem is None else UnfitPicture(f"{path.name} {problem}")


def _problem(content: bytes) -> str | None:
    if len(content) < _HEADER.size:
        return "is no PNG"
    signature, _length, kind, width, height = _HEADER.unpack_from(content)
    if signature != _SIGNATURE or kind != b"IHDR" or not width or not height:
        return "is no PNG"
    if width + height > _LONGEST_SIDES or max(width, height) > _WIDEST * min(width, height):
        return f"is {width} × {height} pixels, which Telegram does not take"
    return None
