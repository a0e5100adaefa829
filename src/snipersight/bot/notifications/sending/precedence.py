"""What goes first while new signals are being found: nothing that is less urgent leaves meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from snipersight.domain.notices import SIGNAL_PRIORITY


class Precedence:
    """Lets new signals leave before what becomes of earlier ones, in chats that take one a second.

    Whoever looks at a close says so before it stores anything, and again once its signals are in
    the outbox. Alerts are not held back, and nothing is for longer than was said.

    Args:
        monotonic: seconds of a clock that does not go back.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic: Final = monotonic
        self._until_s = 0.0

    def expect_signals(self, *, within_s: float) -> None:
        """Hold back what is less urgent than a signal, for so many seconds at most."""
        self._until_s = self._monotonic() + within_s

    def signals_came(self) -> None:
        """Let everything leave again; the signals go first by their priority."""
        self._until_s = 0.0

    @property
    def least(self) -> int:
        """Return the lowest priority that may leave now."""
        return SIGNAL_PRIORITY if self._monotonic() < self._until_s else 0
