"""What `snipersight risk positions` shows: every claim on the budget."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.books import Books
from snipersight.cli.account_opening import open_account
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.cli.plan_cards import flow
from snipersight.cli.styles import side_style
from snipersight.domain import wording as texts
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.units import Currency, plain

SCHEMA: Final = "snipersight.risk-positions/1"
_UNBOUNDED: Final = 10_000
_HEADS: Final = ("Symbol", "Side", "State", "Size", "Entry", "Stop", "Risk", "Notional", "Margin")


def show_positions(
    env_file: Path | None, *, everything: bool, account: str | None, as_json: bool
) -> ExitCode:
    """Print the ledger's live entries, oldest reservation first, or all of them."""
    with open_account(env_file, account=account) as (books, settings):
        entries = entries_of(books, everything=everything)
        currency, name = Currency(settings.account_currency), books.ports.account_id
    if as_json:
        values = {
            "schema": SCHEMA,
            "account": name,
            "currency": currency,
            "entries": list(map(entry_json, entries)),
        }
        print(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        print_positions(entries, name, currency, output())
    return ExitCode.OK


def entries_of(books: Books, *, everything: bool) -> tuple[LedgerEntry, ...]:
    """Return the entries of the account, live or all of them."""
    from snipersight.storage.ledger_rows import all_entries

    account_id = books.ports.account_id
    if everything:
        return books.store.database.read(lambda connection: all_entries(connection, account_id))
    return books.store.decisions.view(account_id, lambda unit: unit.live_entries())


def print_positions(
    entries: Sequence[LedgerEntry], account: str, currency: Currency, console: Console
) -> None:
    """Print a row for each entry where the window is wide enough, else wrapped lines."""
    if not entries:
        console.print(Text(f"Nothing is reserved or open in account {account}."))
        return
    console.print(Text(f"Account {account}", style="bold"))
    table = _table(entries, currency)
    natural = Measurement.get(console, console.options.update_width(_UNBOUNDED), table).maximum
    if natural <= console.width:
        console.print(table)
    else:
        console.print(Group(*_cards(entries, currency, console.width)))


def entry_json(entry: LedgerEntry) -> dict[str, Any]:
    """Return an entry as JSON values; exact numbers are text, times are ISO 8601 in UTC."""
    amounts = entry.amounts
    return {
        "entry_id": entry.entry_id,
        "plan_id": entry.plan_id,
        "setup_id": entry.setup_id,
        "origin": entry.origin.value,
        "state": entry.state.value,
        "venue": entry.venue,
        "symbol": entry.symbol,
        "underlying": entry.underlying,
        "direction": entry.direction.value,
        "pending_size": plain(entry.pending_size),
        "open_size": plain(entry.open_size),
        "entry_price": plain(entry.entry_price),
        "fill_price": None if entry.fill_price is None else plain(entry.fill_price),
        "stop_price": plain(entry.stop_price),
        "cost_per_unit": plain(entry.cost_per_unit),
        "leverage": plain(entry.leverage),
        "risk": plain(amounts.risk),
        "notional": plain(amounts.notional),
        "margin": plain(amounts.margin),
        "realised": plain(entry.realised),
        "reserved_at": _iso(entry.reserved_us),
        "expires_at": _iso(entry.expires_us),
        "opened_at": _iso(entry.opened_us),
        "ended_at": _iso(entry.ended_us),
    }


def _iso(time_us: int | None) -> str | None:
    return None if time_us is None else texts.iso_of(time_us // 1000)


def _table(entries: Sequence[LedgerEntry], currency: Currency) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=True, header_style="bold")
    for name in _HEADS:
        is_text = name in ("Symbol", "Side", "State")
        table.add_column(name, justify="left" if is_text else "right", no_wrap=True)
    for entry in entries:
        table.add_row(*_cells(entry, currency))
    return table


def _cells(entry: LedgerEntry, currency: Currency) -> tuple[RenderableType, ...]:
    amounts, (entry_price, stop) = entry.amounts, _prices(entry)
    return (
        Text.assemble((entry.symbol, "bold"), "\n", (_name(entry), "dim")),
        Text(entry.direction.value, style=side_style(entry.direction)),
        Text(f"{entry.state}\n{_since(entry)}"),
        Text("\n".join(_sizes(entry))),
        Text(entry_price),
        Text(stop),
        Text(f"{texts.amount_text(amounts.risk)} {currency}\n{_result(entry, currency)}".rstrip()),
        Text(texts.amount_text(amounts.notional)),
        Text(texts.amount_text(amounts.margin)),
    )


def _cards(entries: Sequence[LedgerEntry], currency: Currency, width: int) -> list[Text]:
    lines: list[Text] = []
    for entry in entries:
        amounts, (entry_price, stop) = entry.amounts, _prices(entry)
        lines.append(
            Text.assemble(
                (entry.direction.value, side_style(entry.direction)),
                " ",
                (entry.symbol, "bold"),
                f" {entry.state} {_since(entry)}",
            )
        )
        parts = (
            _name(entry),
            " ".join(_sizes(entry)),
            f"entry {entry_price}",
            f"stop {stop}",
            f"risk {texts.amount_text(amounts.risk)} {currency}",
            f"notional {texts.amount_text(amounts.notional)}",
            f"margin {texts.amount_text(amounts.margin)}",
            _result(entry, currency),
        )
        lines += [Text(line) for line in flow([part for part in parts if part], width)]
    return lines


def _name(entry: LedgerEntry) -> str:
    return str(entry.plan_id or entry.entry_id)


def _since(entry: LedgerEntry) -> str:
    moment = entry.ended_us or entry.opened_us or entry.reserved_us
    return texts.minute_of(moment // 1000)


def _sizes(entry: LedgerEntry) -> list[str]:
    base = parse_symbol(entry.symbol)[0]
    sizes = [f"{texts.size_text(entry.open_size)} {base}"] if entry.open_size else []
    if entry.pending_size:
        sizes.append(f"{texts.size_text(entry.pending_size)} {base} pending")
    return sizes or ["–"]


def _prices(entry: LedgerEntry) -> tuple[str, str]:
    price = entry.fill_price if entry.fill_price is not None else entry.entry_price
    decimals = texts.decimals_of((price, entry.stop_price))
    return texts.price_text(price, decimals), texts.price_text(entry.stop_price, decimals)


def _result(entry: LedgerEntry, currency: Currency) -> str:
    if not entry.realised and entry.state.is_live:
        return ""
    return f"realised {texts.signed_amount(entry.realised)} {currency}"
