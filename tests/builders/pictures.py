"""PNG files of any size for tests, and what only looks like one."""

import struct
import zlib
from pathlib import Path


def png(width: int = 2, height: int = 2) -> bytes:
    """Return a black PNG."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * ((width + 7) // 8 + 1) * height)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def a_picture(folder: Path, content: bytes | None = None) -> Path:
    """Write a picture that Telegram takes, or other content, and return its path."""
    path = folder / "chart.png"
    path.write_bytes(png(640, 400) if content is None else content)
    return path
