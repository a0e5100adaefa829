"""Orders sent in the middle of a bar: they count from the next bar on, whose past is not theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import (
    ClientOrderId,
    OrderKind,
    OrderRequest,
    OrderStatus,
    TriggerSource,
    VenueOrder,
)
from snipersight.domain.units import Price, Size, Symbol

_PRICES: Final = ("price", "trigger_price", "attached_stop")
# Ended orders are asked for by whoever lost the answer to a cancel: within days, not for ever.
_REMEMBERED: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One order, or target and stop as one list, that begins to count at a moment.

    Args:
        requests: one, or target and stop.
        from_us: open of the first bar that may fill it, microseconds UTC.
        sent_us: when it was sent.
    """

    requests: tuple[OrderRequest, ...]
    from_us: int
    sent_us: int

    @property
    def symbol(self) -> Symbol:
        """Return its market."""
        return self.requests[0].symbol

    def shown(self) -> tuple[VenueOrder, ...]:
        """Return its orders as the venue reports them: taken, and not filled."""
        return tuple(order_of(one, at_us=self.sent_us) for one in self.requests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An order that ended before it counted.

    Args:
        request: what was asked.
        status: how it ended.
        at_us: when, microseconds UTC.
        text: why; empty where that is plain.
    """

    request: OrderRequest
    status: OrderStatus
    at_us: int
    text: str = ""

    def shown(self) -> VenueOrder:
        """Return it as the venue reports it."""
        order = order_of(self.request, at_us=self.at_us)
        return replace(order, status=self.status, text=self.text)


class WaitingOrders:
    """The orders that do not count yet, and how those ended that never did.

    Args:
        held: oldest first.
        ended: oldest first; the newest thousand are kept.
    """

    def __init__(self, held: Sequence[Held] = (), ended: Sequence[Ended] = ()) -> None:
        self._held = list(held)
        self._ended: dict[str, Ended] = {}
        for one in ended:
            self.end(one)

    @property
    def held(self) -> tuple[Held, ...]:
        """Return what waits, oldest first."""
        return tuple(self._held)

    def open_orders(self) -> tuple[VenueOrder, ...]:
        """Return the orders that wait."""
        return tuple(order for one in self._held for order in one.shown())

    def order(self, client_id: str) -> VenueOrder | None:
        """Return an order that waits, or that ended while it did."""
        waiting = next((one for one in self.open_orders() if one.client_id == client_id), None)
        ended = self._ended.get(client_id)
        return waiting or (None if ended is None else ended.shown())

    def add(self, held: Held) -> None:
        """Take an order."""
        self._held.append(held)

    def take_due(self, symbol: Symbol, *, open_us: int) -> tuple[Held, ...]:
        """Remove and return what counts in the bar of a market that opens at a moment."""
        due = tuple(one for one in self._held if one.symbol == symbol and one.from_us <= open_us)
        self._held = [one for one in self._held if one not in due]
        return due

    def cancel(self, client_id: str, *, at_us: int) -> tuple[VenueOrder, ...]:
        """End what waits under an id, of a list both orders; nothing where none does."""
        found = [
            one for one in self._held if any(each.client_id == client_id for each in one.requests)
        ]
        self._held = [one for one in self._held if one not in found]
        ended = [
            Ended(request=request, status=OrderStatus.CANCELLED, at_us=at_us)
            for one in found
            for request in one.requests
        ]
        for one in ended:
            self.end(one)
        return tuple(one.shown() for one in ended)

    def end(self, ended: Ended) -> None:
        """Remember how an order ended that never counted, as long as a venue would."""
        self._ended[str(ended.request.client_id)] = ended
        while len(self._ended) > _REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def snapshot(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "held": [
                {
                    "requests": [_request_json(request) for request in one.requests],
                    "from_us": one.from_us,
                    "sent_us": one.sent_us,
                }
                for one in self._held
            ],
            "ended": [
                {
                    "request": _request_json(one.request),
                    "status": one.status.value,
                    "at_us": one.at_us,
                    "text": one.text,
                }
                for one in self._ended.values()
            ],
        }

    @classmethod
    def restore(cls, values: Mapping[str, Any]) -> WaitingOrders:
        """Return what `snapshot` described."""
        held = [
            Held(
                requests=tuple(map(_request, one["requests"])),
                from_us=one["from_us"],
                sent_us=one["sent_us"],
            )
            for one in values["held"]
        ]
        ended = [
            Ended(
                request=_request(one["request"]),
                status=OrderStatus(one["status"]),
                at_us=one["at_us"],
                text=one["text"],
            )
            for one in values["ended"]
        ]
        return cls(held, ended)


def order_of(request: OrderRequest, *, at_us: int) -> VenueOrder:
    """Return what a venue shows of an order that it has just taken."""
    return VenueOrder(
        client_id=request.client_id,
        venue_id="",
        symbol=request.symbol,
        side=request.side,
        kind=request.kind,
        is_reducing=request.is_reducing,
        size=request.size,
        filled_size=Size(Decimal(0)),
        status=OrderStatus.WORKING,
        price=request.price,
        trigger_price=request.trigger_price,
        updated_us=at_us,
    )


def _request_json(request: OrderRequest) -> dict[str, Any]:
    prices = {name: getattr(request, name) for name in _PRICES}
    return {
        "client_id": request.client_id,
        "symbol": request.symbol,
        "direction": request.direction.value,
        "is_reducing": request.is_reducing,
        "kind": request.kind.value,
        "size": str(request.size),
        "trigger_source": request.trigger_source.value,
        **{name: None if value is None else str(value) for name, value in prices.items()},
    }


def _request(values: Mapping[str, Any]) -> OrderRequest:
    prices = {
        name: None if values[name] is None else Price(Decimal(values[name])) for name in _PRICES
    }
    return OrderRequest(
        client_id=ClientOrderId(values["client_id"]),
        symbol=Symbol(values["symbol"]),
        direction=Direction(values["direction"]),
        is_reducing=values["is_reducing"],
        kind=OrderKind(values["kind"]),
        size=Size(Decimal(values["size"])),
        trigger_source=TriggerSource(values["trigger_source"]),
        **prices,
    )
