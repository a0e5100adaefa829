"""A small venue and a small shell around `decide`, for properties: it may lose, delay and refuse.

The venue is the truth; the shell knows what was shown to it. Orders fill at their own price, stops
at the price that triggered them. A perpetual is never reduced below what is held; a spot sell is
bounded by what the account has, and may sell what is not the trade's: `held` falls below 0 then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum

from snipersight.bot.executor.actions import (
    Action,
    Alarm,
    Cancel,
    Finish,
    Flatten,
    GiveUp,
    LookUp,
    MoveStop,
    Place,
    Situation,
    Timings,
)
from snipersight.bot.executor.decide import decide
from snipersight.bot.executor.evidence import (
    Answered,
    CancelAsked,
    Fact,
    GivenUp,
    NotFound,
    Observed,
    fold,
)
from snipersight.bot.executor.holding import holding_of
from snipersight.bot.executor.managing.amounts import has_passed
from snipersight.bot.executor.managing.assuming import assume
from snipersight.bot.executor.managing.legs import is_unsettled
from snipersight.domain.execution import Leg, OrderIntent, Trade, TradeState
from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import OrderStatus, Quote, VenueOrder
from snipersight.domain.units import Price, Size
from snipersight.domain.venue import (
    Answer,
    Problem,
    ProblemClass,
    Reason,
    VenueCapabilities,
)
from tests.builders.situations import NOW_US, SECOND_US

_ZERO = Decimal(0)


class Fate(Enum):
    """What becomes of a request."""

    DONE = "done"
    REFUSED = "refused"
    BUSY = "busy"  # refused, and may be asked again
    REPLY_LOST = "reply_lost"  # done, but nobody hears of it
    LOST = "lost"  # never arrived, and nobody hears of that
    LATE = "late"  # arrives some time after its time-out


@dataclass(slots=True)
class BookOrder:
    """An order as the venue has it."""

    intent: OrderIntent
    status: OrderStatus = OrderStatus.WORKING
    filled: Decimal = _ZERO
    average: Price | None = None

    @property
    def rest(self) -> Decimal:
        """Return what of it may still be filled."""
        return self.intent.request.size - self.filled if self.is_open else _ZERO

    @property
    def is_open(self) -> bool:
        """Return whether it rests or waits for its trigger."""
        return self.status is OrderStatus.WORKING

    def shown(self) -> VenueOrder:
        """Return it as the venue reports it."""
        request = self.intent.request
        return VenueOrder(
            client_id=request.client_id,
            venue_id=f"v-{request.client_id}",
            symbol=request.symbol,
            side=request.side,
            kind=request.kind,
            is_reducing=request.is_reducing,
            size=request.size,
            filled_size=Size(self.filled),
            status=self.status,
            price=request.price,
            trigger_price=request.trigger_price,
            average_price=self.average,
        )


@dataclass(slots=True)
class VenueModel:
    """The truth: price, position, orders.

    Args:
        foreign: spot units in the account that are not the trade's.
    """

    instrument: Instrument
    abilities: VenueCapabilities
    price: Price
    held: Decimal = _ZERO
    foreign: Decimal = _ZERO
    orders: dict[str, BookOrder] = field(default_factory=dict)
    late: list[tuple[OrderIntent, ...]] = field(default_factory=list)
    is_filling_stops: bool = True

    @property
    def sellable(self) -> Decimal:
        """Return what an exit could fill: on spot, everything that the account has."""
        return self.held + (self.foreign if self.abilities.pairs_exits else _ZERO)

    def submit(self, intents: tuple[OrderIntent, ...], fate: Fate) -> Problem | None:
        """Take orders or not; return what the sender hears of it."""
        if fate is Fate.REFUSED:
            return Problem(kind=ProblemClass.REFUSED)
        if fate is Fate.BUSY:
            return Problem(kind=ProblemClass.RETRY_LATER)
        if fate is Fate.LATE:
            self.late.append(intents)
        problem = None if fate in (Fate.LOST, Fate.LATE) else self._take(intents)
        if fate is Fate.DONE:
            return problem
        return Problem(kind=ProblemClass.UNKNOWN)

    def arrive(self) -> None:
        """Let what was delayed arrive."""
        waiting, self.late = self.late, []
        for intents in waiting:
            self._take(intents)

    def move(self, price: Price) -> None:
        """Let the price move, and everything trade that it reaches; stops before targets."""
        self.price = price
        for order in sorted(self.open_orders(), key=lambda one: one.intent.leg is not Leg.STOP):
            self._trade_if_reached(order)

    def fill(self, order: BookOrder, size: Decimal) -> None:
        """Execute part of an order."""
        request = order.intent.request
        if request.is_reducing:
            size = min(size, self.sellable)
        size = min(size, order.rest)
        if size > 0:
            order.filled += size
            order.average = request.price or self.price
            self.held += -size if request.is_reducing else size * self._kept()
        is_whole = order.filled == request.size
        if is_whole or (request.is_reducing and self.sellable == 0):
            order.status = OrderStatus.FILLED if is_whole else OrderStatus.EXPIRED
        self._end_partner(order)

    def end(self, order: BookOrder, status: OrderStatus = OrderStatus.CANCELLED) -> None:
        """End an order unfilled, and its partner with it."""
        if order.is_open:
            order.status = status
            self._end_partner(order)

    def open_orders(self) -> list[BookOrder]:
        """Return what rests or waits."""
        return [one for one in self.orders.values() if one.is_open]

    def _end_partner(self, order: BookOrder) -> None:
        # As on Binance: the first execution of one ends the other, however small it is.
        partner = self.orders.get(order.intent.pair_id or "")
        if partner is not None and partner.is_open and (order.filled > 0 or not order.is_open):
            partner.status = OrderStatus.EXPIRED

    def _kept(self) -> Decimal:
        fees = self.instrument.fees
        return 1 - fees.taker if self.abilities.pairs_exits and fees else Decimal(1)

    def _take(self, intents: tuple[OrderIntent, ...]) -> Problem | None:
        if problem := self._problem(intents):
            return problem
        for one in intents:
            self.orders[one.client_id] = BookOrder(intent=one)
        for one in intents:
            self._trade_if_reached(self.orders[one.client_id])
        return None

    def _problem(self, intents: tuple[OrderIntent, ...]) -> Problem | None:
        reason = self._reason(intents)
        return None if reason is None else Problem(kind=ProblemClass.REFUSED, reason=reason)

    def _reason(self, intents: tuple[OrderIntent, ...]) -> Reason | None:
        if any(one.client_id in self.orders for one in intents):
            return Reason.DUPLICATE
        if not intents[0].request.is_reducing:
            return None
        if self.abilities.pairs_exits:
            if intents[0].request.size > self.sellable - self._tied():
                return Reason.FUNDS
        elif self.held == 0:
            return Reason.NOTHING_TO_REDUCE
        if any(one.leg is Leg.STOP and self._is_passed(one) for one in intents):
            return Reason.WOULD_TRIGGER
        is_pair = len(intents) == 2
        if is_pair and any(one.leg is Leg.TARGET and self._is_target_hit(one) for one in intents):
            return Reason.WOULD_TRIGGER
        return None

    def _tied(self) -> Decimal:
        """Return the units in open exits, those of a pair once."""
        lists = {
            frozenset((one.intent.client_id, one.intent.pair_id or one.intent.client_id)): one.rest
            for one in self.open_orders()
            if one.intent.request.is_reducing
        }
        return sum(lists.values(), _ZERO)

    def _is_passed(self, intent: OrderIntent) -> bool:
        trigger = intent.request.trigger_price
        return trigger is not None and has_passed(self.price, trigger, intent.request.direction)

    def _is_target_hit(self, intent: OrderIntent) -> bool:
        price = intent.request.price
        return price is not None and not intent.request.direction.is_losing(self.price, entry=price)

    def _trade_if_reached(self, order: BookOrder) -> None:
        if not order.is_open:
            return
        leg, request = order.intent.leg, order.intent.request
        reached = {
            Leg.STOP: self.is_filling_stops and self._is_passed(order.intent),
            Leg.TARGET: leg is Leg.TARGET and self._is_target_hit(order.intent),
            Leg.FLATTEN: True,
            Leg.ENTRY: request.price is not None
            and not request.direction.is_winning(self.price, entry=request.price),
        }[leg]
        if reached:
            self.fill(order, order.rest)


@dataclass(slots=True)
class Shell:
    """What is stored of a trade, and the doing of what is decided."""

    venue: VenueModel
    trade: Trade
    now_us: int = NOW_US
    timings: Timings = field(default_factory=Timings)
    intents: dict[str, OrderIntent] = field(default_factory=dict)
    pending: Decimal = _ZERO
    booked: bool = True
    entries_allowed: bool = True
    is_quoted: bool = True
    is_denying: bool = False
    is_answering: bool = True  # when asked for balances
    end: Finish | None = None
    log: list[Action] = field(default_factory=list)

    def situation(self) -> Situation:
        """Return what is known now."""
        instrument = self.venue.instrument
        holding = holding_of(self.intents.values(), (), instrument)
        trade = self._tracked(holding.entered)
        now = self.venue.price
        quote = Quote(symbol=trade.symbol, last=now, mark=now, at_us=self.now_us)
        return Situation(
            trade=trade,
            intents=tuple(self.intents.values()),
            held=holding.held,
            average_entry=holding.average_entry,
            entered=holding.entered,
            quote=quote if self.is_quoted else None,
            instrument=instrument,
            abilities=self.venue.abilities,
            timings=self.timings,
            now_us=self.now_us,
            pending=Size(self.pending),
            is_booked=self.booked,
            entries_allowed=self.entries_allowed,
            spare=self._spare(holding.held),
        )

    def decide(self) -> tuple[Situation, tuple[Action, ...]]:
        """Ask what is due, without doing it."""
        situation = self.situation()
        self.trade = situation.trade
        return situation, decide(situation)

    def do(self, situation: Situation, actions: tuple[Action, ...], fates: list[Fate]) -> None:
        """Journal and carry out; each request meets the next fate, `DONE` once they run out."""
        self.log += actions
        for action in actions:
            fate = fates.pop(0) if fates and isinstance(action, Place | Cancel) else Fate.DONE
            self._do(situation, action, fate)
        after = assume(situation, actions)
        self.trade, self.pending = after.trade, after.pending
        if self.end is not None:
            self.trade = replace(self.trade, state=TradeState.DONE, ended_us=self.now_us)

    def see(self, client_id: str) -> None:
        """Take the venue's word on one order; nothing where it knows none."""
        order = self.venue.orders.get(client_id)
        if order is not None and client_id in self.intents:
            self._fold(Observed(client_id=order.intent.client_id, order=order.shown()))

    def see_all(self) -> None:
        """Take the venue's word on every order, and book all of it."""
        for client_id in self.venue.orders:
            self.see(client_id)
        self.booked = True

    def settle(self, *, rounds: int = 80) -> None:
        """Go on with an honest venue until nothing is due any more.

        Raises:
            AssertionError: something is due for ever.
        """
        self.venue.is_filling_stops, self.is_denying = True, False
        self.venue.arrive()
        self.venue.move(self.venue.price)
        quiet = 0
        for _ in range(rounds):
            self.see_all()
            situation, actions = self.decide()
            self.do(situation, actions, [])
            due = [one for one in actions if not isinstance(one, Alarm)]
            quiet = 0 if due else quiet + 1
            if quiet == 3:
                return
            self.now_us += SECOND_US
        raise AssertionError(f"still due after {rounds} rounds: {self.decide()[1]}")

    def _spare(self, held: Decimal) -> Decimal | None:
        """Return what the account shows beyond a trade's own, asked only while an exit is in doubt.

        As the executor asks: first the balance, then orders and executions, and nothing is said
        where these tell anything new, or where units are tied up by nobody knows what.
        """
        exits = [one for one in self.intents.values() if one.leg is not Leg.ENTRY]
        lost = [one for one in exits if is_unsettled(one)]
        if not lost or not self.venue.abilities.pairs_exits or not self.is_answering:
            return None
        known = {one.client_id: one.filled_size for one in exits}
        orders = [one for one in self.venue.orders.values() if one.intent.leg is not Leg.ENTRY]
        has_news = any(one.filled > known[one.intent.client_id] for one in orders)
        ids = [one.client_id for one in lost]
        shown = [one for one in ids if one in self.venue.orders and not self._is_denied(one)]
        is_tied = any(one.is_open for one in orders if one.intent.client_id in ids)
        if has_news or shown or is_tied:
            return None
        return self.venue.sellable - held

    def _is_denied(self, client_id: str) -> bool:
        """Return whether the venue does not find an order that it has: only soon after it came."""
        sent_us = self.intents[client_id].sent_us or 0
        return self.is_denying and self.now_us < sent_us + self.venue.abilities.lookup_us

    def _tracked(self, entered: Decimal) -> Trade:
        trade = self.trade
        if entered > 0 and trade.state is TradeState.ENTERING:
            return replace(trade, state=TradeState.OPEN, opened_us=self.now_us)
        return trade

    def _do(self, situation: Situation, action: Action, fate: Fate) -> None:
        match action:
            case Place(intents=new):
                self._place(new, fate)
            case Cancel(client_id=client_id):
                self._fold(CancelAsked(client_id=client_id))
                order = self.venue.orders.get(client_id)
                if order is not None and fate in (Fate.DONE, Fate.REPLY_LOST):
                    self.venue.end(order)
            case LookUp(client_id=client_id):
                if client_id in self.venue.orders and not self._is_denied(client_id):
                    self.see(client_id)
                else:
                    self._fold(NotFound(client_id=client_id))
            case GiveUp(client_id=client_id):
                self._fold(GivenUp(client_id=client_id))
            case Finish():
                self.end = action
            case MoveStop() | Flatten() | _:
                pass

    def _place(self, new: tuple[OrderIntent, ...], fate: Fate) -> None:
        for one in new:
            if one.client_id in self.intents:
                raise AssertionError(f"{one.client_id} was journaled before")
            self.intents[one.client_id] = replace(one, sent_us=self.now_us)
        problem = self.venue.submit(new, fate)
        for one in new:
            self._fold(Answered(client_id=one.client_id, answer=Answer(problem=problem)))

    def _fold(self, fact: Fact) -> None:
        before = self.intents[fact.client_id]
        after = fold(before, fact, at_us=self.now_us)
        if after.filled_size > before.filled_size:
            self.booked = False
        if before.leg is Leg.ENTRY and after.filled_size > before.filled_size:
            self.pending = max(_ZERO, self.pending - (after.filled_size - before.filled_size))
        self.intents[fact.client_id] = after
