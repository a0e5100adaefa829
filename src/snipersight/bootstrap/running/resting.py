"""What a running bot does between two closes, so that it is quick at the next one."""

from __future__ import annotations

import gc
from typing import Final

# What the first scan has loaded; and what was still being loaded beside it.
_TIMES: Final = 2


class Resting:
    """Takes what a bot has loaded out of the search for garbage, once it has scanned.

    Python looks for garbage among everything that is in memory, a fifth of a second and more for
    all the modules of a bot, while everything else stands still. Nothing of them is ever garbage:
    without them the search takes milliseconds, whenever it comes.
    """

    def __init__(self) -> None:
        self._done = 0

    def __call__(self) -> None:
        """Be called between two closes; the first times collect and freeze, later ones nothing."""
        if self._done < _TIMES:
            self._done += 1
            gc.collect()  # what is garbage already would be kept as well
            gc.freeze()
