"""One account on the simulated venue, with its clock, and everything of it kept in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.candles import utc_text
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.orders import OrderKind, OrderRequest, OrderStatus, Side, VenueOrder
from snipersight.domain.units import Currency, Price, Symbol
from snipersight.domain.venue import Answer, Problem, ProblemClass, Reason
from snipersight.market.paper.bars import Bar
from snipersight.market.paper.state_file import PaperFile
from snipersight.market.paper.waiting import Ended, Held, WaitingOrders
from snipersight.matching import MatchEvent, MatchingEngine, MatchingRules
from snipersight.matching.values import to_json

# What a perpetual position pays every eight hours, whichever side it is on: the sources that
# feed this venue know no funding rates, and a rate that earned something would flatter results.
FUNDING_RATE: Final = Decimal("0.0001")
FUNDING_MS: Final = 8 * 3_600_000
RULES: Final = MatchingRules()


class PaperWorld:
    """The matching engine of one account, the orders that wait for their bar, and the time.

    Args:
        account_id: whose.
        engine: with the account open.
        waiting: orders that do not count yet.
        clock_us: the time that was played to, microseconds UTC.
        file: where all of it is kept.
        origin: names the prices that it lives by, for whoever opens it again.
        instruments: the markets, those that can be traded.
    """

    def __init__(
        self,
        *,
        account_id: str,
        engine: MatchingEngine,
        waiting: WaitingOrders,
        clock_us: int,
        file: PaperFile,
        origin: str,
        instruments: Mapping[Symbol, Instrument],
    ) -> None:
        self.account_id: Final = account_id
        self.engine: Final = engine
        self.waiting: Final = waiting
        self.clock_us = clock_us
        self.instruments: Final = instruments
        self.origin: Final = origin
        self._file: Final = file
        self._listeners: list[Callable[[MatchEvent], object]] = []

    def listen(self, listener: Callable[[MatchEvent], object]) -> None:
        """Tell somebody of everything that happens from now on."""
        self._listeners.append(listener)

    def active(self) -> frozenset[Symbol]:
        """Return the markets in which something is open or waits."""
        orders = self.engine.orders(self.account_id, open_only=True)
        held = {one.symbol for one in self.waiting.held}
        positions = {one.symbol for one in self.engine.positions(self.account_id)}
        return frozenset({one.symbol for one in orders} | held | positions)

    def submit(self, *requests: OrderRequest, bar_ms: int) -> Answer:
        """Take one order, or target and stop as one list.

        What rests counts from the next bar on; a market order is filled at the newest price.

        Args:
            requests: one, or target and stop.
            bar_ms: length of the market's bars.
        """
        taken = next((one for one in requests if self.waiting.order(one.client_id)), None)
        if taken is not None:
            return _duplicate(taken)
        from_us = -(-self.clock_us // (bar_ms * 1000)) * bar_ms * 1000
        is_now = from_us == self.clock_us or requests[0].kind is OrderKind.MARKET
        answer = self._send(self.engine, requests) if is_now else self._held(requests, from_us)
        self._retire_backstop(requests[0].symbol)
        self.keep()
        return answer

    def cancel(self, symbol: Symbol, client_id: str) -> Answer:
        """Cancel an order; of a list both."""
        ended = self.waiting.cancel(client_id, at_us=self.clock_us)
        if ended:
            answer = Answer(order=next(one for one in ended if one.client_id == client_id))
        else:
            answer = self.engine.cancel(
                self.account_id, symbol, client_id=client_id, at_us=self.clock_us
            )
        self.keep()
        return answer

    def order(self, client_id: str) -> VenueOrder | None:
        """Return an order by our id, open or ended."""
        return self.waiting.order(client_id) or self.engine.order(
            self.account_id, client_id=client_id
        )

    def print_price(self, symbol: Symbol, price: Decimal) -> None:
        """Let a market have a price in which nothing is open; what is open lives by its bars."""
        if symbol not in self.active():
            self.engine.trade(symbol, price=Price(price), at_us=self.clock_us)

    def play(self, bars: tuple[Bar, ...]) -> bool:
        """Let bars that closed together happen; True if something happened to an order.

        Raises:
            DataInvalid: they closed before the time that was played to.
        """
        close_ms = bars[0].close_ms
        if close_ms * 1000 < self.clock_us:
            raise DataInvalid(f"a bar of {utc_text(close_ms)} lies before the time played to")
        for bar in bars:
            self._release(bar)
            self.engine.bar(
                bar.symbol,
                open=bar.open,
                high=bar.high,
                low=bar.low,
                close=bar.close,
                at_us=bar.open_ms * 1000,
                step_us=(bar.close_ms - bar.open_ms) * 1000,
                volume=bar.volume,
            )
        self.clock_us = close_ms * 1000
        if close_ms % FUNDING_MS == 0:
            self._fund()
        return self.keep(only_news=True)

    def keep(self, *, only_news: bool = False) -> bool:
        """Save everything and tell what happened; True if something did.

        A bar in which nothing happened need not be saved: it can be played again.
        """
        events = self.engine.drain()
        if events or not only_news:
            self._file.save(self._snapshot())
        for event in events:
            for listener in self._listeners:
                listener(event)
        return bool(events)

    def _held(self, requests: tuple[OrderRequest, ...], from_us: int) -> Answer:
        """Let an order wait if the venue would take it beside all that waits already."""
        trial = MatchingEngine.restore(self.engine.snapshot())
        for one in self.waiting.held:
            self._send(trial, one.requests)
        answer = self._send(trial, requests)
        if not answer:
            return answer
        held = Held(requests=requests, from_us=from_us, sent_us=self.clock_us)
        self.waiting.add(held)
        return Answer(order=held.shown()[0])

    def _retire_backstop(self, symbol: Symbol) -> None:
        """Cancel the stop that came with an entry once stops of ours lie there for all of it."""
        held = {
            one.direction: one.size
            for one in self.engine.positions(self.account_id)
            if one.symbol == symbol
        }
        stops = [
            one
            for one in self.engine.orders(self.account_id, open_only=True, symbol=symbol)
            if one.kind.is_stop and one.is_reducing
        ]
        for direction, size in held.items():
            exit_side = Side.SELL if direction is Direction.LONG else Side.BUY
            here = [one for one in stops if one.side is exit_side]
            ours = sum((one.size for one in here if one.client_id), Decimal(0))
            for one in here if ours >= size else ():
                if not one.client_id:
                    self.engine.cancel(
                        self.account_id, symbol, venue_id=one.venue_id, at_us=self.clock_us
                    )

    def _send(self, engine: MatchingEngine, requests: tuple[OrderRequest, ...]) -> Answer:
        if len(requests) == 1:
            return engine.submit(self.account_id, requests[0], at_us=self.clock_us)
        target, stop = requests
        return engine.submit_pair(self.account_id, target, stop, at_us=self.clock_us)

    def _release(self, bar: Bar) -> None:
        """Hand over what counts from this bar on; what the venue refuses by now has ended."""
        for held in self.waiting.take_due(bar.symbol, open_us=bar.open_ms * 1000):
            answer = self._send(self.engine, held.requests)
            for request in () if answer.problem is None else held.requests:
                text = answer.problem.text if answer.problem is not None else ""
                self.waiting.end(
                    Ended(
                        request=request,
                        status=OrderStatus.REJECTED,
                        at_us=bar.open_ms * 1000,
                        text=text,
                    )
                )

    def _fund(self) -> None:
        for position in self.engine.positions(self.account_id):
            sign = 1 if position.direction is Direction.LONG else -1
            self.engine.fund(position.symbol, FUNDING_RATE * sign, at_us=self.clock_us)

    def _snapshot(self) -> dict[str, Any]:
        return {
            "account_id": self.account_id,
            "origin": self.origin,
            "clock_us": self.clock_us,
            "engine": self.engine.snapshot(),
            "waiting": self.waiting.snapshot(),
        }


def begin_world(
    *,
    account_id: str,
    origin: str,
    instruments: Mapping[Symbol, Instrument],
    file: PaperFile,
    balances: Mapping[Currency, Decimal],
    now_us: int,
    rules: MatchingRules = RULES,
) -> PaperWorld:
    """Return the world as it was saved, or a new one that holds the balances and begins now.

    Args:
        account_id: whose.
        origin: names the prices that it lives by.
        instruments: markets of the source; those whose rules are not known cannot be traded.
        file: where it is kept.
        balances: what a new one begins with.
        now_us: when a new one begins, microseconds UTC.
        rules: by which it matches from now on, a saved one too.

    Raises:
        StateUnavailable: the file cannot be used.
        DataInvalid: what was saved is another account's, or lives by other prices.
    """
    known = {symbol: one for symbol, one in instruments.items() if not one.missing()}
    saved = file.load()
    if saved is None:
        engine = MatchingEngine(known.values(), rules=rules)
        engine.open_account(account_id, balances)
        waiting, clock_us = WaitingOrders(), now_us
    else:
        _require_own(saved, account_id, origin, file)
        engine = MatchingEngine.restore({**saved["engine"], "rules": to_json(rules)})
        for instrument in known.values():
            engine.list_market(instrument)
        waiting, clock_us = WaitingOrders.restore(saved["waiting"]), saved["clock_us"]
    return PaperWorld(
        account_id=account_id,
        engine=engine,
        waiting=waiting,
        clock_us=clock_us,
        file=file,
        origin=origin,
        instruments=engine.instruments(),
    )


def origin_of(file: PaperFile) -> str | None:
    """Return which prices a saved world lives by; None where none was saved.

    Raises:
        StateUnavailable: the file cannot be read.
    """
    saved = file.load()
    return None if saved is None else str(saved["origin"])


def is_spot(instrument: Instrument) -> bool:
    """Return whether a market is owned, not held on margin."""
    return instrument.kind is MarketKind.SPOT


def _duplicate(request: OrderRequest) -> Answer:
    problem = Problem(
        kind=ProblemClass.REFUSED,
        reason=Reason.DUPLICATE,
        text=f"an order {request.client_id} was sent before",
    )
    return Answer(problem=problem)


def _require_own(saved: Mapping[str, Any], account_id: str, origin: str, file: PaperFile) -> None:
    if saved["account_id"] != account_id:
        raise DataInvalid(
            f"it is the paper account {saved['account_id']}'s",
            where=str(file.path),
            next_step=f"move it away; account {account_id} then begins with an empty venue",
        )
    if saved["origin"] != origin:
        raise DataInvalid(
            f"account {account_id} trades on paper at the prices of {saved['origin']}, "
            f"and these are {origin}",
            where=str(file.path),
            next_step="name that source again; or, with nothing open, move the file away",
        )
