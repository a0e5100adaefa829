"""Executed trades as a person looks at them: what is held, what protects it, what it earned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.holding import Holding, holding_of
from snipersight.domain.execution import (
    BookedFill,
    IntentState,
    Leg,
    OrderIntent,
    Trade,
)
from snipersight.domain.instrument import Instrument
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.orders import Quote
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Price, Size, Symbol

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeView:
    """One trade with everything stored of it, and the price if it is known.

    Args:
        trade: its facts and where it is.
        intents: its orders, oldest first.
        fills: what was booked, oldest first.
        entry: of the ledger; None where it holds none.
        funding: received (below 0 paid) while it was open, quote currency.
        holding: what is held by all evidence.
        quote: the prices now; None where they are not known.
    """

    trade: Trade
    intents: tuple[OrderIntent, ...]
    fills: tuple[BookedFill, ...]
    entry: LedgerEntry | None
    funding: Decimal
    holding: Holding
    quote: Quote | None = None

    @property
    def covered(self) -> Size:
        """Return for how much of the position stops of ours lie at the venue."""
        stops = [one for one in self.intents if one.leg is Leg.STOP]
        live = [one.rest for one in stops if one.state is IntentState.WORKING]
        return Size(min(sum(live, _ZERO), self.holding.held))

    @property
    def protection(self) -> str:
        """Return `protected`, `UNPROTECTED`, or nothing while there is nothing to protect."""
        if self.holding.held == 0:
            return ""
        return "protected" if self.covered >= self.holding.held else "UNPROTECTED"

    @property
    def targets_hit(self) -> int:
        """Return how many targets were filled, wholly or in part."""
        filled = {one.index for one in self.intents if one.leg is Leg.TARGET and one.filled_size}
        return len(filled)

    @property
    def unrealised(self) -> Decimal | None:
        """Return what closing at the mark price would earn, quote currency, before its costs."""
        average = self.holding.average_entry
        if self.quote is None or average is None or self.holding.held == 0:
            return None
        return self.trade.direction.gain(self.quote.mark, entry=average) * self.holding.held

    @property
    def realised(self) -> Decimal:
        """Return what was earned so far, account currency, net of costs; funding included."""
        return _ZERO if self.entry is None else Decimal(self.entry.realised)

    @property
    def r_multiple(self) -> Decimal | None:
        """Return realised and unrealised results in units of the approved loss at the stop."""
        rate = _ZERO if self.entry is None else self.entry.quote_rate
        if self.trade.risk_quote <= 0 or rate <= 0:
            return None
        return (self.realised / rate + (self.unrealised or _ZERO)) / self.trade.risk_quote

    @property
    def stop(self) -> Price:
        """Return where the protective stop is, or will be."""
        return self.trade.stop_price


def trades_of(unit: UnitOfWork, *, everything: bool, limit: int) -> tuple[Trade, ...]:
    """Return an account's trades, newest first: live ones, or with `everything` ended ones too."""
    if everything:
        return unit.book.trades(limit=limit)
    return tuple(reversed(unit.book.live_trades()))[:limit]


def views_of(
    unit: UnitOfWork,
    trades: Sequence[Trade],
    instruments: Mapping[Symbol, Instrument],
    quotes: Mapping[Symbol, Quote],
) -> tuple[TradeView, ...]:
    """Return trades with what is stored of them.

    Args:
        unit: of the account.
        trades: which ones.
        instruments: markets by symbol; one that is missing is taken to charge no fee in base.
        quotes: prices, as far as they are known.
    """
    return tuple(_view(unit, one, instruments.get(one.symbol), quotes) for one in trades)


def _view(
    unit: UnitOfWork,
    trade: Trade,
    instrument: Instrument | None,
    quotes: Mapping[Symbol, Quote],
) -> TradeView:
    intents, fills = unit.book.intents(trade.trade_id), unit.book.fills(trade.trade_id)
    return TradeView(
        trade=trade,
        intents=intents,
        fills=fills,
        entry=unit.entry(trade.entry_id),
        funding=sum((one.amount for one in unit.book.funding(trade.trade_id)), _ZERO),
        holding=holding_of(intents, fills, instrument or _plain_market(trade)),
        quote=quotes.get(trade.symbol),
    )


def _plain_market(trade: Trade) -> Instrument:
    from snipersight.domain.instrument import parse_symbol

    base, quote, kind = parse_symbol(trade.symbol)
    return Instrument(
        venue=trade.venue,
        symbol=trade.symbol,
        kind=kind,
        base=base,
        quote=quote,
        tick=None,
        lot=None,
    )
