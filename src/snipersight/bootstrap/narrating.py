"""What happens to trades, told while it happens: fills, moved stops, ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.desk import Desk
from snipersight.domain import wording as texts
from snipersight.domain.execution import (
    BookedFill,
    IntentState,
    Leg,
    OrderIntent,
    Trade,
    TradeId,
    TradeState,
)
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.store import UnitOfWork

_RECENT: Final = 20
_WORDS: Final = {
    Leg.ENTRY: "entry",
    Leg.STOP: "stop",
    Leg.TARGET: "target",
    Leg.FLATTEN: "close",
}


class Narrator:
    """Tells what is new of an account's trades since it last looked.

    Args:
        desk: account and store.
        say: told one line a piece of news.
    """

    def __init__(self, desk: Desk, say: Callable[[str], object]) -> None:
        self._desk: Final = desk
        self._say: Final = say
        self._known: dict[TradeId, _Known] = {}
        self._told: set[TradeId] = set()  # to their end, as long as they are looked at

    async def begin(self) -> None:
        """Take what there is for known, without a word."""
        await self._desk.view(lambda unit: self._learn(unit, silently=True))

    async def tell(self) -> int:
        """Tell what is new, and return how many lines that were.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        lines = await self._desk.view(lambda unit: self._learn(unit, silently=False))
        for line in lines:
            self._say(line)
        return len(lines)

    def _learn(self, unit: UnitOfWork, *, silently: bool) -> list[str]:
        news: list[tuple[int, str]] = []
        for trade in self._worth_a_look(unit):
            now = _Known.of(unit, trade)
            before = self._known.get(trade.trade_id, _Known())
            news += [] if silently else _news(before, now, trade, unit)
            self._known[trade.trade_id] = now
            if trade.state is TradeState.DONE:
                self._told.add(trade.trade_id)
                del self._known[trade.trade_id]
        news.sort(key=lambda one: one[0])
        return [line for _, line in news]

    def _worth_a_look(self, unit: UnitOfWork) -> list[Trade]:
        """Return the trades of which not everything was told; one may live for a moment only."""
        found = {
            one.trade_id: one
            for one in (*unit.book.trades(limit=_RECENT), *unit.book.live_trades())
        }
        # Whoever looks for months must not remember what nobody asks about any more.
        self._told &= found.keys()
        missing = (unit.book.trade(one) for one in self._known if one not in found)
        found |= {one.trade_id: one for one in missing if one is not None}
        return [one for one in found.values() if one.trade_id not in self._told]


class _Known:
    """What is known of a trade."""

    def __init__(
        self,
        fills: tuple[BookedFill, ...] = (),
        intents: tuple[OrderIntent, ...] = (),
        trade: Trade | None = None,
    ) -> None:
        self.fills = fills
        self.intents = {str(one.client_id): one for one in intents}
        self.trade = trade

    @classmethod
    def of(cls, unit: UnitOfWork, trade: Trade) -> _Known:
        """Return what is stored of a trade."""
        book = unit.book
        return cls(book.fills(trade.trade_id), book.intents(trade.trade_id), trade)


def _news(before: _Known, now: _Known, trade: Trade, unit: UnitOfWork) -> list[tuple[int, str]]:
    decimals = texts.decimals_of(
        (trade.entry_near, trade.stop_price, *(one.price for one in trade.exits))
    )

    def line(at_us: int, what: str) -> tuple[int, str]:
        return at_us, f"{texts.minute_of(at_us // 1000)}  {trade.symbol}  {what}"

    told = [
        line(one.fill.at_us, fill_text(one, now.intents.get(str(one.client_id)), decimals))
        for one in now.fills[len(before.fills) :]
    ]
    told += [line(one.updated_us, refusal_text(one)) for one in _refused(before, now)]
    moved_us = max((one.updated_us for one in now.intents.values()), default=trade.created_us)
    if before.trade is not None and before.trade.stop_price != trade.stop_price:
        told.append(line(moved_us, f"stop moved to {texts.price_text(trade.stop_price, decimals)}"))
    if trade.note and (before.trade is None or before.trade.note != trade.note):
        told.append(line(moved_us, trade.note))
    if trade.ended_us is not None:
        told.append(line(trade.ended_us, _end_text(unit, trade)))
    return told


def fill_text(booked: BookedFill, intent: OrderIntent | None, decimals: int) -> str:
    """Return a fill in words: `entry 2 filled: buy 0.4 ETH at 2,345.1`."""
    fill = booked.fill
    leg = _WORDS[booked.leg]
    if intent is not None and booked.leg in (Leg.ENTRY, Leg.TARGET):
        leg = f"{leg} {intent.index + 1}"
    base = parse_symbol(fill.symbol)[0]
    places = max(decimals, texts.decimals_of((fill.price,)))
    price = texts.price_text(fill.price, places)
    return f"{leg} filled: {fill.side} {texts.size_text(fill.size)} {base} at {price}"


def refusal_text(intent: OrderIntent) -> str:
    """Return that an order was refused, or that its outcome is not known, in words."""
    what = "refused" if intent.state is IntentState.REFUSED else "has an unknown outcome"
    why = f": {intent.problem}" if intent.problem else ""
    return f"{_WORDS[intent.leg]} {intent.client_id} {what}{why}"


def _refused(before: _Known, now: _Known) -> Iterable[OrderIntent]:
    for client_id, intent in now.intents.items():
        known = before.intents.get(client_id)
        is_news = known is None or known.state is not intent.state
        if is_news and intent.state in (IntentState.REFUSED, IntentState.UNKNOWN):
            yield intent


def _end_text(unit: UnitOfWork, trade: Trade) -> str:
    entry = unit.entry(trade.entry_id)
    why = f" ({trade.exit_reason})" if trade.exit_reason else ""
    if not unit.book.fills(trade.trade_id):
        return f"ended without a fill{why}"
    earned = Decimal(0) if entry is None else Decimal(entry.realised)
    rate = Decimal(1) if entry is None else entry.quote_rate
    r_multiple = earned / rate / trade.risk_quote if trade.risk_quote > 0 else Decimal(0)
    return (
        f"closed: {texts.signed_amount(earned)} {unit.account.currency} net of costs, "
        f"{texts.multiple(float(r_multiple))}{why}"
    )
