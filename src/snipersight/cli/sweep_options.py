"""What can be chosen for a sweep, with its names."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from snipersight.engine.sweeping.choosing import WalkTerms

_WALK: Final = re.compile(r"([0-9]{1,5}):([0-9]{1,5})(?::([0-9]{1,5}))?")
_LEFT_OUT_DAYS: Final = "1"


class SearchName(StrEnum):
    """How combinations are chosen."""

    GRID = "grid"
    RANDOM = "random"
    BAYES = "bayes"


def parse_walk(text: str) -> WalkTerms:
    """Return how days are parted: `365:90`, or `365:90:5` with five days between them left out.

    Raises:
        ConfigInvalid: it cannot be read, or a length is out of bounds.
    """
    from snipersight.engine.sweeping.choosing import WalkTerms

    found = _WALK.fullmatch(text.strip())
    if found is None:
        raise _unreadable(f"{text[:40]!r} says no days to choose by and to judge by")
    train, test, left_out = (int(one or _LEFT_OUT_DAYS) for one in found.groups())
    if train < 2 or test < 2 or left_out > train - 2:
        raise _unreadable("at least two days are needed to choose by, and two to judge by")
    return WalkTerms(train_days=train, test_days=test, embargo_days=left_out)


def _unreadable(what: str) -> ConfigInvalid:
    return ConfigInvalid(
        what,
        where="--walk-forward",
        next_step="write TRAIN:TEST in days, such as 365:90, or 365:90:5 to leave out five between",
    )
