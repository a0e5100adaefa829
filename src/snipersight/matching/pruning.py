"""Forgetting what is long over, without changing a balance."""

from __future__ import annotations

from decimal import Decimal

from snipersight.domain.units import Currency
from snipersight.matching.accounts import Account
from snipersight.matching.amounts import ZERO
from snipersight.matching.floor import Floor, OrderNote
from snipersight.matching.postings import Book, JournalEntry
from snipersight.matching.rules import DuplicateIds


def forget(floor: Floor, account: Account, *, before_us: int) -> None:
    """Drop what ended before a moment, and sum up the journal until then.

    Ended orders stay where a venue never takes a client id twice, and while somebody has still
    to be told of them.
    """
    if floor.rules.rejects_duplicate_ids is not DuplicateIds.EVER:
        untold = {note.order.number for note in floor.notes if isinstance(note, OrderNote)}
        _forget_orders(account, before_us, untold)
    for symbol, fills in account.fills.items():
        account.fills[symbol] = [fill for fill in fills if fill.at_us >= before_us]
    account.funding = [payment for payment in account.funding if payment.at_us >= before_us]
    _sum_up(account, before_us)


def _forget_orders(account: Account, before_us: int, untold: set[int]) -> None:
    for venue_id, order in tuple(account.by_venue_id.items()):
        if order.status.is_open or order.updated_us >= before_us or order.number in untold:
            continue
        del account.by_venue_id[venue_id]
        if account.by_client_id.get(order.client_id) is order:
            del account.by_client_id[order.client_id]


def _sum_up(account: Account, before_us: int) -> None:
    sums: dict[tuple[Book, Currency], Decimal] = {}
    rest: list[JournalEntry] = []
    for entry in account.entries:
        if entry.at_us >= before_us:
            rest.append(entry)
            continue
        key = (entry.source, entry.currency)
        sums[key] = sums.get(key, ZERO) + entry.amount
    carried = [
        JournalEntry(before_us, source, currency, amount, None, "")
        for (source, currency), amount in sums.items()
    ]
    account.entries = carried + rest
