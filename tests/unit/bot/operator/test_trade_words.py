"""Sizes and prices are read in one way or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.operator.trade_words import TradeWords, read_trade


@given(st.lists(st.text(min_size=1, max_size=20), max_size=5))
def test_whatever_is_read_is_above_zero(words):
    trade = read_trade(words)
    if isinstance(trade, TradeWords):
        assert trade.plan == words[0]
        assert all(0 < Decimal(text) < 10**15 for text in trade.numbers.values())


@given(st.decimals("0.000001", "999999", places=6))
def test_a_plain_number_is_read_as_written(number):
    trade = read_trade(["abcd", f"{number:f}", "1"])
    assert isinstance(trade, TradeWords)
    assert Decimal(trade.numbers["size"]) == number


@pytest.mark.parametrize(
    "word", ["1,5", "1.2.3", "-1", "+1", "0", "0.0", "1e5", "NaN", "٣", "1_0", ""]
)
def test_anything_else_is_named(word):
    assert "size" in str(read_trade(["abcd", word]))


@pytest.mark.parametrize("words", [[], ["a", "1", "2", "3"]])
def test_too_few_or_too_many_words_are_explained(words):
    assert str(read_trade(words)).startswith("Write /took")


def test_size_and_price_may_be_left_out():
    assert read_trade(["abcd"]) == TradeWords(plan="abcd", numbers={})
