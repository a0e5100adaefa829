"""Factors: worked values, and the direction each one moves in."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from snipersight.analysis import factors_conflict, factors_event, factors_location
from snipersight.analysis.entry_zone import entry_zone
from snipersight.analysis.factors import Evidence, ramp
from snipersight.analysis.facts import (
    BlockState,
    Displacement,
    PoolKind,
    PriceZone,
    ShiftKind,
)
from snipersight.analysis.momentum import Momentum
from snipersight.domain.direction import Direction
from snipersight.domain.ports import LeaderState
from snipersight.domain.regime import Regime
from tests.builders import (
    a_block,
    a_context,
    a_gap,
    a_leader,
    a_momentum,
    a_pool,
    a_profile,
    a_reading,
    a_setup,
    a_sweep,
)

MINUTE_MS = 60_000


def evidence(
    momentum: Momentum | None = None, leader: LeaderState | None = None, **context: Any
) -> Evidence:
    """Return the evidence of the builder's long with some readings exchanged."""
    found = a_context(**context)
    zone = entry_zone(found.setup, ("order_block", "gap"))
    assert zone is not None
    return Evidence(
        context=found,
        zone=zone,
        momentum=momentum,
        leader=leader,
        profile=a_profile(),
    )


def rises(values: Sequence[float]) -> bool:
    return all(a < b for a, b in pairwise(values))


def test_ramp_is_straight_between_its_ends_and_zero_for_no_number():
    assert [ramp(x, none_at=1, full_at=3) for x in (0, 1, 2, 3, 9)] == [0, 0, 0.5, 1, 1]
    assert ramp(float("nan"), none_at=0, full_at=1) == 0
    assert ramp(float("inf"), none_at=0, full_at=1) == 1


def test_bias_trend_grows_with_agreement_and_adx():
    readings = [
        a_reading("4h", swing_trend=-1),
        a_reading("4h", swing_trend=0, internal_trend=1),
        a_reading("4h", internal_trend=-1, adx=15),
        a_reading("4h", adx=15),
        a_reading("4h", adx=25),
        a_reading("4h", adx=35),
    ]
    values = [factors_location.bias_trend(evidence(bias=reading)).value for reading in readings]
    assert values == pytest.approx([0, 0.3, 0.6, 0.8, 0.9, 1.0])
    assert factors_location.bias_trend(evidence()).price == 94.0


def test_point_of_interest_is_an_older_zone_the_turn_came_from():
    # The turn runs from 96 to 100; the block 97.5-100.5 shares 2.5 of its 3.
    assert factors_location.zone_point_of_interest(evidence()).value == pytest.approx(2.5 / 3)


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (a_block(96, 100, Direction.LONG), 1.0),
        (a_block(96, 100, Direction.LONG, penetration=1.0), 0.5),
        (a_block(96, 100, Direction.LONG, state=BlockState.BREAKER), 0.8),
        (a_block(96, 100, Direction.LONG, state=BlockState.MITIGATION_BLOCK), 0.6),
        (a_block(99, 103, Direction.LONG), 0.25),
        (a_block(101, 103, Direction.LONG), 0.0),
        (a_block(96, 100, Direction.SHORT), 0.0),
    ],
)
def test_point_of_interest_grades_overlap_and_use(block, value):
    given = evidence(zone=a_reading("1h", blocks=(block,)), bias=a_reading("4h", blocks=()))
    assert factors_location.zone_point_of_interest(given).value == pytest.approx(value)


@pytest.mark.parametrize(("is_inverse", "fill", "value"), [(False, 0, 0.7), (True, 1, 0.25)])
def test_a_gap_may_be_the_point_of_interest(is_inverse, fill, value):
    gap = a_gap(96, 100, Direction.LONG, is_inverse=is_inverse, fill=fill)
    given = evidence(zone=a_reading("1h", blocks=(), gaps=(gap,)), bias=a_reading("4h", blocks=()))
    assert factors_location.zone_point_of_interest(given).value == pytest.approx(value)


