"""What Binance USD-M knows of an order or an account that the matching engine does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import Fill, OrderStatus, Side, TriggerSource, VenueOrder
from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.binance.refusals import unknown_symbol
from snipersight.sandbox.exchange.world import VenueWorld

ALGO_OFFSET: Final = 1_000_000_000_000_000  # conditional orders count in a range of their own
DEFAULT_LEVERAGE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was said when an order was placed, and what was told of it since.

    Args:
        created_us: when it came, microseconds UTC.
        position_side: `BOTH`, `LONG` or `SHORT`.
        watches: what a conditional order goes by.
        closes_position: whether it was placed to close everything, without a size.
        triggered_us: when its trigger was reached; 0 before.
        filled, value: of the fills that were told, base units and quote currency.
    """

    created_us: int
    position_side: str = "BOTH"
    watches: TriggerSource = TriggerSource.LAST
    closes_position: bool = False
    triggered_us: int = 0
    filled: Decimal = Decimal(0)
    value: Decimal = Decimal(0)

    @property
    def average(self) -> Decimal:
        """Return the average price of the fills that were told; 0 before the first."""
        return self.value / self.filled if self.filled else Decimal(0)


class Desk:
    """Notes on orders and realised results, beside the engine.

    Args:
        world: of the venue.
    """

    def __init__(self, world: VenueWorld) -> None:
        self.world = world
        self.realised: dict[str, Decimal] = {}  # by fill id
        self._notes: dict[str, Note] = {}
        self._held: dict[tuple[str, Symbol, str], tuple[Decimal, Decimal]] = {}

    def symbol_of(self, venue_id: str) -> Symbol:
        """Return the market of a name such as `BTCUSDT`.

        Raises:
            Refusal: there is none.
        """
        symbol = self.world.symbol_of(venue_id)
        if symbol is None:
            raise unknown_symbol()
        return symbol

    def note(self, order: VenueOrder) -> Note:
        """Return what is known of an order; the venue's own orders have none written."""
        return self._notes.get(order.venue_id) or Note(created_us=order.updated_us)

    def write(self, order: VenueOrder, note: Note) -> Note:
        """Keep what is known of an order."""
        self._notes[order.venue_id] = note
        return note

    def book(self, account: str, order: VenueOrder, fill: Fill) -> Note:
        """Add a fill to its order's note and to the realised results; return the note."""
        note = self.note(order)
        self._realise(account, note, fill)
        told = replace(
            note, filled=note.filled + fill.size, value=note.value + fill.size * fill.price
        )
        return self.write(order, told)

    def _realise(self, account: str, note: Note, fill: Fill) -> None:
        """Keep the result of the part of a fill that closes a position, before fees."""
        place = (account, fill.symbol, note.position_side)
        held, cost = self._held.get(place, (Decimal(0), Decimal(0)))
        signed = fill.size if fill.side is Side.BUY else -fill.size
        closed = min(abs(signed), abs(held)) if held * signed < 0 else Decimal(0)
        result = Decimal(0)
        if closed:
            part = cost * closed / abs(held)
            result = (closed * fill.price if held > 0 else -closed * fill.price) - part
            held, cost = held - closed * (1 if held > 0 else -1), cost - part
        opened = abs(signed) - closed
        direction = 1 if signed > 0 else -1
        self._held[place] = (held + opened * direction, cost + opened * direction * fill.price)
        self.realised[fill.fill_id] = result


def position_side(direction: Direction, *, is_hedged: bool) -> str:
    """Return Binance's name of the side that a position is on."""
    if not is_hedged:
        return "BOTH"
    return "LONG" if direction is Direction.LONG else "SHORT"


def is_waiting(order: VenueOrder, note: Note) -> bool:
    """Return whether an order is conditional and its trigger was not reached."""
    if not order.kind.is_conditional or note.triggered_us:
        return False
    return order.filled_size == 0 and order.status is not OrderStatus.FILLED
