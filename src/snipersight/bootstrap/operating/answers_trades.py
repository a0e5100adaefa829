"""Live trades and orders as the bot tells of them."""

from __future__ import annotations

from typing import Final

from snipersight.bootstrap.operating.answer_prices import Prices
from snipersight.bootstrap.trade_views import TradeView
from snipersight.bot.operator.facts import OrderFacts, PositionFacts, TargetFacts
from snipersight.domain.execution import Leg, OrderIntent
from snipersight.domain.ledger import LedgerEntry, Origin
from snipersight.domain.units import Size

_LEGS: Final = {Leg.STOP: "stop", Leg.FLATTEN: "close"}
_STATES: Final = {Origin.BY_HAND: "by hand", Origin.FOREIGN: "not ours"}


def position_facts(view: TradeView) -> PositionFacts:
    """Return an executed trade."""
    trade, holding, quote = view.trade, view.holding, view.quote
    hit = {one.index for one in view.intents if one.leg is Leg.TARGET and one.filled_size}
    where = "" if trade.environment == "simulated" else f" {trade.environment}"
    return PositionFacts(
        symbol=trade.symbol,
        direction=trade.direction,
        plan_id=trade.plan_id,
        state=trade.state.value,
        where=f"{trade.mode.value}{where}",
        size=trade.size,
        held=holding.held,
        entry_near=trade.entry_near,
        entry_far=trade.entry_far,
        average=holding.average_entry,
        stop=view.stop,
        is_protected=None if holding.held == 0 else view.protection != "UNPROTECTED",
        targets=tuple(
            TargetFacts(price=one.price, fraction=one.fraction, is_hit=place in hit)
            for place, one in enumerate(trade.exits)
        ),
        last=None if quote is None else quote.last,
        unrealised=view.unrealised,
        realised=view.realised,
        r_multiple=view.r_multiple,
        note=trade.note or trade.exit_reason,
    )


def hand_facts(entry: LedgerEntry, prices: Prices) -> PositionFacts:
    """Return a position of the ledger that was not executed here."""
    quote = prices.quotes.get(entry.symbol) if prices.venue == entry.venue else None
    average = entry.fill_price
    unrealised = None
    if quote is not None and average is not None:
        unrealised = entry.direction.gain(quote.mark, entry=average) * entry.open_size
    return PositionFacts(
        symbol=entry.symbol,
        direction=entry.direction,
        plan_id=entry.plan_id or "",
        state=_STATES.get(entry.origin, entry.state.value),
        where="",
        size=Size(entry.open_size + entry.pending_size),
        held=entry.open_size,
        entry_near=entry.entry_price,
        entry_far=entry.entry_price,
        average=average,
        stop=entry.stop_price,
        is_protected=None,
        last=None if quote is None else quote.last,
        unrealised=unrealised,
        realised=entry.realised,
    )


def order_facts(view: TradeView, intent: OrderIntent) -> OrderFacts:
    """Return one order of a trade."""
    request = intent.request
    asked = (request.trigger_price, request.price)
    return OrderFacts(
        symbol=request.symbol,
        purpose=purpose_of(view, intent),
        side=request.side.value,
        kind=request.kind.value.replace("_", " "),
        size=request.size,
        filled=intent.filled_size,
        prices=tuple(one for one in asked if one is not None),
        state=intent.state.value,
        problem=intent.problem,
    )


def purpose_of(view: TradeView, intent: OrderIntent) -> str:
    """Return what an order of a trade is for, `entry 1`, `target 2`, `stop`, `close`."""
    if intent.leg is Leg.TARGET:
        return f"target {intent.index + 1}"
    if intent.leg is not Leg.ENTRY:
        return _LEGS[intent.leg]
    slices = {one.index for one in view.intents if one.leg is Leg.ENTRY}
    return f"entry {intent.index + 1}" if len(slices) > 1 else "entry"
