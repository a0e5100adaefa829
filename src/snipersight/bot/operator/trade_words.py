"""Size and price as a person types them; what can be read two ways is not read at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,18})?|\.[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeWords:
    """What was said of a trade by hand.

    Args:
        plan: id or its beginning.
        numbers: `size` and `price`, as far as they were said; decimal text above 0.
    """

    plan: str
    numbers: Mapping[str, str]


def read_trade(words: Sequence[str]) -> TradeWords | str:
    """Return what was said, or a sentence about what cannot be read.

    Args:
        words: what followed the command: plan, size and price; the last two may be missing.
    """
    if not 1 <= len(words) <= 3:
        return "Write /took ID, or /took ID size price"
    numbers = {}
    for name, word in zip(("size", "price"), words[1:], strict=False):
        if not _NUMBER.fullmatch(word) or Decimal(word) == 0:
            return f"The {name} {word[:32]!r} is no number above 0 such as 1250.5"
        numbers[name] = word
    return TradeWords(plan=words[0], numbers=numbers)
