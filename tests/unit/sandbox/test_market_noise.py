"""Looked-up random numbers: portable, independent of each other, of the right shape."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.sandbox.market_noise import (
    exponential_table,
    field,
    growth,
    heavy_table,
    lattice,
    lognormal_table,
    normal_table,
    octaves,
    stream,
    uniform,
    words,
    words_at,
)

KEY = stream(7, "test")


def test_words_are_splitmix64_of_a_counter():
    # Published first outputs of splitmix64 seeded with 1234567: state n is seed + n × golden.
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert words(np.uint64(1234567), 1, 3).tolist() == expected


@given(first=st.integers(0, 10**7), skip=st.integers(0, 50), count=st.integers(1, 50))
def test_any_part_of_a_stream_can_be_read_alone(first, skip, count):
    whole = words(KEY, first, 100)
    assert words(KEY, first + skip, count).tolist() == whole[skip : skip + count].tolist()


def test_streams_with_other_names_are_unrelated():
    a, b = (uniform(words(stream(7, name), 0, 20_000), 0) for name in ("a", "b"))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.03
    assert stream(7, "1") == stream(7, 1)
    assert stream(71, "") != stream(7, "1")


def test_the_five_fields_of_a_word_are_independent_and_even():
    word = words(KEY, 0, 50_000)
    fields = [uniform(word, number) for number in range(5)]
    assert np.abs(np.corrcoef(fields) - np.eye(5)).max() < 0.02
    for values in fields:
        assert values.mean() == pytest.approx(0.5, abs=0.01)
        assert values.min() > 0
        assert values.max() < 1


@pytest.mark.parametrize(
    ("table", "mean", "deviation"),
    [
        (normal_table(), 0.0, 1.0),
        (heavy_table(), 0.0, 1.0),
        (exponential_table(), 1.0, 1.0),
        (lognormal_table(0.35), 1.0, math.sqrt(math.exp(0.35**2) - 1)),
    ],
    ids=["normal", "heavy", "exponential", "lognormal"],
)
def test_tables_have_their_moments(table, mean, deviation):
    assert len(table) == 4096
    assert (np.diff(table) >= 0).all()
    assert table.mean() == pytest.approx(mean, abs=0.01)
    assert table.std() == pytest.approx(deviation, rel=0.03)


def test_the_heavy_table_has_fatter_tails_than_the_normal_one():
    assert (heavy_table() ** 4).mean() > 5
    assert (normal_table() ** 4).mean() < 3.1


@given(st.floats(-1.4, 1.4))
def test_growth_is_the_exponential_within_a_thousandth(exponent):
    assert growth(np.array([exponent]))[0] == pytest.approx(math.exp(exponent), rel=1e-3)


def test_lattice_noise_is_smooth_and_hits_its_knots():
    index = np.arange(0, 5_000, dtype=np.int64)
    noise = lattice(KEY, index, 50)
    knots = normal_table()[field(words_at(KEY, np.arange(100, dtype=np.int64)), 0)]
    np.testing.assert_array_equal(noise[::50], knots)
    assert np.abs(np.diff(noise)).max() < 1.5 * 7.4 / 50  # steepest ease between extreme knots


def test_octaves_add_up_with_their_deviations():
    index = np.arange(0, 400_000, 97, dtype=np.int64)
    total = octaves(KEY, index, ((10, 0.3), (100, 0.4)))
    alone = octaves(KEY, index, ((10, 0.3),))
    assert np.abs(total - alone).max() > 0.5
    assert 0.3 < total.std() < 0.5
