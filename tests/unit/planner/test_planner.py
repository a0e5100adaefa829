"""Plans by hand, and every way a setup is declined."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from snipersight.analysis.facts import PoolKind, PriceZone
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.planner import Declined, plan_setup
from snipersight.planner.targets import merged_fractions
from tests.builders import (
    DECIDED_AT_MS,
    a_block,
    a_confluence,
    a_context,
    a_gap,
    a_leader,
    a_pool,
    a_profile,
    a_reading,
    a_setup,
    a_sweep,
    an_instrument,
)

SIDES = pytest.mark.parametrize("side", Direction)


def free(symbol: str = "BTC/USDT:USDT", **rules: Any) -> Instrument:
    """Return a perpetual without fees, tick 0.01."""
    return an_instrument(symbol, **({"maker": "0", "taker": "0"} | rules))


def planned(
    context: Any = None, *, instrument: Instrument | None = None, **planner: Any
) -> TradePlan | Declined:
    profile = a_profile(planner={"slippage_fraction": 0} | planner)
    return plan_setup(
        context or a_context(),
        a_confluence(),
        instrument=instrument or free(),
        profile=profile,
        leader=a_leader(),
    )


def plan_of(context: Any = None, **given: Any) -> TradePlan:
    plan = planned(context, **given)
    assert isinstance(plan, TradePlan), plan
    return plan


def refusal(context: Any = None, **given: Any) -> str:
    declined = planned(context, **given)
    assert isinstance(declined, Declined), declined
    assert not declined
    assert declined.check.sentence
    return str(declined.reason)


def readings(side: Direction = Direction.LONG, **overrides: Any) -> dict[str, Any]:
    """Return the three roles, all with the same overrides."""
    roles = {"trigger": "15m", "zone": "1h", "bias": "4h"}
    return {role: a_reading(frame, side, **overrides) for role, frame in roles.items()}


# The builder's long: block 98-100, gap 99-101, swept low 96, close 104, ATR 2. The short is the
# same market mirrored about 128: p becomes 256 - p.


def price(side: Direction, long_price: str) -> Decimal:
    return Decimal(long_price) if side is Direction.LONG else 256 - Decimal(long_price)


@SIDES
def test_a_worked_plan(side):
    plan = plan_of(a_context(side))
    assert plan.direction is side
    assert plan.entry_near == price(side, "100")
    assert plan.entry_mid == price(side, "99.5")
    assert plan.entry_far == price(side, "99")
    assert plan.stop_loss.price == price(side, "95.8")  # 96 less 0.1 ATR of 2
    assert plan.stop_loss.distance_atr == 2.1
    assert [t.price for t in plan.targets] == [price(side, p) for p in ("108", "112", "116")]
    assert [t.r_multiple for t in plan.targets] == pytest.approx([8 / 4.2, 12 / 4.2, 16 / 4.2])
    assert plan.risk_reward == pytest.approx((0.5 * 8 + 0.3 * 12 + 0.2 * 16) / 4.2)
    assert plan.round_trip_cost == 0
    assert plan.valid_until - plan.created_at == timedelta(hours=8)


def test_costs_lower_every_r_and_are_told():
    instrument = free(maker="0.001", taker="0.002")
    plan = plan_of(instrument=instrument, slippage_fraction=0.0005, max_cost_fraction=0.5)
    # 100 × 0.001 + 95.8 × (0.002 + 0.0005)
    assert plan.round_trip_cost == Decimal("0.3395")
    first = plan.targets[0]
    assert first.r_multiple == pytest.approx((8 - 0.1 - 0.108) / (4.2 + 0.3395))


def test_a_rebate_is_not_counted_on():
    plan = plan_of(instrument=free(maker="-0.01"))
    assert plan.round_trip_cost == 0
    assert plan.targets[0].r_multiple == pytest.approx(8 / 4.2)


@SIDES
def test_prices_round_in_the_careful_direction(side):
    # On a tick of 0.3: 100 lies between 99.9 and 100.2, 95.8 between 95.7 and 96, 108 on it. The
    # mirrored levels lie otherwise on the ticks, so room before the first target is another test.
    plan = plan_of(a_context(side), instrument=free(tick="0.3"), min_target_room=0)
    near, stop = plan.entry_near, plan.stop_loss.price
    exact_near, exact_stop = price(side, "100"), price(side, "95.8")
    assert side.gain(near, entry=exact_near) >= 0
    assert side.gain(stop, entry=exact_stop) <= 0
    for target, level in zip(plan.targets, ("108", "112", "116"), strict=True):
        assert side.gain(target.price, entry=price(side, level)) <= 0
    assert all(p % Decimal("0.3") == 0 for p in (near, stop, plan.entry_mid, plan.entry_far))


@SIDES
def test_the_stop_goes_beyond_a_pool_that_lies_close_behind_it(side):
    # The stop would be 95.8; pools at 95.5 and 95.2 are each within 0.25 ATR behind, 94 is not.
    pools = [
        a_pool(float(price(side, p)), side.opposite, kind=kind)
        for p, kind in (
            ("95.5", PoolKind.EQUAL),
            ("95.2", PoolKind.DAY),
            ("94", PoolKind.WEEK),
        )
    ]
    base = a_reading("15m", side)
    context = a_context(side, trigger=a_reading("15m", side, pools=(*base.pools, *pools)))
    plan = plan_of(context)
    assert plan.stop_loss.price == price(side, "95")  # 95.2 less 0.1 ATR
    label = "EQL" if side is Direction.LONG else "EQH"
    assert label in plan.stop_loss.rationale


@SIDES
def test_a_pool_inside_the_buffer_pushes_the_stop_too(side):
    pool = a_pool(float(price(side, "95.9")), side.opposite)
    context = a_context(side, **readings(side, pools=(*a_reading("15m", side).pools, pool)))
    assert plan_of(context).stop_loss.price == price(side, "95.7")


def test_a_pool_before_the_swept_low_moves_nothing():
    pool = a_pool(96.5, Direction.SHORT)
    context = a_context(**readings(pools=(*a_reading().pools, pool)))
    assert plan_of(context).stop_loss.price == Decimal("95.8")


def test_a_zone_deeper_than_the_sweep_carries_the_stop_with_it():
    setup = a_setup(block=PriceZone(low=95, high=100, at_ms=0), gap=None)
    assert plan_of(a_context(setup=setup)).stop_loss.price == Decimal("94.8")


@SIDES
def test_targets_are_levels_beyond_the_close_only(side):
    # A pool at 103.5 would pay 0.8R but price has already passed it at 104.
    pool = a_pool(float(price(side, "103.5")), side)
    context = a_context(side, **readings(side, pools=(pool,), swing_high=None, swing_low=None))
    assert refusal(context) == "declined:no_target"
    assert refusal(context, min_target_r=0.5) == "declined:no_target"


@SIDES
@pytest.mark.parametrize(
    ("room", "first"),
    [(0, "104.5"), (0.1, "104.5"), (0.25, "106"), (0.5, "106"), (1, "108"), (1.25, "110")],
)
def test_the_first_target_keeps_a_share_of_the_way_back_to_the_entry_from_the_close(
    side, room, first
):
    # The entry at 100 lies 4 from the close at 104. A room of 1 asks for as much beyond the close,
    # 108; exactly that is enough.
    pools = tuple(a_pool(float(price(side, p)), side) for p in ("104.5", "106", "108", "110"))
    context = a_context(side, **readings(side, pools=pools, swing_high=None, swing_low=None))
    assert plan_of(context, min_target_room=room, min_rr=0.5).targets[0].price == price(side, first)


@SIDES
def test_only_levels_without_room_make_no_plan(side):
    pools = tuple(a_pool(float(price(side, p)), side) for p in ("106", "107.99"))
    context = a_context(side, **readings(side, pools=pools, swing_high=None, swing_low=None))
    assert refusal(context) == "declined:no_target"
    assert plan_of(context, min_target_room=0.5, min_rr=0.5).targets


@SIDES
def test_opposing_blocks_and_gaps_are_aimed_at_by_their_near_edge(side):
    low, high = sorted((float(price(side, "109")), float(price(side, "111"))))
    block = a_block(low, high, side.opposite)
    low, high = sorted((float(price(side, "113")), float(price(side, "114"))))
    gap = a_gap(low, high, side.opposite)
    context = a_context(
        side,
        **readings(side, pools=(), blocks=(block,), gaps=(gap,), swing_high=None, swing_low=None),
    )
    assert [t.price for t in plan_of(context).targets] == [price(side, "109"), price(side, "113")]


def test_fewer_levels_than_fractions_merge_into_the_last_exit():
    context = a_context(**readings(pools=(a_pool(108), a_pool(112)), swing_high=None))
    plan = plan_of(context)
    assert [t.fraction for t in plan.targets] == [Decimal("0.5"), Decimal("0.5")]
    lone = a_context(**readings(pools=(a_pool(108),), swing_high=None))
    assert [t.fraction for t in plan_of(lone).targets] == [Decimal(1)]


def test_merged_fractions_always_sum_to_one():
    parts = (Decimal("0.4"), Decimal("0.3"), Decimal("0.2"), Decimal("0.1"))
    for count in (1, 2, 3, 4):
        assert len(merged_fractions(parts, count)) == count
        assert sum(merged_fractions(parts, count)) == 1


def test_levels_closer_than_half_an_r_share_one_exit():
    # 4.2 is 1R: 108 pays 1.90R, 109.9 2.36R, 110.2 2.43R, 112 2.86R.
    pools = tuple(a_pool(p) for p in (108.0, 109.9, 110.2, 112.0))
    plan = plan_of(a_context(**readings(pools=pools, swing_high=None)))
    assert [t.price for t in plan.targets] == [108, Decimal("110.2")]


def test_levels_out_of_reach_are_not_aimed_at():
    plan = plan_of(max_target_r=2.0)
    assert [t.price for t in plan.targets] == [108]


def test_the_coarsest_timeframe_names_a_shared_level():
    assert plan_of().targets[0].rationale == "4h EQH 108"


def test_unknown_rules_decline():
    for instrument in (free(tick=None), free(lot=None), free(fees=None)):
        assert refusal(instrument=instrument) == "declined:unknown_instrument"


def test_a_short_on_spot_is_declined_and_a_long_is_not():
    spot = free("BTC/USDT")
    assert refusal(a_context(Direction.SHORT), instrument=spot) == "declined:no_short"
    assert plan_of(instrument=spot).direction is Direction.LONG


def test_an_unknown_regime_declines():
    assert refusal(a_context(zone=a_reading("1h", regime=None))) == "declined:regime_unknown"


@SIDES
@pytest.mark.parametrize("close", ["100", "99.5", "97"])
def test_a_close_that_has_not_left_the_zone_is_declined(side, close):
    setup = a_setup(side, close=float(price(side, close)))
    assert refusal(a_context(side, setup=setup)) == "declined:price_in_zone"


@SIDES
def test_a_stop_further_than_allowed_is_declined(side):
    assert refusal(a_context(side), max_stop_atr=2.09) == "declined:stop_too_wide"
    assert plan_of(a_context(side), max_stop_atr=2.1).stop_loss.distance_atr == 2.1


def test_a_stop_at_or_below_zero_is_declined():
    setup = a_setup(origin=0.1, atr=2.0)
    context = a_context(setup=setup)
    assert refusal(context, max_stop_atr=50) == "declined:stop_not_positive"


@SIDES
@pytest.mark.parametrize("tick", ["3", "64"])
def test_a_tick_coarser_than_the_zone_is_declined(side, tick):
    assert refusal(a_context(side), instrument=free(tick=tick)) == "declined:tick_too_coarse"


def test_a_tick_that_places_the_stop_is_declined():
    # From 100.45 to 100.15 the stop is 0.3 away; on a tick of 0.2 it goes from 100.6 to 100.
    setup = a_setup(
        close=100.7,
        atr=0.5,
        origin=100.2,
        sweep=a_sweep(extreme=100.2),
        block=PriceZone(low=100.25, high=100.45, at_ms=0),
        gap=None,
    )
    context = a_context(setup=setup, **readings(pools=(a_pool(101.2),), swing_high=None))
    assert plan_of(context).stop_loss.price == Decimal("100.15")
    assert refusal(context, instrument=free(tick="0.2")) == "declined:tick_too_coarse"


def test_a_round_trip_dearer_than_a_share_of_the_stop_is_declined():
    # 100 × 0.002 + 95.8 × 0.004 is 0.5832, 13.9 % of 4.2.
    instrument = free(maker="0.002", taker="0.004")
    assert refusal(instrument=instrument, max_cost_fraction=0.13) == "declined:cost"
    plan = plan_of(instrument=instrument, max_cost_fraction=0.14)
    assert plan.round_trip_cost == Decimal("0.5832")


def test_a_first_target_under_one_r_net_is_no_target():
    # 104.2 pays exactly 1R without costs and less with them.
    context = a_context(**readings(pools=(a_pool(104.2),), swing_high=None))
    rules = {"min_target_room": 0}  # it lies close beyond the close at 104
    assert plan_of(context, min_rr=1.0, **rules).targets[0].r_multiple == 1.0
    with_fees = free(maker="0.0001", taker="0.0001")
    assert refusal(context, min_rr=0.5, instrument=with_fees, **rules) == "declined:no_target"


def test_targets_that_pay_too_little_together_are_declined():
    assert refusal(min_rr=2.6) == "declined:min_rr"
    assert plan_of(min_rr=2.5).risk_reward == pytest.approx(2.5714, abs=1e-4)


def test_no_level_ahead_is_never_made_up():
    context = a_context(**readings(pools=(), swing_high=None))
    assert refusal(context) == "declined:no_target"


def test_identity_is_the_zone_and_its_leg_not_the_look_at_it():
    first = plan_of()
    later = plan_of(a_context(setup=a_setup(known_at_ms=DECIDED_AT_MS + 900_000)))
    assert later.setup_id == first.setup_id
    assert later.plan_id != first.plan_id
    other_zone = plan_of(a_context(setup=a_setup(gap=None)))
    assert other_zone.setup_id != first.setup_id
    other_profile = plan_of(min_rr=1.2)
    assert other_profile.setup_id == first.setup_id
    assert other_profile.plan_id != first.plan_id


@SIDES
def test_the_rationale_reads_like_an_analyst(side):
    text = plan_of(a_context(side)).rationale
    assert text.count(". ") == 2
    if side is Direction.LONG:
        assert text == (
            "Price swept equal lows at 97 to 96 (0.50 ATR); a displacement of 2.5 ATR then turned "
            "structure (CHoCH) with a close above 103. The entry waits for a return to the overlap "
            "of order block and gap 99-100, in discount, 33% from the low of the 1h dealing range; 4h "
            "structure is bullish and BTC is bullish. The stop at 95.8 lies 0.1 ATR beyond the "
            "swept low 96; the exits aim at 4h EQH 108 (1.9R), 4h PDH 112 (2.9R), 4h swing high "
            "116 (3.8R)."
        )
    else:
        assert "equal highs at 159 to 160" in text
        assert (
            "in premium, 33% from the high of the 1h dealing range; 4h structure is bearish" in text
        )


@SIDES
def test_a_leg_without_displacement_is_planned_from_its_gap_and_told_so(side):
    setup = a_setup(side, displacement=None, block=None)
    plan = plan_of(a_context(side, setup=setup))
    assert (plan.entry_near, plan.entry_far) == (price(side, "101"), price(side, "99"))
    assert "(0.50 ATR); a leg that left a gap then turned structure (CHoCH)" in plan.rationale
    assert "displacement" not in plan.rationale


@SIDES
@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (PoolKind.OLD_SWING, "swept an old {} at"),
        (PoolKind.EQUAL, "swept equal {}s at"),
        (PoolKind.SESSION, "swept the previous session's {} at"),
        (PoolKind.DAY, "swept the previous day's {} at"),
        (PoolKind.WEEK, "swept the previous week's {} at"),
        (PoolKind.MONTH, "swept the previous month's {} at"),
    ],
)
def test_the_rationale_names_every_kind_of_swept_level(side, kind, named):
    whole = a_setup(side)
    sweep = replace(whole.sweep, pool=replace(whole.sweep.pool, kind=kind))
    text = plan_of(a_context(side, setup=replace(whole, sweep=sweep))).rationale
    assert named.format("low" if side is Direction.LONG else "high") in text


def test_prices_of_eight_decimals_survive():
    setup = a_setup(
        close=0.00001300,
        atr=0.00000020,
        origin=0.00001200,
        sweep=a_sweep(extreme=0.00001200),
        block=PriceZone(low=0.00001220, high=0.00001240, at_ms=0),
        gap=None,
    )
    # 60 ticks back to the entry: the first target at 1360 has exactly the room it needs.
    pools = (a_pool(0.00001350), a_pool(0.00001360), a_pool(0.00001400))
    context = a_context(setup=setup, **readings(pools=pools, swing_high=None, swing_low=None))
    plan = plan_of(context, instrument=free("PEPE/USDT:USDT", tick="0.00000001"))
    assert plan.entry_near == Decimal("0.00001240")
    assert plan.stop_loss.price == Decimal("0.00001198")
    assert [t.price for t in plan.targets] == [Decimal("0.00001360"), Decimal("0.00001400")]
    assert "0.0000124" in plan.rationale
    assert "E-" not in plan.rationale
