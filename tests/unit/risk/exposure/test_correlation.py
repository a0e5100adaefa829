"""Correlation of returns, on series whose answer is known."""

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.units import Currency
from snipersight.risk.exposure.correlation import Closes, correlate

STEP_MS = 14_400_000
BTC, ETH, SOL = Currency("BTC"), Currency("ETH"), Currency("SOL")
UPS_AND_DOWNS = (0.01, -0.02, 0.03, 0.005, -0.01, 0.02, -0.015, 0.01)


def series(returns: Sequence[float], *, start: int = 0, without: Sequence[int] = ()) -> Closes:
    """Return closes 4 hours apart that make these log returns, with some bars missing."""
    prices = 100 * np.exp(np.concatenate([[0.0], np.cumsum(returns)]))
    kept = [i for i in range(len(prices)) if i not in without]
    return Closes(
        open_times_ms=[(start + i) * STEP_MS for i in kept], prices=[float(prices[i]) for i in kept]
    )


def between(
    one: Closes, other: Closes, *, returns: int = 180, min_overlap: int = 2
) -> Decimal | None:
    table = correlate({BTC: one, ETH: other}, returns=returns, min_overlap=min_overlap)
    return table.between(BTC, ETH)


@pytest.mark.parametrize(("factor", "rho"), [(1, "1"), (2.5, "1"), (-1, "-1"), (-0.1, "-1")])
def test_moves_in_proportion_correlate_fully(factor: float, rho: str) -> None:
    scaled = [factor * move for move in UPS_AND_DOWNS]
    assert between(series(UPS_AND_DOWNS), series(scaled)) == Decimal(rho)


def test_a_coefficient_worked_by_hand() -> None:
    # x = 1, 2, 3 and y = 1, 3, 2 per cent: cov 1, variances 2 and 2, so 0.5
    assert between(series([0.01, 0.02, 0.03]), series([0.01, 0.03, 0.02])) == Decimal("0.5000")


def test_moves_that_have_nothing_in_common_are_zero_without_a_sign() -> None:
    rho = between(series([0.01, -0.01, 0.01, -0.01]), series([0.01, 0.01, -0.01, -0.01]))
    assert str(rho) == "0.0000"


def test_a_hair_below_nothing_in_common_is_zero_without_a_sign_too() -> None:
    rho = between(series([0.01, -0.01, 0.01, -0.01]), series([0.01, 0.01, -0.0100001, -0.01]))
    assert str(rho) == "0.0000"


def test_only_the_newest_returns_count() -> None:
    one = series([0.05, -0.03, 0.01, 0.02, 0.03])
    other = series([-0.05, 0.03, 0.01, 0.02, 0.03])
    assert between(one, other, returns=3) == 1
    assert between(one, other, returns=4) != 1


def test_too_few_common_returns_are_unknown() -> None:
    whole = series(UPS_AND_DOWNS)
    late = series(UPS_AND_DOWNS[4:], start=4)
    assert between(whole, late, min_overlap=4) == 1
    assert between(whole, late, min_overlap=5) is None


def test_a_missing_bar_costs_the_returns_into_and_out_of_it() -> None:
    gap = series(UPS_AND_DOWNS, without=[4])
    assert between(series(UPS_AND_DOWNS), gap, min_overlap=6) == 1
    assert between(series(UPS_AND_DOWNS), gap, min_overlap=7) is None


@pytest.mark.parametrize("moves", [[0.0] * 56, [0.003] * 56, [0.0033] * 56])
def test_a_series_that_does_not_move_is_unknown(moves: list[float]) -> None:
    assert between(series(UPS_AND_DOWNS * 7), series(moves)) is None


@pytest.mark.parametrize("other", [1.3, 0.9])
def test_a_series_that_doubles_with_each_bar_is_unknown(other: float) -> None:
    # Its variance is zero to the last digit, the covariance with the other is not.
    doubling = Closes(open_times_ms=[1, 2, 3], prices=[1.0, 2.0, 4.0])
    assert between(doubling, Closes(open_times_ms=[1, 2, 3], prices=[1.0, other, 1.1])) is None


def test_a_market_that_hardly_moves_correlates_all_the_same() -> None:
    # Like two dollars of different issuers.
    quiet = [move / 10_000 for move in UPS_AND_DOWNS]
    assert between(series(quiet), series(UPS_AND_DOWNS)) == 1


