"""A ledger entry refuses numbers that no trade has, whichever way they come in."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.ledger import LedgerEntry
from tests.builders.ledger import an_entry

BEYOND = Decimal(10) ** 15 + 1


def _replaced(entry: LedgerEntry, **values: Any) -> LedgerEntry:
    return replace(entry, **values)


@pytest.mark.parametrize(
    "name",
    [
        *("pending_size", "open_size", "entry_price", "fill_price", "stop_price"),
        *("cost_per_unit", "leverage", "quote_rate", "realised"),
    ],
)
def test_a_number_beyond_any_trade_is_refused_by_name(name):
    entry = an_entry(filled="10")
    with pytest.raises(ValueError, match=rf"entry-1: {name} is 1.00e\+15, more than the 1e\+15"):
        _replaced(entry, **{name: BEYOND})


def test_a_loss_beyond_any_trade_is_refused_like_a_gain():
    with pytest.raises(ValueError, match="realised is"):
        _replaced(an_entry(), realised=-BEYOND)


def test_a_size_and_a_price_that_are_possible_alone_are_not_together():
    with pytest.raises(ValueError, match=r"notional is 1.00e\+20"):
        _replaced(an_entry(filled="10000000000"), fill_price=Decimal(10) ** 10)


def test_the_largest_numbers_are_still_counted():
    entry = an_entry(filled="1", entry="1e15", stop="1")
    assert entry.amounts.notional == Decimal(10) ** 15
