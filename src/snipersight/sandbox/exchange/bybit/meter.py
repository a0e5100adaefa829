"""Bybit's limits: requests per second for each key and address, and per five seconds in all."""

from __future__ import annotations

from collections import Counter
from typing import Final

from snipersight.sandbox.exchange.bybit.refusals import (
    TOO_FREQUENT,
    Refusal,
    rate_headers,
    too_many_visits,
)
from snipersight.sandbox.exchange.calls import Reply
from snipersight.sandbox.exchange.limits import Window

_SECOND_US: Final = 1_000_000
_IN_ALL: Final = 600
_IN_ALL_US: Final = 5 * _SECOND_US
_BAN_US: Final = 10 * 60 * _SECOND_US


class Meter:
    """Counts requests; all clients of the sandbox are on one internet address.

    Args:
        factor: how many times as many requests pass as at the real venue.
    """

    def __init__(self, *, factor: int = 1) -> None:
        self.exceeded: Counter[str] = Counter()
        self._factor = factor
        self._in_all = Window(_IN_ALL_US, _IN_ALL * factor)
        self._windows: dict[tuple[str, str], Window] = {}
        self._banned_until_us = 0

    def count_address(self, *, at_us: int) -> Reply | None:
        """Count a request of the address; the page it gets for ten minutes when over its limit."""
        if at_us >= self._banned_until_us and not self._in_all.add(1, at_us=at_us):
            self._banned_until_us = at_us + _BAN_US
        if at_us >= self._banned_until_us:
            return None
        self.exceeded["address"] += 1
        return Reply(body=TOO_FREQUENT, status=403)

    def count_key(self, key: str, path: str, *, most: int, at_us: int) -> Refusal | None:
        """Count a request of a key at one address; the refusal when it is over the limit."""
        window = self._windows.setdefault((key, path), Window(_SECOND_US, most * self._factor))
        if window.add(1, at_us=at_us):
            return None
        self.exceeded["key"] += 1
        return too_many_visits(self.headers(key, path, at_us=at_us))

    def headers(self, key: str, path: str, *, at_us: int) -> dict[str, str]:
        """Return what an answer says of the used limit; nothing where none is counted."""
        window = self._windows.get((key, path))
        if window is None:
            return {}
        left = max(0, window.most - window.used)
        reset_us = at_us + window.wait_us(at_us=at_us)
        return rate_headers(most=window.most, left=left, reset_ms=reset_us // 1_000)

    def used(self) -> dict[str, int]:
        """Return the busiest window of each limit, and how often one was exceeded."""
        busiest: Counter[str] = Counter()
        for (_, path), window in self._windows.items():
            busiest[path] = max(busiest[path], window.busiest)
        return {
            "requests_per_5s": self._in_all.busiest,
            **{f"{path}_per_1s": count for path, count in sorted(busiest.items())},
            **{f"exceeded_{name}": count for name, count in self.exceeded.items()},
        }
