"""What the account holds, what protects it, what waits, and how much of each limit that takes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from starlette.requests import Request

from snipersight.bootstrap.dashboard.views import BookView, Topic, WorkingOrder
from snipersight.bootstrap.trade_views import TradeView
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.wording import percent, size_text
from snipersight.engine.usage import Used
from snipersight.web.charts.element import Chart
from snipersight.web.charts.results import equity_options
from snipersight.web.pages.kit import Node, heading, link, meter, panel, side, tile
from snipersight.web.pages.rows import Column, cell, table
from snipersight.web.pages.shell import shell
from snipersight.web.pages.signal_parts import protection
from snipersight.web.pages.states import blank
from snipersight.web.pages.visit import Visit, asked
from snipersight.web.pages.words import DASH, moment_us, money, price, signal_path, signed_r

_HELD: Final = (
    Column("Market"),
    Column("Side"),
    Column("Held", "num"),
    Column("Entry", "num"),
    Column("Stop", "num"),
    Column("Targets", "num"),
    Column("Result", "num"),
    Column("Protection"),
)
_WAITING: Final = (
    Column("Market"),
    Column("Order"),
    Column("Side"),
    Column("Size", "num"),
    Column("Filled", "num"),
    Column("Price", "num"),
    Column("State"),
    Column("Since", "num"),
)
_CLAIMS: Final = (
    Column("Market"),
    Column("Side"),
    Column("Claim"),
    Column("Size", "num"),
    Column("Entry", "num"),
    Column("Stop", "num"),
    Column("Since", "num"),
)


async def book_page(visit: Visit, _: Request) -> None:
    """Draw the page at `/book`."""
    with shell(visit, "Book", "/book"):
        heading("Book")
        visit.live.section(
            {Topic.POSITIONS, Topic.ORDERS, Topic.EXPOSURE},
            asked(visit.reader.book, visit.account),
            lambda view: _book(visit, view),
            classes="stack",
        )


def _book(visit: Visit, view: BookView) -> None:
    _figures(visit, view)
    with Node("div", classes="split"):
        with Node("div", classes="stack"):
            _held(view.trades)
            _waiting(view.orders)
            _claims((*view.by_hand, *view.reserved))
        with Node("div", classes="stack"):
            draw_budgets(view.used, view.currency)
            _equity(view)


def _figures(visit: Visit, view: BookView) -> None:
    marked = "never marked" if view.marked_ms is None else ""
    with Node("dl", classes="tiles"):
        if view.marked_ms is None or view.equity is None:
            tile("Equity", DASH, marked)
        else:
            with Node("div", classes="tile"):
                Node("dt", "Equity")
                Node("dd", money(view.equity, view.currency))
                with Node("dd", classes="note"):
                    Node("span", "marked ")
                    visit.age(view.marked_ms)
                    Node("span", " ago")
        tile("Balance", money(view.balance, view.currency), "positions not counted")
        tile("Heat", money(view.heat, view.currency), _of_equity(view, view.heat))
        tile("Notional", money(view.notional, view.currency), _of_equity(view, view.notional))
        tile("Margin", money(view.margin, view.currency), _of_equity(view, view.margin))
        held = sum(1 for one in view.trades if one.holding.held > 0)
        tile("Positions", str(held), f"{len(view.orders)} orders wait")
    if view.remark:
        Node("p", view.remark, "aside")


def _of_equity(view: BookView, amount: object) -> str:
    if view.equity is None or view.equity <= 0:
        return ""
    return f"{percent(float(str(amount)) / float(view.equity))} of equity"


def draw_budgets(used: Sequence[Used], currency: str) -> None:
    """Draw every limit that adds trades up, and what is taken of it."""
    _, body = panel("Limits and use")
    with body.classes("body stack"):
        for one in used:
            if one.is_count:
                words = f"{one.amount:f} of {one.limit:f}"
            else:
                words = f"{money(one.amount)} of {money(one.limit, currency)}"
            meter(
                one.of[:1].upper() + one.of[1:],
                f"{words} · {percent(one.share, 0)}",
                float(one.share),
            )


def _held(trades: Sequence[TradeView]) -> None:
    _, body = panel("Positions")
    with body:
        if not trades:
            blank("Nothing is held", "An approved plan that is executed appears here.", "book")
            return
        with table(_HELD, caption="Positions"):
            for one in trades:
                with Node("tr"):
                    _position(one)


def _position(one: TradeView) -> None:
    trade = one.trade
    with cell(_HELD[0], classes="title"):
        link(trade.symbol, signal_path(trade.plan_id), "strong", data_row="")
        Node("span", str(trade.state), "below")
    with cell(_HELD[1]):
        side(trade.direction)
    cell(_HELD[2], size_text(one.holding.held))
    cell(_HELD[3], price(one.holding.average_entry))
    cell(_HELD[4], price(one.stop))
    cell(_HELD[5], f"{one.targets_hit} of {len(trade.exits)}")
    r = one.r_multiple
    tone = "" if not r else "pos" if r > 0 else "neg"
    cell(_HELD[6], DASH if r is None else signed_r(float(r)), tone)
    with cell(_HELD[7], classes="whole"):
        protection(one)
        if trade.note:
            Node("span", f" {trade.note}", "warned")


def _waiting(orders: Sequence[WorkingOrder]) -> None:
    _, body = panel("Working orders")
    with body:
        if not orders:
            blank("No order waits", "Entries, stops and targets at the venue appear here.", "book")
            return
        with table(_WAITING, caption="Working orders"):
            for one in orders:
                with Node("tr"):
                    _order(one)


def _order(one: WorkingOrder) -> None:
    request = one.intent.request
    with cell(_WAITING[0], classes="title"):
        link(one.symbol, signal_path(one.plan_id), "strong")
    cell(_WAITING[1], one.purpose)
    cell(_WAITING[2], str(request.side))
    cell(_WAITING[3], size_text(request.size))
    cell(_WAITING[4], size_text(one.intent.filled_size))
    cell(_WAITING[5], price(request.price or request.trigger_price))
    cell(_WAITING[6], str(one.intent.state))
    cell(_WAITING[7], moment_us(one.intent.created_us))


def _claims(entries: Sequence[LedgerEntry]) -> None:
    if not entries:
        return
    _, body = panel("Other claims on the budget", note="reserved, taken by hand, or foreign")
    with body, table(_CLAIMS, caption="Claims"):
        for one in entries:
            with Node("tr"):
                _claim(one)


def _claim(one: LedgerEntry) -> None:
    with cell(_CLAIMS[0], classes="title"):
        if one.plan_id is None:
            Node("span", one.symbol, "strong")
        else:
            link(one.symbol, signal_path(one.plan_id), "strong")
    with cell(_CLAIMS[1]):
        side(one.direction)
    cell(_CLAIMS[2], f"{one.origin}, {one.state}")
    cell(_CLAIMS[3], size_text(one.open_size or one.pending_size))
    cell(_CLAIMS[4], price(one.fill_price or one.entry_price))
    cell(_CLAIMS[5], price(one.stop_price))
    cell(_CLAIMS[6], moment_us(one.reserved_us))


def results_note(view: BookView) -> str:
    """Return what the curve of results counts, and what moved the balance besides."""
    counted_in = "Results of closed trades, net of costs."
    if not view.flows:
        return f"{counted_in} Deposits and withdrawals would not count."
    word = "deposits less withdrawals" if view.flows > 0 else "withdrawals less deposits"
    amount = money(Decimal(view.flows).copy_abs(), view.currency)
    return f"{counted_in} Not among them: {amount} of {word}, which the balance holds."


def _equity(view: BookView) -> None:
    _, body = panel("What closed trades brought", note=view.currency)
    with body:
        if not view.curve:
            blank("No trade has closed yet", "The curve begins with the first one.", "evidence")
            return
        label = f"Results of closed trades over time: {money(view.curve[-1].realised)} so far"
        Chart(equity_options(view.curve), label=label)
        Node("p", results_note(view), "aside noted")
