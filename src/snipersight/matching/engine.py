"""The simulated venue: one matching engine for paper trading, backtests and the sandbox.

Nothing in it knows the time, chance or a file: prices and times are handed in, so the same
calls always bring the same results. Orders are matched against the tape of prices that the
caller prints, not against one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import (
    Balance,
    Fill,
    FundingPayment,
    OrderRequest,
    Quote,
    TriggerSource,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.units import Currency, Price, Symbol
from snipersight.domain.venue import Answer
from snipersight.matching import bars, desk, position_stops, pruning, snapshots, statements, terms
from snipersight.matching.accounts import Account
from snipersight.matching.amounts import ZERO
from snipersight.matching.events import MatchEvent, told
from snipersight.matching.floor import Floor
from snipersight.matching.funding import fund
from snipersight.matching.markets import Market
from snipersight.matching.postings import Book, Posting
from snipersight.matching.rules import MatchingRules
from snipersight.matching.tape import carry_out, put_price

_USDT: Final = Currency("USDT")
_DEFAULTS: Final = MatchingRules()


class MatchingEngine:
    """A venue with accounts, markets and orders, driven by printed prices.

    Args:
        instruments: the markets; tick, lot and fees must be known.
        rules: what the venue allows, and how hard it is on us.
        records_events: whether `drain` has something to tell; what is never drained piles up.

    Raises:
        DataInvalid: an instrument lacks a rule, or a symbol comes twice.
    """

    def __init__(
        self,
        instruments: Iterable[Instrument],
        *,
        rules: MatchingRules = _DEFAULTS,
        records_events: bool = True,
    ) -> None:
        self._floor = Floor(instruments, rules, records_events=records_events)

    # Accounts and their terms

    def open_account(
        self,
        account_id: str,
        balances: Mapping[Currency, Decimal],
        *,
        is_hedged: bool = False,
        at_us: int = 0,
    ) -> None:
        """Open an account with its first deposits.

        Raises:
            DataInvalid: it is open already, or a balance is not finite or below 0.
        """
        if account_id in self._floor.accounts:
            raise DataInvalid(f"account {account_id!r} is open already")
        self._floor.accounts[account_id] = Account(
            account_id,
            is_hedged=is_hedged,
            default_leverage=self._floor.rules.default_leverage,
        )
        for currency, amount in balances.items():
            self.deposit(account_id, currency, amount, at_us=at_us)

    def deposit(self, account_id: str, currency: Currency, amount: Decimal, *, at_us: int) -> None:
        """Put money into a wallet, or below 0 take free money out.

        Raises:
            DataInvalid: the amount is not finite, or more is taken out than is free.
        """
        account = self._floor.account(account_id)
        if not amount.is_finite() or amount + max(account.free(currency), ZERO) < 0:
            raise DataInvalid(
                f"{amount} {currency} cannot be put in or taken out", where=account_id
            )
        account.post(Book.OUTSIDE, currency, amount, at_us=at_us)

    def account_ids(self) -> tuple[str, ...]:
        """Return the open accounts, oldest first."""
        return tuple(self._floor.accounts)

    def set_leverage(self, account_id: str, symbol: Symbol, leverage: Decimal) -> Answer:
        """Set the leverage of a perpetual; `HARMLESS` if it is that already.

        An open position's margin and liquidation price change with it; `FUNDS` if that cannot
        be paid.
        """
        account, market = self._floor.account(account_id), self._floor.market(symbol)
        return terms.set_leverage(self._floor, account, market, leverage)

    def set_isolated(self, account_id: str, symbol: Symbol, is_isolated: bool) -> Answer:
        """Set the margin mode of a perpetual; `HARMLESS` if it is that already.

        Refused while a position or an order is open in it.
        """
        account, market = self._floor.account(account_id), self._floor.market(symbol)
        return terms.set_isolated(account, market, is_isolated=is_isolated)

    def set_hedged(self, account_id: str, is_hedged: bool) -> Answer:
        """Set hedge or one-way mode; `HARMLESS` if it is that already, refused if anything is open."""
        return terms.set_hedged(self._floor.account(account_id), is_hedged=is_hedged)

    def leverage(self, account_id: str, symbol: Symbol) -> Decimal:
        """Return the leverage of a perpetual that an entry would have."""
        return self._floor.account(account_id).terms(self._floor.market(symbol))[0]

    def is_isolated(self, account_id: str, symbol: Symbol) -> bool:
        """Return whether an entry's position would be backed by its own margin only."""
        return self._floor.account(account_id).terms(self._floor.market(symbol))[1]

    def is_hedged(self, account_id: str) -> bool:
        """Return whether long and short of a symbol can be open side by side."""
        return self._floor.account(account_id).is_hedged

    # Orders

    def submit(self, account_id: str, request: OrderRequest, *, at_us: int) -> Answer:
        """Take an order in, or refuse it with a reason; the answer carries the order as it is then.

        Market orders and limits better than the last price are executed at once, as taker.
        """
        return desk.submit(self._floor, self._floor.account(account_id), request, at_us=at_us)

    def submit_pair(
        self, account_id: str, target: OrderRequest, stop: OrderRequest, *, at_us: int
    ) -> Answer:
        """Take target and stop of the same spot units in as one list (OCO), or refuse both.

        The first fill or trigger of one ends the other; so does a cancel. The answer carries
        the target.
        """
        account = self._floor.account(account_id)
        return desk.submit_pair(self._floor, account, (target, stop), at_us=at_us)

    def cancel(
        self,
        account_id: str,
        symbol: Symbol,
        *,
        client_id: str = "",
        venue_id: str = "",
        at_us: int,
    ) -> Answer:
        """Cancel an order by either id, of a pair both; `NOT_FOUND` if it is not open."""
        account = self._floor.account(account_id)
        found = desk.find(account, symbol, client_id=client_id, venue_id=venue_id)
        return desk.cancel(self._floor, found, at_us=at_us)

    def set_position_stop(
        self,
        account_id: str,
        symbol: Symbol,
        direction: Direction,
        *,
        trigger: Price | None,
        source: TriggerSource = TriggerSource.LAST,
        at_us: int,
    ) -> Answer:
        """Let the venue keep a stop for a whole position, at another trigger, or none (None).

        It grows and shrinks with the position and ends with it. `HARMLESS` if it is so already.
        """
        return position_stops.set_position_stop(
            self._floor,
            self._floor.account(account_id),
            self._floor.market(symbol),
            direction,
            trigger=trigger,
            source=source,
            at_us=at_us,
        )

    # Prices

    def trade(
        self,
        symbol: Symbol,
        *,
        price: Decimal,
        size: Decimal | None = None,
        at_us: int,
        mark: Decimal | None = None,
    ) -> None:
        """Print a trade on the tape and carry out everything that the price reaches.

        Args:
            symbol: the market.
            price: of the trade; a resting limit fills only where it goes beyond it.
            size: the most that can be filled by it, and by takers until the next print; None:
                no limit.
            at_us: when, microseconds UTC.
            mark: the mark price now; None: the same price.

        Raises:
            DataInvalid: a price or the size is not finite or not above 0.
        """
        market = self._floor.market(symbol)
        for value in (price, mark, size):
            if value is not None and not (value.is_finite() and value > 0):
                raise DataInvalid(f"a print with {value}", where=symbol)
        put_price(market, price, mark=mark, size=size, at_us=at_us)
        carry_out(self._floor, market, at_us=at_us)

    def bar(
        self,
        symbol: Symbol,
        *,
        open: Decimal,  # noqa: A002 (a bar's prices have their names)
        high: Decimal,
        low: Decimal,
        close: Decimal,
        at_us: int,
        step_us: int,
        volume: Decimal | None = None,
    ) -> None:
        """Let price go through a bar in the way that costs most (see `bars.play`).

        Args:
            symbol: the market.
            open, high, low, close: the bar's prices.
            at_us: when it opened, microseconds UTC.
            step_us: how long it lasted.
            volume: the most that can be filled within it, base units; None: no limit.

        Raises:
            DataInvalid: the prices contradict each other.
        """
        path = bars.PricePath(open=open, high=high, low=low, close=close)
        market = self._floor.market(symbol)
        bars.play(self._floor, market, path, at_us=at_us, step_us=step_us, volume=volume)

    def fund(self, symbol: Symbol, rate: Decimal, *, at_us: int) -> None:
        """Let every position pay or get funding: the rate on its notional, above 0 longs pay.

        Raises:
            DataInvalid: the rate is not finite.
        """
        if not rate.is_finite():
            raise DataInvalid(f"a funding rate of {rate}", where=symbol)
        fund(self._floor, self._floor.market(symbol), rate, at_us=at_us)

    def quote(self, symbol: Symbol) -> Quote:
        """Return the prices now.

        Raises:
            DataInvalid: no price was printed yet.
        """
        return self._floor.market(symbol).shown_quote()

    def book(
        self, symbol: Symbol, depth: int
    ) -> tuple[tuple[tuple[Price, Decimal], ...], tuple[tuple[Price, Decimal], ...]]:
        """Return bids and asks, best first: a made-up book of `depth` ticks around the last price.

        Every level offers what the newest print left, or 1,000 lots without a limit.
        """
        market, quote = self._floor.market(symbol), self.quote(symbol)
        size = market.lot * 1000 if market.liquidity is None else market.liquidity
        bid, ask = quote.bid or quote.last, quote.ask or quote.last
        bids = (Price(bid - market.tick * step) for step in range(depth))
        return (
            tuple((price, size) for price in bids if price > 0),
            tuple((Price(ask + market.tick * step), size) for step in range(depth)),
        )

    def list_market(self, instrument: Instrument) -> None:
        """List a market that came later; one that is listed already keeps its rules.

        Raises:
            DataInvalid: the instrument lacks a rule.
        """
        if instrument.symbol not in self._floor.markets:
            market = Market(instrument, default_tier=self._floor.rules.default_tier)
            self._floor.markets[instrument.symbol] = market

    def instruments(self) -> dict[Symbol, Instrument]:
        """Return the markets."""
        return {symbol: market.instrument for symbol, market in self._floor.markets.items()}

    # What there is

    def orders(
        self, account_id: str, *, open_only: bool = True, symbol: Symbol | None = None
    ) -> tuple[VenueOrder, ...]:
        """Return an account's orders, oldest first."""
        account = self._floor.account(account_id)
        found = account.open if open_only else account.by_venue_id
        return tuple(
            order.shown()
            for order in found.values()
            if symbol is None or order.market.symbol == symbol
        )

    def order(
        self, account_id: str, *, client_id: str = "", venue_id: str = ""
    ) -> VenueOrder | None:
        """Return an order by either id (the newest with that client id); None if there is none."""
        account = self._floor.account(account_id)
        found = desk.find(account, None, client_id=client_id, venue_id=venue_id)
        return None if found is None else found.shown()

    def fills(
        self, account_id: str, symbol: Symbol | None = None, *, since_us: int = 0
    ) -> tuple[Fill, ...]:
        """Return executions since a moment, oldest first."""
        by_symbol = self._floor.account(account_id).fills
        lists = by_symbol.values() if symbol is None else (by_symbol.get(symbol, []),)
        found = [fill for fills in lists for fill in fills if fill.at_us >= since_us]
        return tuple(sorted(found, key=lambda fill: int(fill.fill_id)))

    def funding(
        self, account_id: str, symbol: Symbol | None = None, *, since_us: int = 0
    ) -> tuple[FundingPayment, ...]:
        """Return funding paid and received since a moment, oldest first."""
        return tuple(
            payment
            for payment in self._floor.account(account_id).funding
            if payment.at_us >= since_us and symbol in (None, payment.symbol)
        )

    def positions(self, account_id: str) -> tuple[VenuePosition, ...]:
        """Return the open positions, oldest first."""
        return tuple(position.shown() for position in self._floor.account(account_id).positions())

    def balances(self, account_id: str) -> tuple[Balance, ...]:
        """Return what the wallet holds, unrealised results left out."""
        return statements.balances(self._floor.account(account_id))

    def equity(self, account_id: str, currency: Currency = _USDT) -> Decimal:
        """Return everything the account has, unrealised results included, in one currency.

        Raises:
            NoData: a currency is held whose price in that one is not known.
        """
        return statements.equity(self._floor, self._floor.account(account_id), currency)

    def journal(self, account_id: str) -> tuple[Posting, ...]:
        """Return the account's double-entry journal; its own books sum to its equity exactly."""
        return statements.journal(self._floor.account(account_id))

    # Keeping it

    def snapshot(self) -> dict[str, Any]:
        """Return everything as JSON values; what was not drained yet is in it."""
        return snapshots.snapshot(self._floor)

    @classmethod
    def restore(cls, kept: Mapping[str, Any]) -> MatchingEngine:
        """Return the venue that a snapshot was taken of; it goes on exactly as that one would.

        Raises:
            DataInvalid: it is no snapshot of this version, or it is damaged.
        """
        engine = cls(())
        engine._floor = snapshots.restore(kept)
        return engine

    def forget(self, account_id: str, *, before_us: int) -> None:
        """Drop ended orders, fills and funding from before a moment; the journal is summed up.

        Balances and equity stay, to the last digit. For venues that run for months.
        """
        pruning.forget(self._floor, self._floor.account(account_id), before_us=before_us)

    def drain(self) -> tuple[MatchEvent, ...]:
        """Return what happened since the last drain, in order."""
        notes, self._floor.notes = self._floor.notes, []
        return told(notes)
