"""A year of recorded 5-minute BTC: no detector may stay silent, on either side."""

from collections import Counter
from functools import cache
from itertools import product

import numpy as np
import pytest

from snipersight.analysis.facts import BlockState, PoolKind, ShiftKind
from snipersight.analysis.smc.log import BY_AGE, BY_CLOSE, FOR_ROOM, FactKind
from snipersight.bootstrap.profiles import load_profile
from snipersight.domain.direction import Direction
from snipersight.domain.regime import Regime
from tests.laws.recordings import A_YEAR, FOLDER, recorded, stretch
from tests.laws.series_laws import Asked, Said

YEAR = 105_000  # bars of five minutes
SIDES = (0, 1)
CHANGES = {
    "calendar": ("session", "day", "week", "month"),
    "level_max_age_bars": 30,  # short, so that trends also end of age and begin anew
}


def asked() -> Asked:
    """Return the year under the rules of the default profile's trigger, with every pool."""
    profile = load_profile("balanced", own_folder=FOLDER / "no profiles here")
    rules = profile.roles.trigger.model_copy(update=CHANGES)
    candles = stretch(A_YEAR, "BTCUSDT", "5m", from_text="2023-10-01", bars=YEAR)
    return Asked(candles=candles, rules=rules, setup=profile.setup)


@cache
def said() -> Said:
    return asked().said()


def seen(kind: FactKind) -> set[tuple[int, int]]:
    """Return the (side, sub) pairs told of a kind."""
    facts = said().facts
    found = facts[facts["kind"] == kind]
    return {(int(side), int(sub)) for side, sub in zip(found["side"], found["sub"], strict=True)}


@recorded
@pytest.mark.parametrize("kind", list(FactKind))
def test_every_kind_of_fact_is_found_on_both_sides(kind):
    assert {side for side, _ in seen(kind)} == set(SIDES)


@recorded
def test_every_variety_of_a_fact_is_found_on_both_sides():
    shifts = {kind + 4 * strength for kind, strength in product(ShiftKind, (0, 1))}
    assert seen(FactKind.SHIFT) == set(product(SIDES, shifts))
    assert seen(FactKind.SWING) == set(product(SIDES, (0, 1)))
    flipped = (BlockState.BREAKER, BlockState.MITIGATION_BLOCK)
    assert seen(FactKind.BLOCK_FLIPPED) == set(product(SIDES, flipped))
    assert seen(FactKind.BLOCK_ENDED) >= set(product(SIDES, (BY_AGE, BY_CLOSE)))
    assert seen(FactKind.GAP_ENDED) >= set(product(SIDES, (BY_CLOSE, FOR_ROOM)))
    assert seen(FactKind.SWEEP) == set(product(SIDES, PoolKind))
    assert seen(FactKind.POOL_TAKEN) == set(product(SIDES, PoolKind))


@recorded
def test_setups_are_found_in_both_directions_and_of_every_kind_of_shift():
    counts = Counter(setup.direction for setup in said().setups)
    assert min(counts[side] for side in Direction) >= 100
    assert {setup.shift.kind for setup in said().setups} == set(ShiftKind)
    assert any(setup.block is None or setup.gap is None for setup in said().setups)


@recorded
def test_readings_pass_through_every_state_of_zones_and_every_regime():
    year = asked()
    series = year.make(year.rules, year.candles.timeframe, year.setup, facts_from_ms=2**62)
    blocks, gaps, regimes = set(), set(), set()
    for close_ms in year.candles.close_time[5_000::97]:
        series.advance(year.candles, until_ms=int(close_ms))
        reading = series.reading()
        assert reading is not None
        blocks |= {(block.state, block.direction) for block in reading.blocks}
        gaps |= {(gap.is_inverse, gap.direction) for gap in reading.gaps}
        regimes.add(reading.regime)
    assert blocks == set(product(BlockState, Direction))
    assert gaps == set(product((False, True), Direction))
    assert regimes == set(Regime)


@recorded
def test_neither_side_is_favoured():
    facts = said().facts
    for kind in FactKind:
        sides = np.bincount(facts["side"][facts["kind"] == kind], minlength=2)
        assert sides.max() < 1.5 * sides.min() + 50, kind.name
