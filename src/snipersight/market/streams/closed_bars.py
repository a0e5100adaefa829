"""Which of the bars that a connection tells are closed."""

from __future__ import annotations

from snipersight.market.streams.bars import Bar, StreamKey


class ClosedBars:
    """Picks the closed bars from what one connection tells; a new connection begins anew.

    A bar is closed if the venue says so. Where it never says so, a bar is closed once a later one
    was told on the same connection: the last that was heard of it was then its end.
    """

    def __init__(self) -> None:
        self._forming: dict[StreamKey, Bar] = {}

    def of(self, key: StreamKey, bar: Bar, is_closed: bool | None) -> Bar | None:
        """Return the bar that is known to be closed by what was just told; None: none is.

        Args:
            key: whose.
            bar: as it stands.
            is_closed: what the venue says of it; None: it says nothing.
        """
        if is_closed is not None:
            return bar if is_closed else None
        before = self._forming.get(key)
        if before is not None and bar.open_ms < before.open_ms:
            return None
        self._forming[key] = bar
        return before if before is not None and before.open_ms < bar.open_ms else None