def test_a_zone_made_by_the_same_move_is_no_second_witness():
    origin_at = a_setup().origin_at_ms
    own = a_block(96, 100, Direction.LONG)
    own = replace(own, zone=replace(own.zone, at_ms=origin_at - 30 * MINUTE_MS))
    given = evidence(zone=a_reading("1h", blocks=(own,)), bias=a_reading("4h", blocks=()))
    assert factors_location.zone_point_of_interest(given).value == 0


def test_a_tight_order_block_is_worth_more_than_a_tall_one():
    blocks = [PriceZone(low=100 - height, high=100, at_ms=0) for height in (5, 3, 2, 1)]
    values = [
        factors_location.order_block(evidence(setup=a_setup(block=block))).value for block in blocks
    ]
    assert values == pytest.approx([0.4, 0.6, 0.7, 0.8])
    assert factors_location.order_block(evidence(setup=a_setup(block=None))).value == 0


def test_an_inducement_before_the_block_counts():
    block = a_setup().block
    assert block is not None
    known = replace(a_block(98, 100, Direction.LONG, is_induced=True), zone=block)
    given = evidence(trigger=a_reading("15m", blocks=(known,)))
    plain = factors_location.order_block(evidence()).value
    assert factors_location.order_block(given).value == pytest.approx(plain + 0.2)


def test_a_wide_gap_is_worth_more_than_a_narrow_one():
    gaps = [PriceZone(low=102, high=102 + width, at_ms=0) for width in (0.25, 0.5, 1, 2)]
    values = [
        factors_location.fair_value_gap(evidence(setup=a_setup(gap=gap))).value for gap in gaps
    ]
    assert rises(values)
    assert values[-1] == pytest.approx(0.7)
    assert factors_location.fair_value_gap(evidence()).value == pytest.approx(1.0)
    assert factors_location.fair_value_gap(evidence(setup=a_setup(gap=None))).value == 0


@pytest.mark.parametrize(
    ("low", "high", "value"), [(100, 124, 1), (92, 116, 2 / 3), (76, 108, 0.25), (76, 99, 0)]
)
def test_discount_is_how_far_from_the_dear_end(low, high, value):
    given = evidence(zone=a_reading("1h", swing_low=float(low), swing_high=float(high)))
    assert factors_location.discount(given).value == pytest.approx(value)


def test_discount_without_a_range_is_worth_nothing():
    assert factors_location.discount(evidence(zone=a_reading("1h", swing_low=None))).value == 0


@pytest.mark.parametrize(
    "sweeps",
    [
        [a_sweep(depth_atr=depth) for depth in (0.1, 0.5, 0.9)],
        [a_sweep(age_bars=age) for age in (4, 30, 90)],
        [a_sweep(pool=a_pool(97, Direction.SHORT, touches=n)) for n in (1, 2, 3, 4)],
    ],
)
def test_sweep_quality_rises_with_depth_age_and_touches(sweeps):
    values = [
        factors_event.sweep_quality(evidence(setup=a_setup(sweep=sweep))).value for sweep in sweeps
    ]
    assert rises(values)
    assert values[-1] <= 1


def test_sweep_quality_rises_with_how_many_watch_a_level_of_its_kind():
    # More traders see a month's extreme than a day's; a session's is watched like equal highs.
    ranks = [
        {PoolKind.OLD_SWING},
        {PoolKind.EQUAL, PoolKind.SESSION},
        {PoolKind.DAY},
        {PoolKind.WEEK},
        {PoolKind.MONTH},
    ]
    assert set().union(*ranks) == set(PoolKind)
    values = [{quality_of(kind) for kind in rank} for rank in ranks]
    assert all(len(alike) == 1 for alike in values)
    assert rises([worth for alike in values for worth in alike])


def quality_of(kind: PoolKind) -> float:
    pool = a_pool(97, Direction.SHORT, kind=kind)
    return factors_event.sweep_quality(evidence(setup=a_setup(sweep=a_sweep(pool=pool)))).value


