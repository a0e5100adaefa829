"""Weights and order counts, and what happens to whoever does not stop."""

import pytest

from snipersight.sandbox.exchange.binance.meter import Limits, Meter
from snipersight.sandbox.exchange.binance.refusals import Refusal

MINUTE_US = 60_000_000
LIMITS = Limits(weight_per_minute=10, orders_per_10s=3, orders_per_minute=5, patience=2)


def refused(meter: Meter, *, at_us: int, weight: int = 1, orders: int = 0) -> Refusal:
    with pytest.raises(Refusal) as caught:
        meter.count(weight, orders=orders, at_us=at_us)
    return caught.value


def test_weight_is_counted_by_the_minute():
    meter = Meter(LIMITS)
    for _ in range(10):
        meter.count(1, orders=0, at_us=MINUTE_US - 1)
    refusal = refused(meter, at_us=MINUTE_US - 1)
    assert (refusal.status, refusal.code) == (429, -1003)
    assert refusal.headers == {"Retry-After": "1"}
    meter.count(10, orders=0, at_us=MINUTE_US)
    assert meter.headers()["X-MBX-USED-WEIGHT-1M"] == "10"


def test_who_goes_on_after_429_is_banned_and_each_ban_is_twice_as_long():
    meter, waits = Meter(LIMITS), []
    at_us = 0
    for _ in range(2):
        statuses = [refused(meter, at_us=at_us, weight=11).status for _ in range(3)]
        assert statuses == [429, 429, 418]
        banned = refused(meter, at_us=at_us + 1)
        assert (banned.status, banned.code) == (418, -1003)
        waits.append(int(banned.headers["Retry-After"]))
        at_us += waits[-1] * 1_000_000 + MINUTE_US
    assert waits == [120, 240]


def test_the_end_of_a_ban_is_in_its_words():
    meter = Meter(LIMITS)
    for _ in range(2):
        refused(meter, at_us=7_000, weight=11)
    assert "IP banned until 120007." in refused(meter, at_us=7_000, weight=11).what


def test_patience_begins_anew_once_a_request_passes():
    meter = Meter(LIMITS)
    for minute in range(5):
        at_us = minute * MINUTE_US
        meter.count(1, orders=0, at_us=at_us)
        assert [refused(meter, at_us=at_us, weight=11).status for _ in range(2)] == [429, 429]


def test_orders_are_counted_over_ten_seconds_and_over_a_minute():
    meter = Meter(LIMITS)
    for _ in range(3):
        meter.count(0, orders=1, at_us=0)
    refusal = refused(meter, at_us=1, weight=0, orders=1)
    assert (refusal.status, refusal.code, refusal.headers["Retry-After"]) == (429, -1015, "10")
    meter.count(0, orders=1, at_us=10_000_000)
    meter.count(0, orders=1, at_us=20_000_000)
    assert refused(meter, at_us=20_000_000, weight=0, orders=1).code == -1015
    assert meter.used()["exceeded_orders_10s"] == 1
    assert meter.used()["exceeded_orders_1m"] == 1


def test_a_list_counts_as_many_orders_as_it_places_over_ten_seconds_and_over_a_day():
    meter = Meter(Limits(weight_per_minute=10, orders_per_10s=4, orders_per_day=6))
    for at_us in (0, 0):
        meter.count(0, orders=2, at_us=at_us)
    assert refused(meter, at_us=1, weight=0, orders=1).code == -1015
    assert set(meter.headers()) == {
        "X-MBX-USED-WEIGHT-1M",
        "X-MBX-ORDER-COUNT-10S",
        "X-MBX-ORDER-COUNT-1D",
    }
    refusal = refused(meter, at_us=MINUTE_US, weight=0, orders=3)
    assert "6 orders per 1d" in refusal.what
    assert refusal.headers["Retry-After"] == str(24 * 3600 - 60)
