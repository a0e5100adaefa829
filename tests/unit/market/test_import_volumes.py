import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.errors import DataInvalid
from snipersight.market.import_volumes import CheckedVolume, checked_volume
from tests.unit.market.recordings import START_MS

HOUR_MS = 3_600_000


def checked(
    base: list[float], quote: list[float] | None, *, price: float = 10_000.0
) -> CheckedVolume:
    count = len(base)
    return checked_volume(
        np.array(base),
        None if quote is None else np.array(quote),
        low=np.full(count, price * 0.99),
        high=np.full(count, price * 1.01),
        time=START_MS + HOUR_MS * np.arange(count),
    )


def test_volume_without_a_quote_volume_is_an_assumption():
    (note,) = checked([1.0], None).notes
    assert "taken as base units" in note


def test_volume_that_agrees_with_the_quote_volume_is_checked():
    found = checked([1.5, 0.0, 2.0], [15_000.0, 0.0, 20_100.0])
    assert found.values.tolist() == [1.5, 0.0, 2.0]
    assert found.notes == ("volume agrees with the quote volume in all 3 rows",)
    assert found.repairs == ()


def test_rows_whose_columns_changed_places_are_put_back_with_their_period():
    found = checked([1.5, 20_000.0, 0.0, 30_100.0, 2.0], [15_000.0, 2.0, 0.0, 3.0, 20_000.0])
    assert found.values.tolist() == [1.5, 2.0, 0.0, 3.0, 2.0]
    assert [text.split(";")[0] for text in found.repairs] == [
        "base and quote volume were exchanged from 2024-06-07T01:00:00Z to 2024-06-07T01:00:00Z (1 bars)",
        "base and quote volume were exchanged from 2024-06-07T03:00:00Z to 2024-06-07T03:00:00Z (1 bars)",
    ]


def test_a_row_that_fits_neither_way_is_refused():
    with pytest.raises(
        DataInvalid, match=r"fit the prices neither way: 1\.5 and 99\.0 at 2024-06-07T01"
    ):
        checked([1.0, 1.5], [10_000.0, 99.0])


def test_rows_that_fit_both_ways_beside_exchanged_ones_prove_nothing():
    low, high = np.array([0.5, 9_900.0]), np.array([2.0, 10_100.0])
    base, quote = np.array([1.0, 20_000.0]), np.array([1.2, 2.0])
    with pytest.raises(DataInvalid, match="fit the prices both ways"):
        checked_volume(base, quote, low=low, high=high, time=START_MS + HOUR_MS * np.arange(2))


def test_a_coin_worth_about_one_dollar_is_left_as_named():
    found = checked([100.0, 200.0], [100.5, 199.0], price=1.0)
    assert found.values.tolist() == [100.0, 200.0]


def test_rounded_volumes_are_within_tolerance():
    assert checked([0.01, 0.0], [131.2, 42.0]).repairs == ()  # 0.01 stands for 0.005 to 0.015


def test_what_is_no_number_is_left_to_its_own_check():
    assert np.isnan(checked([1.0, float("nan")], [10_000.0, 5.0]).values[1])


@given(st.lists(st.tuples(st.integers(1, 10**9), st.booleans()), min_size=1, max_size=20))
def test_exchanged_rows_always_come_back(rows: list[tuple[int, bool]]):
    base = [units / 10**4 for units, _ in rows]
    pairs = [
        (b, b * 10_000.0) if kept else (b * 10_000.0, b)
        for b, (_, kept) in zip(base, rows, strict=True)
    ]
    found = checked([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    assert found.values.tolist() == base
    assert bool(found.repairs) is not all(kept for _, kept in rows)