@pytest.mark.parametrize(
    ("kind", "high", "low"),
    [
        (PoolKind.OLD_SWING, "old high", "old low"),
        (PoolKind.EQUAL, "EQH", "EQL"),
        (PoolKind.SESSION, "PSH", "PSL"),
        (PoolKind.DAY, "PDH", "PDL"),
        (PoolKind.WEEK, "PWH", "PWL"),
        (PoolKind.MONTH, "PMH", "PML"),
    ],
)
def test_a_sweep_names_its_level_by_the_traders_abbreviation(kind, high, low):
    for side, label in ((Direction.LONG, high), (Direction.SHORT, low)):
        setup = a_setup(sweep=a_sweep(pool=a_pool(97, side, kind=kind)))
        sentence = factors_event.sweep_quality(evidence(setup=setup)).sentence
        assert sentence.startswith(f"{label} 97 swept by 0.50 ATR")


@pytest.mark.parametrize(
    ("touches", "age", "end"),
    [(1, 1, "after 1 bar, touched once"), (3, 40, "after 40 bars, touched 3 times")],
)
def test_a_sweep_counts_in_whole_words(touches, age, end):
    pool = a_pool(97, Direction.SHORT, touches=touches)
    setup = a_setup(sweep=a_sweep(pool=pool, age_bars=age))
    assert factors_event.sweep_quality(evidence(setup=setup)).sentence.endswith(end)


def test_the_deepest_oldest_most_watched_sweep_is_worth_all():
    pool = a_pool(97, Direction.SHORT, kind=PoolKind.MONTH, touches=4)
    best = a_setup(sweep=a_sweep(pool=pool, age_bars=96, depth_atr=1.0))
    assert factors_event.sweep_quality(evidence(setup=best)).value == pytest.approx(1.0)


def leg(range_atr: float, body_ratio: float) -> Displacement:
    return Displacement(
        direction=Direction.LONG,
        start_ms=0,
        end_ms=1,
        range_atr=range_atr,
        body_ratio=body_ratio,
    )


def test_displacement_rises_with_range_and_bodies():
    legs = [leg(1.5, 0.5), leg(2.0, 0.5), leg(3.0, 0.7), leg(3.75, 0.9)]
    values = [
        factors_event.displacement(evidence(setup=a_setup(displacement=one))).value for one in legs
    ]
    assert rises(values)
    assert (values[0], values[-1]) == pytest.approx((0.3, 1.0))


def test_a_leg_without_displacement_is_worth_nothing_and_says_so():
    judged = factors_event.displacement(evidence(setup=a_setup(displacement=None, block=None)))
    assert judged.value == 0
    assert "no displacement" in judged.sentence


def test_structure_shift_prefers_a_turn_a_major_swing_and_a_firm_close():
    shift = a_setup().shift
    shifts = [
        replace(shift, kind=ShiftKind.INITIAL),
        replace(shift, kind=ShiftKind.BOS),
        shift,
        replace(shift, is_internal=False),
        replace(shift, is_internal=False, level=102.0),
    ]
    values = [
        factors_event.structure_shift(evidence(setup=a_setup(shift=one))).value for one in shifts
    ]
    assert values == pytest.approx([0.4, 0.55, 0.65, 0.85, 1.0])


@pytest.mark.parametrize(
    ("utc_hour", "value"),
    # 2024-06-07, a Friday: London open 06-09, New York open 11-14, London close 14-16 UTC.
    [(7, 1.0), (12, 1.0), (15, 0.7), (9.5, 0.4), (20, 0.4), (3, 0.2), (22, 0.0)],
)
def test_kill_zone_prefers_the_busiest_hours(utc_hour, value):
    midnight = a_setup().known_at_ms - 10 * 60 * MINUTE_MS
    setup = a_setup(known_at_ms=midnight + int(utc_hour * 60 * MINUTE_MS))
    assert factors_event.kill_zone(evidence(setup=setup)).value == value


