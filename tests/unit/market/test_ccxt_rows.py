"""Rows of an answer become closed bars, or are refused by name."""

import math
import random
from collections.abc import Sequence

import pytest

from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.ccxt_rows import Page, Row, page_of

FIVE = Timeframe.parse("5m")
STEP = FIVE.duration_ms


def row(slot: int, price: float | None = 10.0) -> list[float | None]:
    return [slot * STEP, price, price, price, price, 1.0]


def page(rows: Sequence[Row], *, closed_slots: int = 100) -> Page:
    return page_of(rows, symbol=Symbol("BTC/USDT"), timeframe=FIVE, closed_ms=closed_slots * STEP)


def slots(found: Page) -> list[int]:
    return [int(time) // STEP for time in found.candles.open_time]


def test_an_empty_answer_is_an_empty_page():
    assert slots(page([])) == []


def test_order_and_exact_repetition_do_not_matter():
    rows = [row(slot) for slot in (*range(9), 3, 4)]
    random.Random(3).shuffle(rows)
    assert slots(page(rows)) == list(range(9))


@pytest.mark.parametrize(("closed", "expected"), [(5, [0, 1, 2, 3, 4]), (4, [0, 1, 2, 3])])
def test_a_bar_counts_from_the_moment_it_closes(closed, expected):
    assert slots(page([row(slot) for slot in range(6)], closed_slots=closed)) == expected


def test_a_forming_row_is_not_even_checked():
    assert slots(page([row(0), row(1, -5.0)], closed_slots=1)) == [0]


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_a_row_without_any_price_is_no_bar(nothing):
    found = page([row(0), row(1, nothing), row(1, nothing), row(2)])
    assert slots(found) == [0, 2]
    assert found.priceless == (STEP,)


def test_two_different_bars_for_one_time_are_refused():
    with pytest.raises(DataInvalid, match="two different bars at 1970-01-01T00:05:00Z"):
        page([row(1), row(1, 11.0)])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([None, 1.0, 1.0, 1.0, 1.0, 1.0], "no time or too few columns"),
        ([math.inf, 1.0, 1.0, 1.0, 1.0, 1.0], "no time or too few columns"),
        ([0.0, 1.0, 1.0], "no time or too few columns"),
        ([STEP + 7, 1.0, 1.0, 1.0, 1.0, 1.0], "not on the 5m grid"),
        ([STEP, 1.0, 1.0, 1.0, None, 1.0], "NaN or infinite"),
        ([STEP, 0.0, 1.0, 0.0, 1.0, 1.0], "zero or negative price"),
        ([STEP, 1.0, 1.0, 1.0, 1.0, -1.0], "negative volume"),
        ([STEP, 1.0, 1.0, 1.0, 1.0, None], "NaN or infinite"),
    ],
)
def test_a_broken_row_is_refused_by_name(bad, message):
    with pytest.raises(DataInvalid, match=message):
        page([row(0), bad])
