import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.wording.evidence import (
    NOTHING_KNOWN,
    ScoreRecord,
    evidence_line,
    wilson_interval,
)


def test_without_a_record_nothing_is_known():
    assert evidence_line() == NOTHING_KNOWN
    assert evidence_line(ScoreRecord(low=70, high=80, closed=0, hits=0)) == NOTHING_KNOWN


def test_a_record_is_told_with_its_number_rate_and_interval():
    record = ScoreRecord(low=70, high=80, closed=1200, hits=540)
    assert evidence_line(record) == (
        "Of 1,200 closed signals with a score of 70 to 80, 540 made money: 45 %, "
        "with 95 % confidence between 42 % and 48 %."
    )
    assert "Of 1 closed signal with" in evidence_line(ScoreRecord(low=0, high=9, closed=1, hits=1))


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
    ],
)
def test_the_interval_is_wilsons(hits, count, low, high):
    assert wilson_interval(hits, count) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_rate_lies_in_its_interval(pair):
    hits, count = pair
    low, high = wilson_interval(hits, count)
    assert -1e-12 <= low <= hits / count + 1e-12
    assert hits / count - 1e-12 <= high <= 1


@pytest.mark.parametrize(("closed", "hits"), [(3, 4), (3, -1), (-1, 0)])
def test_counts_that_cannot_be_are_refused(closed, hits):
    with pytest.raises(ValueError, match="hits of"):
        ScoreRecord(low=0, high=10, closed=closed, hits=hits)
