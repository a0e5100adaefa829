"""The journal of an account: double entry, so that every balance can be recomputed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from snipersight.domain.units import Currency, Symbol


class Book(StrEnum):
    """Where an amount comes from or goes to; the first two are the account's own."""

    WALLET = "wallet"
    UNREALISED = "unrealised"  # result of open perpetual positions at the mark price
    OUTSIDE = "outside"  # deposits and withdrawals
    MARKET = "market"  # the other side of a trade
    FEES = "fees"  # what the venue earns
    FUNDING = "funding"  # the other side of funding
    INSURANCE = "insurance"  # the venue's fund that bears what an account cannot

    @property
    def is_own(self) -> bool:
        """Return whether it is part of the account's equity."""
        return self is Book.WALLET or self is Book.UNREALISED


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One side of an entry; the postings of one entry sum to zero.

    Args:
        entry: number of the entry within the account.
        book: whose side it is.
        currency, amount: above 0 flows in.
        at_us: when, microseconds UTC.
        symbol: of the market concerned; None for deposits.
        reference: id of the fill or of the funding payment; empty for the rest.
    """

    entry: int
    book: Book
    currency: Currency
    amount: Decimal
    at_us: int
    symbol: Symbol | None = None
    reference: str = ""


class JournalEntry(NamedTuple):
    """An entry as it is kept: what the wallet got, and where from."""

    at_us: int
    source: Book
    currency: Currency
    amount: Decimal
    symbol: Symbol | None
    reference: str


def both_sides(number: int, entry: JournalEntry, *, own: Book = Book.WALLET) -> list[Posting]:
    """Return an entry's two postings, the account's own first."""
    return [
        Posting(
            entry=number,
            book=book,
            currency=entry.currency,
            amount=amount,
            at_us=entry.at_us,
            symbol=entry.symbol,
            reference=entry.reference,
        )
        for book, amount in ((own, entry.amount), (entry.source, -entry.amount))
    ]
