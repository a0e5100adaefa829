"""Parameters of requests: every one is bounded, and none reaches the store that could not be stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Path, Query
from pydantic import AwareDatetime

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PRINTABLE: Final = r"^[^\x00-\x1f\x7f]*$"
_NAME: Final = r"^[A-Za-z0-9_.-]*$"
_ID: Final = r"^[A-Za-z0-9_.:-]+$"
_LARGEST: Final = 2**53

Account = Annotated[
    str | None,
    Query(max_length=64, pattern=_NAME, description="Name of an account; the first one without."),
]
Name = Annotated[str | None, Query(max_length=64, pattern=_PRINTABLE)]
Text = Annotated[str, Query(max_length=100, pattern=_PRINTABLE, description="Text to look for.")]
PlanPath = Annotated[str, Path(min_length=1, max_length=128, pattern=_ID)]
Limit = Annotated[int, Query(ge=1, le=500, description="Rows of a page, at most.")]
Cursor = Annotated[
    str | None, Query(max_length=512, pattern=r"^[A-Za-z0-9_-]*$", description="`next` of a page.")
]
BeforeSeq = Annotated[
    int | None, Query(ge=1, le=_LARGEST, description="Only older ones; `next` of a page.")
]
Since = Annotated[
    AwareDatetime | None, Query(description="At or after; ISO 8601 with a time zone.")
]
Until = Annotated[AwareDatetime | None, Query(description="Before; ISO 8601 with a time zone.")]


def ms_of(time: datetime | None) -> int | None:
    """Return a time as milliseconds UTC."""
    return None if time is None else (time - _EPOCH) // timedelta(milliseconds=1)


def us_of(time: datetime | None) -> int | None:
    """Return a time as microseconds UTC."""
    return None if time is None else (time - _EPOCH) // timedelta(microseconds=1)
