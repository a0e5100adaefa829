"""Orders of executed trades as rows, cards and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rich import box
from rich.console import Console, Group
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.trade_views import TradeView
from snipersight.cli.plan_cards import flow
from snipersight.domain import wording as texts
from snipersight.domain.execution import IntentState, Leg, OrderIntent
from snipersight.domain.units import plain

_UNBOUNDED: Final = 10_000
_HEADS: Final = ("Symbol", "For", "Order", "Size", "Price", "State", "Since", "Id")
_RIGHT: Final = ("Size", "Price")
_STATE_STYLES: Final = {
    IntentState.UNKNOWN: "bold yellow",
    IntentState.REFUSED: "bold red",
    IntentState.WORKING: "bold green",
}


def shown_orders(
    views: Sequence[TradeView], *, everything: bool
) -> list[tuple[TradeView, OrderIntent]]:
    """Return the orders to be shown with their trades, open ones only unless all are wanted."""
    return [
        (view, intent)
        for view in views
        for intent in view.intents
        if everything or intent.state.is_open
    ]


def print_orders(rows: Sequence[tuple[TradeView, OrderIntent]], console: Console) -> None:
    """Print a row for each order where the window is wide enough, else wrapped lines."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in _HEADS:
        table.add_column(name, justify="right" if name in _RIGHT else "left", no_wrap=True)
    for view, intent in rows:
        cells = _cells(view, intent)
        style = _STATE_STYLES.get(intent.state, "")
        table.add_row(
            Text(cells[0], style="bold"),
            *cells[1:5],
            Text(cells[5], style=style),
            *cells[6:],
        )
    natural = Measurement.get(console, console.options.update_width(_UNBOUNDED), table).maximum
    if natural <= console.width:
        console.print(table)
    else:
        cards = [line for view, intent in rows for line in _card(view, intent, console.width)]
        console.print(Group(*cards))


def order_json(view: TradeView, intent: OrderIntent) -> dict[str, Any]:
    """Return an order as JSON values; exact numbers are text, times are ISO 8601 in UTC."""
    request, average = intent.request, intent.average_price
    return {
        "client_id": intent.client_id,
        "venue_id": intent.venue_id or None,
        "trade_id": intent.trade_id,
        "plan_id": view.trade.plan_id,
        "venue": view.trade.venue,
        "environment": view.trade.environment.value,
        "symbol": request.symbol,
        "leg": intent.leg.name.lower(),
        "index": intent.index,
        "generation": intent.generation,
        "side": request.side.value,
        "kind": request.kind.value,
        "is_reducing": request.is_reducing,
        "size": plain(request.size),
        "filled": plain(intent.filled_size),
        "price": None if request.price is None else plain(request.price),
        "trigger_price": None if request.trigger_price is None else plain(request.trigger_price),
        "average_price": None if average is None else plain(average),
        "pair_id": intent.pair_id,
        "state": intent.state.value,
        "problem": intent.problem or None,
        "created_at": texts.iso_of(intent.created_us // 1000),
        "updated_at": texts.iso_of(intent.updated_us // 1000),
    }


def _cells(view: TradeView, intent: OrderIntent) -> tuple[str, ...]:
    request = intent.request
    return (
        request.symbol,
        leg_text(view, intent),
        f"{request.side} {request.kind.replace('_', ' ')}",
        _size(intent),
        _price(view, intent),
        intent.state.value,
        texts.minute_of(intent.updated_us // 1000),
        intent.client_id,
    )


def _card(view: TradeView, intent: OrderIntent, width: int) -> list[Text]:
    symbol, leg, order, size, price, state, since, client_id = _cells(view, intent)
    title = Text.assemble(
        (symbol, "bold"), f" {leg} ", (state, _STATE_STYLES.get(intent.state, ""))
    )
    parts = (f"{order} {size} at {price}", since, client_id, intent.problem)
    return [title, *(Text(line) for line in flow([one for one in parts if one], width))]


def leg_text(view: TradeView, intent: OrderIntent) -> str:
    """Return what an order is for, as a trader says it: `entry 2 of 3`, `stop`, `target 1`."""
    if intent.leg is Leg.ENTRY:
        slices = {one.index for one in view.intents if one.leg is Leg.ENTRY}
        return f"entry {intent.index + 1}" if len(slices) > 1 else "entry"
    if intent.leg is Leg.TARGET:
        return f"target {intent.index + 1}"
    return "stop" if intent.leg is Leg.STOP else "close"


def _size(intent: OrderIntent) -> str:
    size = texts.size_text(intent.request.size)
    filled = intent.filled_size
    return size if not filled else f"{texts.size_text(filled)} of {size}"


def _price(view: TradeView, intent: OrderIntent) -> str:
    trade, request = view.trade, intent.request
    known = (trade.entry_near, trade.entry_mid, trade.entry_far, trade.stop_price)
    asked = [one for one in (request.trigger_price, request.price) if one is not None]
    decimals = texts.decimals_of((*known, *asked))
    return " → ".join(texts.price_text(one, decimals) for one in asked) or "market"
