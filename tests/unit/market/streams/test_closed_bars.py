"""A bar counts as closed when the venue says so, or when a later one follows on the same line."""

from __future__ import annotations

from snipersight.market.streams.bars import StreamKey
from snipersight.market.streams.closed_bars import ClosedBars
from tests.unit.market.streams.scripted import BTC5, ETH, FIVE, a_bar


def test_the_word_of_the_venue_decides_where_it_gives_one():
    bars = ClosedBars()
    assert bars.of(BTC5, a_bar(1), False) is None
    assert bars.of(BTC5, a_bar(2), False) is None  # the end of bar 1 was not heard
    assert bars.of(BTC5, a_bar(2, lift=0.5), True) == a_bar(2, lift=0.5)


def test_without_a_word_the_last_of_a_bar_counts_once_a_later_one_is_told():
    bars = ClosedBars()
    assert bars.of(BTC5, a_bar(1), None) is None
    assert bars.of(BTC5, a_bar(1, lift=0.5), None) is None
    assert bars.of(BTC5, a_bar(2), None) == a_bar(1, lift=0.5)
    assert bars.of(BTC5, a_bar(1), None) is None  # late: it is closed already
    assert bars.of(BTC5, a_bar(3), None) == a_bar(2)


def test_series_do_not_mix():
    bars = ClosedBars()
    assert bars.of(BTC5, a_bar(1), None) is None
    assert bars.of(StreamKey(ETH, FIVE), a_bar(2), None) is None
    assert bars.of(BTC5, a_bar(2), None) == a_bar(1)
