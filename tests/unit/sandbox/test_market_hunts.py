"""A stop-hunt pierces an old extreme, closes back, and disturbs nothing else."""

import numpy as np
import pytest

from snipersight.domain.candles import Floats
from snipersight.domain.units import Symbol
from snipersight.sandbox import market_paths
from snipersight.sandbox.market_hunts import add_hunts
from snipersight.sandbox.market_listing import listings
from snipersight.sandbox.market_noise import stream, words

SLOTS, BARS = 12, 48
SIGMA = 0.01


Path = dict[str, Floats]


def a_path(*, shortfall: float) -> Path:
    """Two days of flat price: a peak of +1 % on the first, of 1 % − shortfall on the second."""
    level = np.zeros(SLOTS * BARS + 1)
    highs, lows = np.full(SLOTS * BARS, 0.0005), np.full(SLOTS * BARS, -0.0005)
    highs[2 * BARS + 20] = 0.01
    highs[9 * BARS + 20] = 0.01 - shortfall
    return {"level": level, "highs": highs, "lows": lows}


def mirrored(path: Path) -> Path:
    return {"level": -path["level"], "highs": -path["lows"], "lows": -path["highs"]}


def hunt(path: Path, seed: int) -> Path:
    got = {name: values.copy() for name, values in path.items()}
    add_hunts(words(stream(seed), 0, SLOTS), slot_sigma=np.full(SLOTS, SIGMA), **got)
    return got


def hunted(path: Path, name: str = "highs") -> list[Path]:
    """Return the outcomes of the seeds that hunt on the second day's peak."""
    at = 9 * BARS + 20
    return [got for seed in range(200) if (got := hunt(path, seed))[name][at] != path[name][at]]


def test_a_high_just_below_yesterdays_is_stretched_through_and_closes_back():
    outcomes = hunted(a_path(shortfall=0.002))
    assert 10 < len(outcomes) < 80  # by chance, not by clockwork
    at = 9 * BARS + 20
    for got in outcomes:
        assert 0.01 < got["highs"][at] < 0.01 + 0.6 * SIGMA
        assert got["level"][at + 1] < 0.01


def test_a_low_is_hunted_alike():
    path = mirrored(a_path(shortfall=0.002))
    at = 9 * BARS + 20
    outcomes = hunted(path, "lows")
    assert 10 < len(outcomes) < 80
    for got in outcomes:
        assert -0.01 - 0.6 * SIGMA < got["lows"][at] < -0.01
        assert got["level"][at + 1] > -0.01


def test_a_bar_that_closed_at_its_high_still_closes_back():
    path = a_path(shortfall=0.0003)
    at = 9 * BARS + 20
    path["level"][at + 1] = path["highs"][at]
    outcomes = hunted(path)
    assert outcomes
    assert all(got["level"][at + 1] < 0.01 < got["highs"][at] for got in outcomes)


@pytest.mark.parametrize("shortfall", [0.006, -0.001], ids=["far below", "already beyond"])
def test_a_high_far_below_or_already_beyond_is_left_alone(shortfall):
    assert hunted(a_path(shortfall=shortfall)) == []


def test_the_first_day_and_the_ends_of_slots_stay_as_they_were():
    path = a_path(shortfall=0.002)
    for got in hunted(path):
        np.testing.assert_array_equal(got["highs"][: 6 * BARS], path["highs"][: 6 * BARS])
        np.testing.assert_array_equal(got["level"][::BARS], path["level"][::BARS])


def test_bars_stay_consistent_around_a_spike():
    for got in hunted(a_path(shortfall=0.003)):
        opens, closes = got["level"][:-1], got["level"][1:]
        assert (got["highs"] >= np.maximum(opens, closes)).all()
        assert (got["lows"] <= np.minimum(opens, closes)).all()


def test_hunts_are_drawn_anew_for_every_stretch_of_time(monkeypatch):
    drawn = []
    monkeypatch.setattr(market_paths, "add_hunts", lambda word, **_: drawn.append(word.tolist()))
    for chunk in (1240, 1241):
        market_paths.PriceModel(7).log_path(listings()[Symbol("BTC/USDT")].asset, chunk)
    first, second = drawn
    assert second[:6] == first[-6:]  # the day both are built with
    assert not set(second[6:]) & set(first)
