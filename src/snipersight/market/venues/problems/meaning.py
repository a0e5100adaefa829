"""The words of the tables: what a code means, in as few letters as a table needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from snipersight.domain.venue import ProblemClass, Reason

Meaning = tuple[ProblemClass, Reason]

_REFUSED, _OTHER = ProblemClass.REFUSED, Reason.OTHER
REFUSED: Final[Meaning] = (_REFUSED, _OTHER)
LATER: Final[Meaning] = (ProblemClass.RETRY_LATER, _OTHER)
UNKNOWN: Final[Meaning] = (ProblemClass.UNKNOWN, _OTHER)
STOP: Final[Meaning] = (ProblemClass.STOP, _OTHER)
HARMLESS: Final[Meaning] = (ProblemClass.HARMLESS, _OTHER)
WOULD_TRIGGER: Final[Meaning] = (_REFUSED, Reason.WOULD_TRIGGER)
FUNDS: Final[Meaning] = (_REFUSED, Reason.FUNDS)
DUPLICATE: Final[Meaning] = (_REFUSED, Reason.DUPLICATE)
NOTHING_TO_REDUCE: Final[Meaning] = (_REFUSED, Reason.NOTHING_TO_REDUCE)
NOT_FOUND: Final[Meaning] = (_REFUSED, Reason.NOT_FOUND)
FILTER: Final[Meaning] = (_REFUSED, Reason.FILTER)
TOO_MANY: Final[Meaning] = (_REFUSED, Reason.TOO_MANY)
CLOSED: Final[Meaning] = (_REFUSED, Reason.MARKET_CLOSED)


def table(rows: Iterable[tuple[Meaning, Iterable[int]]]) -> Mapping[str, Meaning]:
    """Return a meaning for every code.

    Raises:
        ValueError: a code stands in two rows.
    """
    found: dict[str, Meaning] = {}
    for meaning, codes in rows:
        for code in codes:
            if str(code) in found:
                raise ValueError(f"code {code} has two meanings")
            found[str(code)] = meaning
    return found
