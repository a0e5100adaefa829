"""Records that tell of the chain itself: what was archived, and heads that had gone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from snipersight.domain.audit import AuditKind, ChainHead
from snipersight.risk.audit.findings import PrunedRecord

HEAD_MISSING: Final = "head_missing"  # the command that an OPERATOR record of a lost head names

_PRUNED: Final = AuditKind.PRUNED.value.encode()
_OPERATOR: Final = AuditKind.OPERATOR.value.encode()
_MOST: Final = 1000


class ChainEvents:
    """Collects what records tell of their own chain, as they come by.

    Args:
        base: where the chain begins.

    Attributes:
        is_base_told: a PRUNED record named that beginning.
        pruned: what PRUNED records tell, in order; the first thousand.
    """

    def __init__(self, base: ChainHead) -> None:
        self._base: Final = base
        self._headless: Final[list[int]] = []
        self.is_base_told = False
        self.pruned: Final[list[PrunedRecord]] = []

    def take(self, seq: int, kind: bytes, body: bytes) -> None:
        """Look at one record."""
        if kind == _PRUNED:
            self._take_pruned(seq, body)
        elif kind == _OPERATOR and _is_headless(body) and len(self._headless) < _MOST:
            self._headless.append(seq)

    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each record of a head that had gone."""
        return tuple(
            f"record {seq} tells that the head kept outside the database was missing: that records "
            f"before {seq} were cut off and others written cannot be excluded"
            for seq in self._headless
        )

    def _take_pruned(self, seq: int, body: bytes) -> None:
        told = pruned_record(seq, body)
        if told is None:
            return
        self.is_base_told = self.is_base_told or told.names(self._base)
        if len(self.pruned) < _MOST or told.names(self._base):
            self.pruned.append(told)


def pruned_record(seq: int, body: bytes) -> PrunedRecord | None:
    """Return what the body of a PRUNED record tells; None if it names no beginning.

    Args:
        seq: the record's number.
        body: as stored.
    """
    held = _mapping(body)
    base_seq, base_hash, archive = (held.get(k) for k in ("base_seq", "base_hash", "archive"))
    if type(base_seq) is not int or not isinstance(base_hash, str):
        return None
    name = archive if isinstance(archive, str) else ""
    return PrunedRecord(seq=seq, base_seq=base_seq, base_hash=base_hash, archive=name)


def _is_headless(body: bytes) -> bool:
    # Few bodies hold the word, and only those are worth decoding.
    return HEAD_MISSING.encode() in body and _mapping(body).get("command") == HEAD_MISSING


def _mapping(body: bytes) -> Mapping[str, object]:
    try:
        held = json.loads(body)
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}
