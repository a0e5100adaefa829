"""Moments as a user writes them: a time, or how long ago."""

from __future__ import annotations

import re
import time
from typing import Final

from snipersight.cli.arguments import parse_as_of
from snipersight.domain.errors import ConfigInvalid

_UNITS_S: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(\d{1,6})([mhdw])")


def moment_us(text: str | None, *, option: str) -> int | None:
    """Return a time as microseconds UTC: `2024-06-07T12:00`, or `24h`, `7d` before now.

    Raises:
        ConfigInvalid: it is neither.
    """
    if text is None:
        return None
    match = _DURATION.fullmatch(text.strip())
    if match is not None:
        seconds = int(match.group(1)) * _UNITS_S[match.group(2)]
        return time.time_ns() // 1000 - seconds * 1_000_000
    try:
        return parse_as_of(text) * 1000
    except ConfigInvalid as error:
        raise ConfigInvalid(
            error.what, where=option, next_step="write it as 24h, 7d, 2024-06-07 or …T12:00Z"
        ) from error
