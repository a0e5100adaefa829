"""Uploaded pictures: their size, read from the bytes, and whether Telegram would take them."""

from __future__ import annotations

import struct
import zlib
from collections import OrderedDict
from typing import Final, NamedTuple

from snipersight.sandbox.telegram.answers import Answer, bad_request

MAX_BYTES: Final = 10 * 1024 * 1024
_MAX_SIDES: Final = 10_000
_MAX_RATIO: Final = 20
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
_JPEG_SIZES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_KEPT: Final = 100
_KEPT_BYTES: Final = 64 * 1024 * 1024


class Picture(NamedTuple):
    """An uploaded picture, without its bytes, which only the shelf has."""

    file_id: str
    width: int
    height: int
    size_bytes: int
    content_type: str

    def as_json(self) -> list[Answer]:
        """Return the sizes of the picture as the Bot API lists them: one, the picture itself."""
        return [
            {
                "file_id": self.file_id,
                "file_unique_id": f"u{self.file_id}",
                "file_size": self.size_bytes,
                "width": self.width,
                "height": self.height,
            }
        ]


class PictureShelf:
    """The last pictures and their bytes, by file id."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[str, tuple[Picture, bytes]] = OrderedDict()
        self._count = 0
        self._held_bytes = 0

    def get(self, file_id: str) -> Picture | None:
        """Return a picture that is still kept."""
        kept = self._pictures.get(file_id)
        return None if kept is None else kept[0]

    def data(self, file_id: str) -> bytes:
        """Return the bytes of a picture; empty if it is no longer kept."""
        kept = self._pictures.get(file_id)
        return b"" if kept is None else kept[1]

    def keep(self, data: bytes) -> Picture:
        """Check and keep an uploaded picture; the oldest one goes when there are too many.

        Raises:
            Refusal: it is no picture, or Telegram would not take it.
        """
        if not data:
            raise bad_request("file must be non-empty")
        if len(data) > MAX_BYTES:
            raise bad_request("file is too big")
        width, height, content_type = _size_of(data)
        if width + height > _MAX_SIDES or max(width, height) > _MAX_RATIO * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        self._count += 1
        picture = Picture(f"photo{self._count}", width, height, len(data), content_type)
        self._pictures[picture.file_id] = picture, data
        self._held_bytes += len(data)
        self._make_room()
        return picture

    def _make_room(self) -> None:
        while len(self._pictures) > _KEPT or self._held_bytes > _KEPT_BYTES:
            _, (oldest, _) = self._pictures.popitem(last=False)
            self._held_bytes -= oldest.size_bytes


def _size_of(data: bytes) -> tuple[int, int, str]:
    size: tuple[int, int] | None = None
    kind = ""
    if data.startswith(_PNG):
        size, kind = _png_size(data), "image/png"
    elif data.startswith(_JPEG):
        size, kind = _jpeg_size(data), "image/jpeg"
    if size is None or min(size) < 1:
        raise bad_request("IMAGE_PROCESS_FAILED")
    return (*size, kind)


def _png_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG that is whole, with all its checksums right."""
    place, size = len(_PNG), None
    while place + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        end = place + 8 + length
        if end + 4 > len(data):
            return None
        if zlib.crc32(data[place + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            return None
        if name == b"IHDR" and length == 13:
            size = struct.unpack_from(">II", data, place + 8)
        if name == b"IEND":
            return size
        place = end + 4
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    place = len(_JPEG)
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker, length = struct.unpack_from(">BH", data, place + 1)
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        place += 2 + length
    return None
