"""What `snipersight took` and `snipersight closed` do once their words are understood."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol

from snipersight.bootstrap.taking import ClosedTrade, HandTrade, Taken, close_plan, take_plan
from snipersight.cli.account_opening import open_account
from snipersight.cli.arguments import parse_amount, parse_cost, parse_leverage, parse_rate
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.risk_positions import entry_json
from snipersight.domain import wording as texts
from snipersight.domain.decision import Rejected
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan_json import check_json

TOOK_SCHEMA: Final = "snipersight.took/1"
CLOSED_SCHEMA: Final = "snipersight.closed/1"


class Parser(Protocol):
    """Reads a number as the user wrote it."""

    def __call__(self, text: str, *, where: str) -> Decimal:
        """Return the number, or raise ConfigInvalid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeWords:
    """A trade as the user wrote it."""

    size: str
    price: str
    stop: str | None
    leverage: str | None
    rate: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseWords:
    """A close as the user wrote it."""

    price: str
    size: str | None
    fees: str | None
    is_stopped: bool


def perform_took(
    env_file: Path | None, plan_id: str, words: TradeWords, *, account: str | None, as_json: bool
) -> ExitCode:
    """Record a trade made by hand, and say what it breaches.

    Raises:
        ConfigInvalid: a number is impossible, or no such plan can be taken.
    """
    trade = HandTrade(
        size=parse_amount(words.size, where="--size"),
        price=parse_amount(words.price, where="--price"),
        stop=_amount(words.stop, "--stop"),
        leverage=_parsed(words.leverage, "--leverage", parse_leverage),
        quote_rate=_parsed(words.rate, "--rate", parse_rate),
    )
    with open_account(env_file, account=account, plan=plan_id, signs=True) as (
        books,
        settings,
    ):
        taken = take_plan(books, plan_id, trade)
    for warning in warnings_of(taken):
        say(f"warning: {warning}")
    if as_json:
        breached = [check_json(check) for check in taken.breached]
        values = {
            "schema": TOOK_SCHEMA,
            "account": taken.entry.account_id,
            "entry": entry_json(taken.entry),
            "breached": breached,
        }
        print(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        print(taken_line(taken.entry, settings.account_currency))
    return ExitCode.OK


def perform_closed(
    env_file: Path | None, plan_id: str, words: CloseWords, *, account: str | None, as_json: bool
) -> ExitCode:
    """Record the close of a trade made by hand, and say what it earned.

    Raises:
        ConfigInvalid: a number is impossible, or there is no such position.
    """
    with open_account(env_file, account=account, plan=plan_id, signs=True) as (
        books,
        settings,
    ):
        closed = close_plan(
            books,
            plan_id,
            price=parse_amount(words.price, where="--price"),
            size=_amount(words.size, "--size"),
            fees=None if words.fees is None else parse_cost(words.fees, where="--fees"),
            by_stop=words.is_stopped,
        )
    if as_json:
        values = {
            "schema": CLOSED_SCHEMA,
            "account": closed.entry.account_id,
            "entry": entry_json(closed.entry),
            "earned": format(closed.earned, "f"),
        }
        print(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        print(closed_line(closed, settings.account_currency))
    return ExitCode.OK


def warnings_of(taken: Taken) -> list[str]:
    """Return what the user should know of a trade that was recorded all the same."""
    decision, entry = taken.decision.decision, taken.entry
    found = []
    if isinstance(decision, Rejected):
        codes = ", ".join(check.code for check in decision.failed)
        found.append(f"the risk gate had refused this plan ({codes}); it is recorded as a fact")
    price = entry.fill_price if entry.fill_price is not None else entry.entry_price
    if not entry.direction.is_losing(entry.stop_price, entry=price):
        found.append("the stop does not lie on the losing side of your entry")
    found += [f"beyond {check.code}: {check.sentence}" for check in taken.breached]
    return found


def taken_line(entry: LedgerEntry, currency: str) -> str:
    """Return one line about a recorded trade and what it takes from the budget."""
    amounts, base = entry.amounts, parse_symbol(entry.symbol)[0]
    price = entry.fill_price if entry.fill_price is not None else entry.entry_price
    decimals = texts.decimals_of((price, entry.stop_price))
    return (
        f"Recorded for account {entry.account_id}: {entry.direction} {texts.size_text(entry.open_size)} {base} of {entry.symbol} "
        f"at {texts.price_text(price, decimals)}, stop "
        f"{texts.price_text(entry.stop_price, decimals)}; "
        f"risk {texts.amount_text(amounts.risk)}, notional {texts.amount_text(amounts.notional)}, "
        f"margin {texts.amount_text(amounts.margin)} {currency}."
    )


def closed_line(closed: ClosedTrade, currency: str) -> str:
    """Return one line about a recorded close, its result and what is left open."""
    entry, base = closed.entry, parse_symbol(closed.entry.symbol)[0]
    size = closed.before.open_size - entry.open_size
    left = (
        f"{texts.size_text(entry.open_size)} {base} stay open"
        if entry.open_size
        else "nothing stays open"
    )
    return (
        f"Closed for account {entry.account_id}: {texts.size_text(size)} {base} of {entry.symbol}, "
        f"{texts.signed_amount(closed.earned)} {currency} net of costs; {left}."
    )


def _amount(text: str | None, where: str) -> Decimal | None:
    return _parsed(text, where, parse_amount)


def _parsed(text: str | None, where: str, parse: Parser) -> Decimal | None:
    return None if text is None else parse(text, where=where)
