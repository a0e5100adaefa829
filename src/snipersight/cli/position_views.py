"""Executed trades as rows, cards and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.trade_views import TradeView
from snipersight.cli.plan_cards import flow
from snipersight.cli.styles import side_style
from snipersight.domain import wording as texts
from snipersight.domain.execution import Leg, OrderIntent
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.units import plain

_UNBOUNDED: Final = 10_000
_HEADS: Final = ("Symbol", "Side", "State", "Held", "Entry", "Stop", "Targets", "Last", "Result")
_TEXTS: Final = ("Symbol", "Side", "State")


def print_trades(views: Sequence[TradeView], console: Console) -> None:
    """Print a row for each trade where the window is wide enough, else wrapped lines."""
    table = _table(views)
    natural = Measurement.get(console, console.options.update_width(_UNBOUNDED), table).maximum
    if natural <= console.width:
        console.print(table)
    else:
        lines = [line for view in views for line in _card(view, console.width)]
        console.print(Group(*lines))


def intent_summary(intent: OrderIntent) -> str:
    """Return an order in one line: `entry 1  buy 0.5 ETH limit at 2345.1  as ss-…`."""
    request = intent.request
    base = parse_symbol(request.symbol)[0]
    price = request.price or request.trigger_price
    at = "" if price is None else f" at {texts.price_text(price, texts.decimals_of((price,)))}"
    kind = request.kind.replace("_", " ")
    size = texts.size_text(request.size)
    return (
        f"{intent.leg.name.lower()} {intent.index + 1}  {request.side} {size} {base} {kind}{at}"
        f"  as {intent.client_id}"
    )


def trade_json(view: TradeView) -> dict[str, Any]:
    """Return a trade as JSON values; exact numbers are text, times are ISO 8601 in UTC."""
    trade, holding, unrealised = view.trade, view.holding, view.unrealised
    r_multiple = view.r_multiple
    return {
        "trade_id": trade.trade_id,
        "plan_id": trade.plan_id,
        "venue": trade.venue,
        "environment": trade.environment.value,
        "mode": trade.mode.value,
        "symbol": trade.symbol,
        "direction": trade.direction.value,
        "state": trade.state.value,
        "note": trade.note,
        "exit_reason": trade.exit_reason,
        "approved_size": plain(trade.size),
        "held": plain(holding.held),
        "entered": plain(holding.entered),
        "average_entry": None if holding.average_entry is None else plain(holding.average_entry),
        "stop": plain(trade.stop_price),
        "covered": plain(view.covered),
        "is_protected": view.protection != "UNPROTECTED",
        "targets": [
            {"price": plain(one.price), "fraction": plain(one.fraction)} for one in trade.exits
        ],
        "targets_hit": view.targets_hit,
        "last": None if view.quote is None else plain(view.quote.last),
        "unrealised": None if unrealised is None else plain(unrealised),
        "realised": plain(view.realised),
        "funding": plain(view.funding),
        "risk": plain(trade.risk_quote),
        "r": None if r_multiple is None else f"{r_multiple:.3f}",
        "created_at": _iso(trade.created_us),
        "opened_at": _iso(trade.opened_us),
        "valid_until": _iso(trade.valid_until_us),
        "ended_at": _iso(trade.ended_us),
    }


def _table(views: Sequence[TradeView]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=True, header_style="bold")
    for name in _HEADS:
        table.add_column(name, justify="left" if name in _TEXTS else "right", no_wrap=True)
    for view in views:
        table.add_row(*_cells(view))
    return table


def _cells(view: TradeView) -> tuple[RenderableType, ...]:
    trade, prices = view.trade, _Prices(view)
    return (
        Text.assemble((trade.symbol, "bold"), "\n", (trade.plan_id, "dim")),
        Text(trade.direction.value, style=side_style(trade.direction)),
        Text("\n".join(_state(view))),
        Text("\n".join(_sizes(view))),
        Text(prices.entry),
        Text.assemble(prices.stop, "\n", (view.protection, _alarm(view))),
        Text("\n".join(prices.targets)),
        Text(prices.last),
        Text("\n".join(_results(view))),
    )


def _card(view: TradeView, width: int) -> list[Text]:
    trade, prices = view.trade, _Prices(view)
    title = Text.assemble(
        (trade.direction.value, side_style(trade.direction)),
        " ",
        (trade.symbol, "bold"),
        f" {', '.join(_state(view))}",
    )
    parts = (
        f"plan {trade.plan_id}",
        " ".join(_sizes(view)),
        f"entry {prices.entry}",
        f"stop {prices.stop} {view.protection}".rstrip(),
        *(f"T{place} {price}" for place, price in enumerate(prices.targets, start=1)),
        f"last {prices.last}",
        *_results(view),
    )
    return [title, *(Text(line) for line in flow([one for one in parts if one], width))]


class _Prices:
    """Every price of a trade as text, on the same number of decimals."""

    def __init__(self, view: TradeView) -> None:
        trade, average = view.trade, view.holding.average_entry
        last = None if view.quote is None else view.quote.last
        zone = (trade.entry_near, trade.entry_far)
        known = (*zone, trade.stop_price, *(one.price for one in trade.exits))
        decimals = texts.decimals_of(known if last is None else (*known, last))

        def text(price: Decimal) -> str:
            return texts.price_text(price, decimals)

        waiting = f"{text(zone[0])} – {text(zone[1])}"
        self.entry = waiting if average is None else text(average)
        self.stop = text(trade.stop_price)
        hit = {one.index for one in view.intents if one.leg is Leg.TARGET and one.filled_size}
        self.targets = [
            f"{text(one.price)} {'✓' if place in hit else texts.share(one.fraction)}"
            for place, one in enumerate(trade.exits)
        ]
        self.last = "–" if last is None else text(last)


def _state(view: TradeView) -> list[str]:
    trade = view.trade
    since = trade.ended_us or trade.opened_us or trade.created_us
    where = "" if trade.environment == "simulated" else f" {trade.environment}"
    why = trade.note or trade.exit_reason
    lines = [trade.state.value, f"{trade.mode}{where}", texts.minute_of(since // 1000)]
    return [*lines, why] if why else lines


def _sizes(view: TradeView) -> list[str]:
    base, held = parse_symbol(view.trade.symbol)[0], view.holding.held
    size = texts.size_text(view.trade.size)
    if held == 0 and view.holding.entered == 0:
        return [f"0 of {size} {base}"]
    return [f"{texts.size_text(held)} of {size} {base}"]


def _results(view: TradeView) -> list[str]:
    quote = parse_symbol(view.trade.symbol)[1]
    lines = []
    if view.unrealised is not None:
        lines.append(f"unrealised {texts.signed_amount(view.unrealised)} {quote}")
    if view.realised or view.trade.ended_us is not None:
        lines.append(f"realised {texts.signed_amount(view.realised)}")
    if view.r_multiple is not None and lines:
        lines.append(texts.multiple(float(view.r_multiple)))
    return lines or ["–"]


def _alarm(view: TradeView) -> str:
    return "bold red" if view.protection == "UNPROTECTED" else "dim"


def _iso(time_us: int | None) -> str | None:
    return None if time_us is None else texts.iso_of(time_us // 1000)
