"""What Bybit knows of an order, a fill or a position that the matching engine does not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import (
    Fill,
    FundingPayment,
    OrderKind,
    Side,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.units import Symbol
from snipersight.matching import MatchEvent
from snipersight.sandbox.exchange.bybit.names import (
    BybitSide,
    PositionIdx,
    TriggerBy,
    position_idx,
)
from snipersight.sandbox.exchange.bybit.refusals import bad_parameter
from snipersight.sandbox.exchange.bybit.results import Place
from snipersight.sandbox.exchange.world import VenueWorld

_TRIGGERED: Final = "triggered"  # what the engine says of an order whose trigger was reached
_LIQUIDATION: Final = "liquidation-"  # how it names the orders that close such positions


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was said when an order was placed, and what was told of it since.

    Args:
        created_us: when it came, microseconds UTC.
        idx: which position it is about.
        time_in_force: as it was asked for.
        trigger_by: what a conditional order watches.
        stop_loss, stop_loss_by: of the stop that it carries for the position.
        closes_on_trigger: as it was asked for.
        last_price: when it came; None for the venue's own orders.
        is_attached: whether it is the position's own stop.
        triggered_us: when its trigger was reached; 0 before.
        filled: base units, fee: in quote currency, of the fills that were told.
    """

    created_us: int
    idx: PositionIdx = PositionIdx.ONE_WAY
    time_in_force: str = "GTC"
    trigger_by: TriggerBy = TriggerBy.LAST
    stop_loss: Decimal | None = None
    stop_loss_by: TriggerBy = TriggerBy.LAST
    closes_on_trigger: bool = False
    last_price: Decimal | None = None
    is_attached: bool = False
    triggered_us: int = 0
    filled: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillNote:
    """What a fill did, as it was then.

    Args:
        closed: base units of a position that it closed.
        result: of what it closed, before fees, quote currency.
        leaves: base units of its order that were left.
        held: base units of the position after it.
        mark: the mark price.
        sequence: counts everything that happens.
    """

    closed: Decimal
    result: Decimal
    leaves: Decimal
    held: Decimal
    mark: Decimal
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingNote:
    """The position that a funding payment was for, as it was then.

    Args:
        side: `Buy` for a long, `Sell` for a short.
        size: base units.
        mark: the mark price.
    """

    side: BybitSide
    size: Decimal
    mark: Decimal