# A steady rise with hardly any moves in it: rounding makes more of them than there is.
STEADY = [
    (0.16, (-3, -1, 0, -1, 2), 1),
    (0.27, (-3, 3, 3, -3, 3, -1), 1),
    (0.16, (-1, 1, -3, -3, 0, 2, 2), -1),
    (0.13, (1, 0, 1, 3, -2, 0, 1), -1),
]


@pytest.mark.parametrize(("rise", "steps", "sign"), STEADY)
def test_rounding_makes_no_correlation_beyond_one(
    rise: float, steps: tuple[int, ...], sign: int
) -> None:
    returns = [rise + step * 1e-7 for step in steps]
    rho = between(series(returns), series([sign * one for one in returns]))
    assert rho is not None
    assert Decimal("0.999") < sign * rho <= 1


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_close_that_is_no_price_is_missing(bad: float) -> None:
    sound = series(UPS_AND_DOWNS)
    prices = list(sound.prices)
    prices[4] = bad
    broken = Closes(open_times_ms=sound.open_times_ms, prices=prices)
    assert between(sound, broken, min_overlap=6) == 1
    assert between(sound, broken, min_overlap=7) is None


def test_pairs_are_sorted_and_their_window_is_told() -> None:
    moving = series(UPS_AND_DOWNS)
    table = correlate({SOL: moving, BTC: moving, ETH: moving}, returns=180, min_overlap=2)
    assert list(table.pairs) == [(BTC, ETH), (BTC, SOL), (ETH, SOL)]
    assert table.window == "180 returns"
    told = correlate({BTC: moving}, returns=180, min_overlap=2, window="180 returns of 4h")
    assert (dict(told.pairs), told.window) == ({}, "180 returns of 4h")
    assert told.between(BTC, BTC) == 1


def test_no_series_at_all_is_no_correlation() -> None:
    assert dict(correlate({}, returns=180, min_overlap=90).pairs) == {}
    nothing = Closes(open_times_ms=[], prices=[])
    assert between(nothing, nothing) is None
    assert between(series(UPS_AND_DOWNS), series([])) is None


@pytest.mark.parametrize(
    ("times", "prices"), [([1, 2], [1.0]), ([2, 1], [1.0, 1.0]), ([1, 1], [1.0, 1.0])]
)
def test_closes_that_cannot_be_aligned_are_refused(times: list[int], prices: list[float]) -> None:
    with pytest.raises(ValueError, match=r"times (for|of)"):
        Closes(open_times_ms=times, prices=prices)


@pytest.mark.parametrize(("returns", "overlap"), [(1, 2), (2, 1)])
def test_a_window_without_degrees_of_freedom_is_refused(returns: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="correlate nothing"):
        correlate({}, returns=returns, min_overlap=overlap)


moves = st.lists(st.floats(-0.2, 0.2), min_size=30, max_size=30)


@given(moves, moves)
def test_it_agrees_with_numpy(one: list[float], other: list[float]) -> None:
    rho = between(series(one), series(other))
    if min(np.std(one), np.std(other)) > 1e-4:
        assert rho is not None
        assert float(rho) == pytest.approx(np.corrcoef(one, other)[0, 1], abs=1e-4)
    assert rho is None or -1 <= rho <= 1


def test_two_returns_correlate_and_no_fewer():
    both = {"A": [1.0, 2.0, 3.0], "B": [2.0, 5.0, 7.0]}
    closes = {
        Currency(name): Closes(open_times_ms=[1, 2, 3], prices=prices)
        for name, prices in both.items()
    }
    found = correlate(closes, returns=2, min_overlap=2)
    assert found.pairs == {("A", "B"): Decimal(1)}
    for returns, overlap in ((1, 2), (2, 1)):
        with pytest.raises(ValueError, match="correlate nothing"):
            correlate(closes, returns=returns, min_overlap=overlap)


def test_what_moves_against_another_exactly_is_at_minus_one_and_never_beyond():
    prices = [0.1, 0.3, 0.2, 0.7, 0.6, 0.65]
    closes = {
        Currency("A"): Closes(open_times_ms=range(6), prices=prices),
        Currency("B"): Closes(open_times_ms=range(6), prices=[1 / one for one in prices]),
    }
    assert correlate(closes, returns=5, min_overlap=5).pairs == {("A", "B"): Decimal(-1)}


def test_times_that_do_not_ascend_are_told():
    with pytest.raises(ValueError, match=r"^times of closes do not ascend$"):
        Closes(open_times_ms=[1, 1], prices=[1.0, 2.0])
