"""Snapshots and forgetting."""

import json
from decimal import Decimal

import pytest

import snipersight.matching as matching
from snipersight.domain.errors import DataInvalid
from snipersight.matching import MatchingEngine
from tests.builders.matching import (
    ACCOUNT,
    PERPETUAL,
    SPOT,
    USDT,
    a_print,
    an_engine,
    an_exit,
    an_order,
    status_of,
)


def a_busy_engine() -> MatchingEngine:
    engine = an_engine(balances={"USDT": "10000", "BTC": "2"})
    engine.submit(ACCOUNT, an_order("in", "market", attached="95"), at_us=2)
    pair = (
        an_exit("t", "limit", symbol=SPOT, price="110"),
        an_exit("s", "stop_market", symbol=SPOT, trigger="90"),
    )
    engine.submit_pair(ACCOUNT, *pair, at_us=3)
    engine.fund(PERPETUAL, Decimal("0.001"), at_us=4)
    return engine


def test_a_snapshot_survives_json_with_what_was_not_told_yet():
    engine = a_busy_engine()
    kept = json.dumps(engine.snapshot())
    twin = MatchingEngine.restore(json.loads(kept))
    assert twin.drain() == engine.drain()
    for venue in (engine, twin):
        a_print(venue, "94")
        a_print(venue, "89", symbol=SPOT)
        assert (status_of(venue, "s"), status_of(venue, "t")) == ("filled", "expired")
        assert venue.positions(ACCOUNT) == ()
    assert twin.snapshot() == engine.snapshot()


def test_a_restored_position_is_liquidated_all_the_same():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    twin = MatchingEngine.restore(engine.snapshot())
    assert twin.positions(ACCOUNT) == engine.positions(ACCOUNT)
    a_print(twin, "91")
    assert twin.positions(ACCOUNT) == ()


def test_accounts_are_funded_in_the_same_order_after_a_restore():
    engine = an_engine()
    engine.open_account("other", {USDT: Decimal(1000)})
    for name in ("other", ACCOUNT):
        engine.submit(name, an_order("in", "market"), at_us=2)
    twin = MatchingEngine.restore(engine.snapshot())
    for venue in (engine, twin):
        venue.fund(PERPETUAL, Decimal("0.001"), at_us=3)
        assert [payment.payment_id for payment in venue.funding("other")] == ["1"]


@pytest.mark.parametrize("version", [None, 0, 2])
def test_a_snapshot_of_another_version_is_refused(version):
    with pytest.raises(DataInvalid, match="version"):
        MatchingEngine.restore(an_engine().snapshot() | {"version": version})


@pytest.mark.parametrize("part", ["rules", "markets", "accounts", "counters", "notes"])
def test_a_damaged_snapshot_is_refused(part):
    kept = a_busy_engine().snapshot()
    with pytest.raises(DataInvalid, match="damaged"):
        MatchingEngine.restore({name: value for name, value in kept.items() if name != part})


def test_forgetting_keeps_what_is_open_new_or_untold():
    engine = a_busy_engine()
    engine.forget(ACCOUNT, before_us=10**9)
    assert engine.order(ACCOUNT, client_id="in") is not None  # its event is still to be told
    engine.drain()
    before = engine.balances(ACCOUNT)
    engine.forget(ACCOUNT, before_us=10**9)
    assert engine.order(ACCOUNT, client_id="in") is None
    assert (status_of(engine, "t"), status_of(engine, "s")) == ("working", "working")
    assert engine.fills(ACCOUNT) == ()
    assert engine.funding(ACCOUNT) == ()
    assert engine.balances(ACCOUNT) == before


def test_without_events_there_is_nothing_to_drain():
    engine = MatchingEngine(an_engine().instruments().values(), records_events=False)
    engine.open_account(ACCOUNT, {USDT: Decimal(1000)})
    a_print(engine, "100")
    engine.submit(ACCOUNT, an_order("in", "market", attached="95"), at_us=2)
    engine.fund(PERPETUAL, Decimal("0.001"), at_us=4)
    assert engine.drain() == ()
    assert len(engine.fills(ACCOUNT)) == 1


def test_the_public_names_are_these():
    assert matching.__all__ == [
        "Book",
        "DuplicateIds",
        "MatchEvent",
        "MatchingEngine",
        "MatchingRules",
        "PositionChange",
        "Posting",
    ]
