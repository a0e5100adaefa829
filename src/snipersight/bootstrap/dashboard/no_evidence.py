"""The table of evidence where none was ever kept."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

import numpy as np

from snipersight.domain.evidence_columns import EvidenceTable, Names

_DTYPES: Final = {
    "Texts": np.object_,
    "Integers": np.int64,
    "Numbers": np.float64,
    "NDArray[np.bool_]": np.bool_,
}


def no_evidence() -> EvidenceTable:
    """Return a table without a signal."""
    columns: dict[str, Any] = {one.name: _empty(str(one.type)) for one in fields(EvidenceTable)}
    return EvidenceTable(**columns)


def _empty(kind: str) -> Names | np.ndarray[Any, np.dtype[Any]]:
    return Names.of(()) if kind == "Names" else np.empty(0, dtype=_DTYPES[kind])
