"""Numbers by lot follow from seed, symbol, purpose and time, and from nothing else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.units import Symbol
from snipersight.planner.comparison.draws import Draws, splitmix64

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
TIMES = 1_700_000_000_000 + 300_000 * np.arange(20_000)


def drawn(seed: int = 7, symbol: Symbol = BTC, purpose: str = "entry") -> np.ndarray:
    return Draws(seed, symbol, purpose).at(TIMES)


def test_the_sequence_is_the_published_one():
    """First numbers of the reference implementation (Vigna) for the seed 1234567."""
    found = splitmix64(np.uint64(1234567), np.arange(1, 6, dtype=np.uint64))
    assert found.tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_the_same_terms_draw_the_same_numbers():
    assert drawn().tolist() == drawn().tolist()


def test_seed_symbol_and_purpose_each_draw_numbers_of_their_own():
    streams = [drawn(), drawn(seed=8), drawn(symbol=ETH), drawn(purpose="shape")]
    for number, one in enumerate(streams):
        for other in streams[number + 1 :]:
            assert abs(np.corrcoef(one, other)[0, 1]) < 0.03  # four standard errors


@given(rows=st.lists(st.integers(0, len(TIMES) - 1), max_size=30))
def test_a_number_depends_on_no_other_time_that_is_asked_for(rows):
    every = drawn()
    assert Draws(7, BTC, "entry").at(TIMES[rows]).tolist() == every[rows].tolist()


def test_numbers_spread_evenly_from_0_to_below_1():
    found = drawn()
    assert found.min() >= 0
    assert found.max() < 1
    counts = np.histogram(found, bins=20, range=(0, 1))[0]
    # Chi square with 19 degrees of freedom exceeds 43.8 once in a thousand.
    assert float(((counts - 1000.0) ** 2 / 1000.0).sum()) < 43.8


def test_neighbouring_bars_are_unrelated():
    found = drawn()
    assert abs(np.corrcoef(found[1:], found[:-1])[0, 1]) < 0.03
