"""Signals with their modelled outcomes as bytes: a block that reads back as the same columns."""

from __future__ import annotations

import json
import zlib
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from snipersight.domain.evidence_columns import EvidenceTable, Names

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VERSION: Final = 1  # to be raised when a column comes to mean something else
_CHECK_BYTES: Final = 4
_SIZE_BYTES: Final = 4
_TEXTS: Final = ("key", "setup_id")
_KIND_OF: Final = {"Names": "<i4", "Integers": "<i8", "Numbers": "<f8", "NDArray[np.bool_]": "|b1"}
_KINDS: Final = {
    one.name: _KIND_OF[str(one.type)] for one in fields(EvidenceTable) if one.name not in _TEXTS
}
# A block with other columns is none: another version of this program has made it.
_LAYOUT: Final = zlib.crc32(repr((_VERSION, _TEXTS, _KINDS)).encode())


def block_bytes(table: EvidenceTable) -> bytes:
    """Return signals as bytes, a checksum first."""
    head: dict[str, Any] = {name: getattr(table, name).tolist() for name in _TEXTS}
    columns: list[bytes] = []
    for name, kind in _KINDS.items():
        column = getattr(table, name)
        if isinstance(column, Names):
            head[name] = column.known
            column = column.codes
        columns.append(column.astype(kind).tobytes())
    text = json.dumps(head, separators=(",", ":")).encode()
    body = b"".join((len(text).to_bytes(_SIZE_BYTES), text, *columns))
    return _checksum(body) + body


def is_intact(block: bytes) -> bool:
    """Return whether bytes are a block as this version makes them."""
    return _checksum(memoryview(block)[_CHECK_BYTES:]) == block[:_CHECK_BYTES]


def table_of_block(block: bytes) -> EvidenceTable:
    """Return the signals of an intact block."""
    body = memoryview(block)[_CHECK_BYTES:]
    end = _SIZE_BYTES + int.from_bytes(body[:_SIZE_BYTES])
    head = json.loads(bytes(body[_SIZE_BYTES:end]))
    rows = len(head["key"])
    columns: dict[str, Any] = {name: np.array(head[name], dtype=np.object_) for name in _TEXTS}
    for name, kind in _KINDS.items():
        column: NDArray[Any] = np.frombuffer(body, dtype=kind, count=rows, offset=end)
        end += column.nbytes
        known = head.get(name)
        columns[name] = column if known is None else Names(tuple(known), column.astype(np.int64))
    return EvidenceTable(**columns)


def _checksum(body: bytes | memoryview) -> bytes:
    return zlib.crc32(body, _LAYOUT).to_bytes(_CHECK_BYTES)
