"""Request weight and order counts: 429 over a limit, 418 for whoever goes on regardless."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

from snipersight.sandbox.exchange.binance.refusals import Refusal
from snipersight.sandbox.exchange.limits import Window

_SECOND_US: Final = 1_000_000
_MINUTE_US: Final = 60 * _SECOND_US
_DAY_US: Final = 24 * 60 * _MINUTE_US
_LONGEST_BAN_US: Final = 3 * _DAY_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What passes.

    Args:
        weight_per_minute: of all requests.
        orders_per_10s, orders_per_minute, orders_per_day: placed; None where there is no such limit.
        patience: requests over the weight limit that get 429 before the ban.
        first_ban_us: length of the first ban; each further one is twice as long.
    """

    weight_per_minute: int
    orders_per_10s: int
    orders_per_minute: int | None = None
    orders_per_day: int | None = None
    patience: int = 10
    first_ban_us: int = 2 * _MINUTE_US

    def times(self, factor: int) -> Limits:
        """Return limits that let several times as much pass."""
        return replace(
            self,
            weight_per_minute=self.weight_per_minute * factor,
            orders_per_10s=self.orders_per_10s * factor,
            orders_per_minute=_times(self.orders_per_minute, factor),
            orders_per_day=_times(self.orders_per_day, factor),
        )

    def of_orders(self) -> dict[str, tuple[int, int]]:
        """Return the limits of orders: length of the window in microseconds and what passes."""
        known = {
            "10s": (10 * _SECOND_US, self.orders_per_10s),
            "1m": (_MINUTE_US, self.orders_per_minute),
            "1d": (_DAY_US, self.orders_per_day),
        }
        return {name: (span, most) for name, (span, most) in known.items() if most is not None}


class Meter:
    """Counts one client's requests; all clients of the sandbox are on one address."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.exceeded: Counter[str] = Counter()
        self.weight = Window(_MINUTE_US, limits.weight_per_minute)
        self._orders = {name: Window(*limit) for name, limit in limits.of_orders().items()}
        self._over = 0
        self._ban_us = limits.first_ban_us
        self._banned_until_us = 0

    def count(self, weight: int, *, orders: int, at_us: int) -> None:
        """Count a request, and the orders that it places.

        Raises:
            Refusal: it is over a limit, or the address is banned.
        """
        if at_us < self._banned_until_us:
            raise self._banned(at_us)
        if not self.weight.add(weight, at_us=at_us):
            raise self._over_weight(at_us)
        self._over = 0
        if orders:
            self._count_orders(orders, at_us)

    def headers(self) -> dict[str, str]:
        """Return what every answer says of the used limits."""
        return {
            "X-MBX-USED-WEIGHT-1M": str(self.weight.used),
            **{
                f"X-MBX-ORDER-COUNT-{name.upper()}": str(window.used)
                for name, window in self._orders.items()
            },
        }

    def used(self) -> dict[str, int]:
        """Return the busiest window of each limit, and how often one was exceeded."""
        return {
            "weight_per_minute": self.weight.busiest,
            **{f"orders_{name}": window.busiest for name, window in self._orders.items()},
            **{f"exceeded_{name}": count for name, count in self.exceeded.items()},
        }

    def _count_orders(self, orders: int, at_us: int) -> None:
        for name, window in self._orders.items():
            if not window.add(orders, at_us=at_us):
                self.exceeded[f"orders_{name}"] += 1
                text = f"Too many new orders; current limit is {window.most} orders per {name}."
                raise Refusal(-1015, text, status=429, headers=_wait(window.wait_us(at_us=at_us)))

    def _over_weight(self, at_us: int) -> Refusal:
        self.exceeded["weight"] += 1
        self._over += 1
        if self._over > self.limits.patience:
            self._over, self._banned_until_us = 0, at_us + self._ban_us
            self._ban_us = min(2 * self._ban_us, _LONGEST_BAN_US)
            return self._banned(at_us)
        text = (
            f"Too much request weight used; current limit is {self.limits.weight_per_minute} "
            "request weight per 1 MINUTE. Please use the websocket for live updates to avoid "
            "polling the API."
        )
        return Refusal(-1003, text, status=429, headers=_wait(self.weight.wait_us(at_us=at_us)))

    def _banned(self, at_us: int) -> Refusal:
        self.exceeded["banned"] += 1
        text = (
            f"Way too much request weight used; IP banned until {self._banned_until_us // 1000}. "
            "Please use the websocket for live updates to avoid bans."
        )
        wait = _wait(self._banned_until_us - at_us)
        return Refusal(-1003, text, status=418, headers=wait)


def _times(most: int | None, factor: int) -> int | None:
    return None if most is None else most * factor


def _wait(wait_us: int) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(wait_us / _SECOND_US)))}