class Desk:
    """Notes on orders, fills and positions beside the engine.

    Args:
        world: of the venue.

    Attributes:
        sequence: counts everything that happens.
        restarted_us: when the venue last came back from a restart, microseconds UTC; 0 if never.
    """

    def __init__(self, world: VenueWorld) -> None:
        self.world = world
        self.sequence = 0
        self._notes: dict[str, Note] = {}
        self._fills: dict[str, FillNote] = {}
        self._funded: dict[str, FundingNote] = {}
        self._places: defaultdict[tuple[str, Symbol, PositionIdx], Place] = defaultdict(Place)
        self._stops_by: dict[tuple[str, Symbol, PositionIdx], TriggerBy] = {}
        self._engine = world.engine
        self.restarted_us = 0

    def symbol_of(self, venue_id: str) -> Symbol:
        """Return the market of a name such as `BTCUSDT`.

        Raises:
            Refusal: there is none.
        """
        symbol = self.world.symbol_of(venue_id)
        if symbol is None:
            raise bad_parameter(f"symbol {venue_id}")
        return symbol

    def is_hedged(self, account: str) -> bool:
        """Return whether an account is in hedge mode."""
        return self.world.engine.is_hedged(account)

    def idx(self, account: str, direction: Direction) -> PositionIdx:
        """Return the number of the position of a direction."""
        return position_idx(direction, is_hedged=self.is_hedged(account))

    def position(self, account: str, symbol: Symbol, idx: PositionIdx) -> VenuePosition | None:
        """Return an open position; None if that one is flat."""
        for position in self.world.engine.positions(account):
            if position.symbol == symbol and self.idx(account, position.direction) is idx:
                return position
        return None

    def place(self, account: str, symbol: Symbol, idx: PositionIdx) -> Place:
        """Return a position's results."""
        return self._places[account, symbol, idx]

    def attached_stop(self, account: str, symbol: Symbol, idx: PositionIdx) -> VenueOrder | None:
        """Return the stop that the venue itself keeps for a position."""
        for order in self.world.engine.orders(account, open_only=True, symbol=symbol):
            note = self.note(order)
            if note.is_attached and note.idx is idx:
                return order
        return None

    def note(self, order: VenueOrder) -> Note:
        """Return what is known of an order; the venue's own are known once they were told."""
        return self._notes.get(order.venue_id) or Note(created_us=order.updated_us)

    def write(self, account: str, order: VenueOrder, note: Note) -> None:
        """Keep what is known of an order."""
        self._notes[order.venue_id] = note
        if note.stop_loss is not None:
            self.watch_stop_by(account, order.symbol, note.idx, note.stop_loss_by)

    def watch_stop_by(
        self, account: str, symbol: Symbol, idx: PositionIdx, source: TriggerBy
    ) -> None:
        """Keep what a position's own stop watches."""
        self._stops_by[account, symbol, idx] = source

    def fill_note(self, fill: Fill) -> FillNote:
        """Return what a fill did."""
        return self._fills[fill.fill_id]

    def funding_note(self, payment: FundingPayment) -> FundingNote:
        """Return the position that a funding payment was for."""
        return self._funded[payment.payment_id]

    def notice_restart(self, *, at_us: int) -> None:
        """Remember when the venue was first seen to have come back from a restart."""
        if self._engine is not self.world.engine:
            self._engine, self.restarted_us = self.world.engine, at_us

    def learn(self, event: MatchEvent) -> None:
        """Keep what an event of the engine tells; called once for each, in order."""
        self.sequence += 1
        self.notice_restart(at_us=event.at_us)
        if event.fill is not None:
            self._learn_fill(event.account_id, event.fill)
        elif event.order is not None:
            self._learn_order(event.account_id, event.order, at_us=event.at_us)
        elif event.funding is not None:
            self._learn_funding(event.account_id, event.funding)

    def _learn_funding(self, account: str, payment: FundingPayment) -> None:
        """Keep what was funded: in hedge mode the older of two positions is taken for it."""
        mark = self.world.engine.quote(payment.symbol).mark
        side, size = BybitSide.BUY, Decimal(0)
        for position in self.world.engine.positions(account):
            if position.symbol == payment.symbol:
                is_long = position.direction is Direction.LONG
                side, size = BybitSide.BUY if is_long else BybitSide.SELL, position.size
                idx = self.idx(account, position.direction)
                place = self.place(account, payment.symbol, idx)
                place.take(payment.amount, at_us=payment.at_us)
                break
        self._funded[payment.payment_id] = FundingNote(side=side, size=size, mark=mark)

    def _learn_order(self, account: str, order: VenueOrder, *, at_us: int) -> None:
        note = self._notes.get(order.venue_id)
        if note is None:
            note = self._notes[order.venue_id] = self._own_order(account, order, at_us=at_us)
        if order.text == _TRIGGERED and not note.triggered_us:
            self._notes[order.venue_id] = replace(note, triggered_us=at_us)

    def _own_order(self, account: str, order: VenueOrder, *, at_us: int) -> Note:
        """Return a note on an order of the venue's own: a position's stop, or a liquidation."""
        sells = order.side is Side.SELL
        idx = self.idx(account, Direction.LONG if sells else Direction.SHORT)
        return Note(
            created_us=at_us,
            idx=idx,
            time_in_force="IOC",
            trigger_by=self._stops_by.get((account, order.symbol, idx), TriggerBy.LAST),
            closes_on_trigger=True,
            is_attached=not order.client_id and order.kind is OrderKind.STOP_MARKET,
        )

    def _learn_fill(self, account: str, fill: Fill) -> None:
        order = self.world.engine.order(account, venue_id=fill.venue_id)
        if order is None:
            return
        self._learn_order(account, order, at_us=fill.at_us)
        note = self.note(order)
        place = self.place(account, fill.symbol, note.idx)
        closed, result = place.fill(fill)
        filled = note.filled + fill.size
        self._fills[fill.fill_id] = FillNote(
            closed=closed,
            result=result,
            leaves=order.size - filled,
            held=abs(place.size),
            mark=self.world.engine.quote(fill.symbol).mark,
            sequence=self.sequence,
        )
        self._notes[order.venue_id] = replace(note, filled=filled, fee=note.fee + fill.fee)


def is_liquidation(order: VenueOrder | Fill) -> bool:
    """Return whether an order is the venue's own and closes a position that ran out of margin."""
    return order.client_id.startswith(_LIQUIDATION)


def is_waiting(order: VenueOrder, note: Note) -> bool:
    """Return whether an order is conditional and its trigger was not reached."""
    return order.kind.is_conditional and not note.triggered_us and not order.filled_size
