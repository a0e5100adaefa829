"""The stop that the venue keeps for a whole position, set after the entry."""

from decimal import Decimal

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.orders import TriggerSource
from snipersight.domain.units import Price
from snipersight.domain.venue import Answer, ProblemClass, Reason
from snipersight.matching import MatchingEngine
from tests.builders.matching import (
    ACCOUNT,
    PERPETUAL,
    a_print,
    an_engine,
    an_exit,
    an_order,
    refused,
)

D = Decimal
LONG, SHORT = Direction.LONG, Direction.SHORT


def set_stop(engine: MatchingEngine, trigger: str | None, **values: object) -> Answer:
    fields = {"direction": LONG, "source": TriggerSource.LAST, **values}
    price = None if trigger is None else Price(D(trigger))
    return engine.set_position_stop(ACCOUNT, PERPETUAL, trigger=price, at_us=5, **fields)  # type: ignore[arg-type]


@pytest.fixture
def engine() -> MatchingEngine:
    found = an_engine()
    found.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    return found


def test_it_grows_and_shrinks_with_the_position_and_ends_with_it(engine: MatchingEngine):
    assert set_stop(engine, "95")
    engine.submit(ACCOUNT, an_order("more", "market", size="2"), at_us=6)
    (stop,) = engine.orders(ACCOUNT)
    assert (stop.size, stop.trigger_price, stop.client_id) == (D(3), D(95), "")
    engine.submit(ACCOUNT, an_exit("part", "market", size="1"), at_us=7)
    assert engine.orders(ACCOUNT)[0].size == D(2)
    engine.submit(ACCOUNT, an_exit("out", "market", size="2"), at_us=8)
    assert engine.orders(ACCOUNT) == ()


def test_it_closes_everything_when_it_is_reached(engine: MatchingEngine):
    assert set_stop(engine, "95")
    a_print(engine, "95")
    assert engine.positions(ACCOUNT) == ()


def test_moving_it_leaves_one_and_taking_it_away_leaves_none(engine: MatchingEngine):
    assert set_stop(engine, "95")
    assert set_stop(engine, "96")
    assert [order.trigger_price for order in engine.orders(ACCOUNT)] == [D(96)]
    assert set_stop(engine, None)
    assert engine.orders(ACCOUNT) == ()
    a_print(engine, "94")
    assert len(engine.positions(ACCOUNT)) == 1


def test_it_takes_the_place_of_the_one_that_an_entry_brought():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", attached="94"), at_us=2)
    assert set_stop(engine, "95")
    assert [order.trigger_price for order in engine.orders(ACCOUNT)] == [D(95)]


@pytest.mark.parametrize("trigger", ["95", None])
def test_what_is_so_already_is_said(engine: MatchingEngine, trigger: str | None):
    set_stop(engine, trigger)
    assert refused(set_stop(engine, trigger)).kind is ProblemClass.HARMLESS


@pytest.mark.parametrize(
    ("trigger", "direction", "reason"),
    [
        ("100", LONG, Reason.WOULD_TRIGGER),
        ("95.05", LONG, Reason.FILTER),
        ("105", SHORT, Reason.NOTHING_TO_REDUCE),
    ],
)
def test_what_cannot_be_changes_nothing(
    engine: MatchingEngine, trigger: str, direction: Direction, reason: Reason
):
    set_stop(engine, "95")
    answer = set_stop(engine, trigger, direction=direction)
    assert refused(answer).reason is reason
    assert [order.trigger_price for order in engine.orders(ACCOUNT)] == [D(95)]