@pytest.mark.parametrize(
    ("lowest", "now", "value"),
    [
        (-0.4, -0.1, 1.0),  # RSI 30 to 45
        (-0.4, -0.25, 0.5),  # only half way back
        (-0.2, 0.1, 0.5),  # from RSI 40
        (0.1, 0.5, 0.0),  # never oversold
        (-0.5, -0.5, 0.0),  # still falling
    ],
)
def test_momentum_is_a_turn_from_the_other_side(lowest, now, value):
    reading = a_momentum(lowest=lowest, balance=now, highest=max(now, 0.5))
    assert factors_event.momentum(evidence(reading)).value == pytest.approx(value)


def test_momentum_sentence_quotes_the_rsi():
    text = factors_event.momentum(evidence(a_momentum())).sentence
    assert text == "RSI turned 31.2 → 43.8"


def test_divergence_counts_only_on_the_trades_side():
    strong = a_momentum(divergence_strength=0.15)
    assert factors_event.divergence(evidence(strong)).value == pytest.approx(0.5)
    other = a_momentum(divergence=Direction.SHORT, divergence_strength=0.15)
    assert factors_event.divergence(evidence(other)).value == 0


def test_volume_spike_starts_above_the_usual_volume():
    values = [
        factors_event.volume_spike(evidence(a_momentum(volume_ratio=ratio))).value
        for ratio in (0.5, 1.0, 2.0, 3.0, 9.0)
    ]
    assert values == [0, 0, 0.5, 1, 1]


@pytest.mark.parametrize("name", ["momentum", "divergence", "volume_spike"])
def test_too_little_history_is_worth_nothing_and_says_so(name):
    opinion = getattr(factors_event, name)(evidence(None))
    assert opinion.value == 0
    assert "too little history" in opinion.sentence


def test_against_bias_mirrors_the_trend_it_opposes():
    against = a_reading("4h", swing_trend=-1, internal_trend=-1, adx=35)
    assert factors_conflict.against_bias(evidence(bias=against)).value == pytest.approx(1.0)
    assert factors_conflict.against_bias(evidence()).value == 0


@pytest.mark.parametrize(
    ("leader", "value"),
    [
        (None, 0),
        (a_leader(1), 0),
        (a_leader(0), 0),
        (a_leader(-1, Regime.RANGE), 0.5),
        (a_leader(-1, Regime.VOLATILE), 0.8),
        (a_leader(-1), 1),
    ],
)
def test_against_leader_counts_only_an_opposing_trend(leader, value):
    assert factors_conflict.against_leader(evidence(leader=leader)).value == value


@pytest.mark.parametrize(
    ("low", "value"),
    [(99.0, 1.0), (100.0, 1.0), (103.0, 0.5), (106.0, 0.0), (90.0, 0.0)],
)
def test_opposing_zone_fades_over_three_atr_ahead(low, value):
    # ATR is 2, the entry 100; a zone 90-91.5 lies behind it.
    block = a_block(low, low + 1.5, Direction.SHORT)
    given = evidence(zone=a_reading("1h", blocks=(block,)))
    assert factors_conflict.opposing_zone(given).value == pytest.approx(value)


def test_the_nearest_opposing_zone_counts():
    gap = a_gap(101.5, 102, Direction.SHORT)
    block = a_block(103, 105, Direction.SHORT)
    given = evidence(zone=a_reading("1h", blocks=(block,), gaps=(gap,)))
    opinion = factors_conflict.opposing_zone(given)
    assert (opinion.value, opinion.price) == (0.75, 101.5)


@pytest.mark.parametrize(("percentile", "value"), [(0.5, 0), (0.85, 0), (0.925, 0.5), (1, 1)])
def test_volatile_starts_where_the_regime_ends(percentile, value):
    given = evidence(zone=a_reading("1h", atr_percentile=percentile))
    assert factors_conflict.volatile(given).value == pytest.approx(value)


def test_unknown_volatility_costs_the_whole_deduction():
    given = evidence(zone=a_reading("1h", atr_percentile=float("nan")))
    assert factors_conflict.volatile(given).value == 1
