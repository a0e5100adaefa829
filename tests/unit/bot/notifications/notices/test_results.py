"""A real close is told in R of what was traded, however it was closed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.bot.notifications.notices.payloads import decode_payload
from snipersight.bot.notifications.notices.reading import read_notice
from snipersight.bot.notifications.notices.results import net_r_of
from snipersight.domain.errors import DataInvalid
from snipersight.domain.ledger import EntryId
from snipersight.domain.notices import SignalUpdate
from snipersight.domain.plan import PlanId
from tests.builders import a_plan
from tests.builders.decisions import an_approval
from tests.builders.exposure_managers import a_manager
from tests.builders.ledger import an_entry
from tests.builders.stored_notices import HeldRecords, a_record
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

# Bought at 42,250 with the stop at 41,750 and no costs: 500 a unit are 1R.
PLAN = a_plan(cost="0")
ENTRY = EntryId("one")


def traded(*closes: tuple[str, str], quote_rate: str = "1") -> MemoryDecisionStore:
    """Return a store in which 2 units of the plan were bought and closed part by part."""
    store = a_memory_store("1000000")
    entry = an_entry(
        entry_id=ENTRY,
        plan_id=PlanId(PLAN.plan_id),
        filled="2",
        entry="42250",
        stop="41750",
        quote_rate=quote_rate,
    )
    manager = a_manager(store)
    manager.take(entry)
    for size, price in closes:
        assert manager.close(ENTRY, size=Decimal(size), price=Decimal(price))
    return store


def told(store: MemoryDecisionStore) -> SignalUpdate:
    """Return the last notice of a store as it is told."""
    records = store.records("main")
    verdict = a_record(an_approval(PLAN), seq=1)
    notice = read_notice(decode_payload(store.queue[-1].payload), HeldRecords(verdict, *records))
    assert isinstance(notice, SignalUpdate)
    return notice


@pytest.mark.parametrize(
    ("closes", "net_r"),
    [
        ([("2", "43250")], "2"),
        ([("2", "41750")], "-1"),
        ([("1", "43250"), ("1", "41750")], "0.5"),
        ([("0.5", "43250"), ("1.5", "42250")], "0.5"),
    ],
)
@pytest.mark.parametrize("quote_rate", ["1", "0.9"])
def test_a_close_is_told_in_r(closes: list[tuple[str, str]], net_r: str, quote_rate: str) -> None:
    update = told(traded(*closes, quote_rate=quote_rate))
    assert (update.event, update.is_actual) == ("closed", True)
    assert update.net_r == Decimal(net_r)
    assert update.price == Decimal(closes[-1][1])


def test_an_entry_has_no_result_yet() -> None:
    update = told(traded())
    assert (update.event, update.net_r, update.price) == ("entered", None, Decimal(42250))


def test_nothing_closed_is_no_result() -> None:
    assert net_r_of((), PLAN) is None


def test_a_record_that_says_no_size_is_refused() -> None:
    (closed,) = [one for one in traded(("2", "43250")).records("main") if one.kind == "closed"]
    for damaged in ('"size":"x"', '"size":2', '"size":"NaN"'):
        body = closed.body.replace('"size":"2"', damaged)
        assert body != closed.body
        with pytest.raises(DataInvalid, match="does not say its size"):
            net_r_of([replace(closed, body=body)], PLAN)
