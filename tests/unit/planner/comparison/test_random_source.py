"""Entries by lot: drawn by seed, symbol and time alone, and in all else as the profile has it."""

import math
import pickle
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from snipersight.domain.candles import Candles
from snipersight.domain.decision import Approved, Candidate, Stage
from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import PlanSource
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.planner.comparison import (
    Backdrops,
    PlanShape,
    RandomPlanSource,
    shape_of,
    typical_shapes,
)
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.risk.compliance.plan_completeness import plan_problems
from tests.builders.candles import mirrored_candles
from tests.builders.instruments import NO_FEES
from tests.fakes.scanning import FINE, NOON_MS, a_lively_profile, canonical
from tests.unit.planner.comparison.markets import (
    PROFILE,
    a_feed,
    a_shape,
    an_instrument_of_it,
    bar_by_bar,
    frames,
    in_portions,
    judged,
    plans_of,
    setup_shapes,
    whole,
)

pytestmark = pytest.mark.slow

SHARED = Backdrops(PROFILE)


def by_lot(
    seed: int = 7, *, rate: float = 0.05, shapes: tuple[PlanShape, ...] | None = None
) -> RandomPlanSource:
    wanted = setup_shapes() if shapes is None else shapes
    return RandomPlanSource(PROFILE, seed=seed, rate=rate, shapes=wanted, backdrops=SHARED)


def alone(seed: int = 7) -> RandomPlanSource:
    """Return a source that reads its market itself, as a running one does."""
    return RandomPlanSource(PROFILE, seed=seed, rate=0.05, shapes=setup_shapes())


def moments(candidates: list[Candidate]) -> list[int]:
    return [one.at_ms for one in candidates]


def test_a_source_by_lot_is_a_source_of_plans():
    source: PlanSource = by_lot()
    assert source.name == "random"
    assert source.history == PROFILE.history()


def test_one_bar_at_a_time_draws_what_one_batch_draws():
    assert canonical(bar_by_bar(alone())) == canonical(whole(alone()))


def test_only_the_new_bars_need_to_be_passed():
    assert canonical(in_portions(alone())) == canonical(whole(alone()))


def test_what_is_drawn_at_a_bar_is_the_same_whatever_follows():
    middle = NOON_MS - 5 * DAY_MS
    cut = {frame: candles.known_at(middle) for frame, candles in frames().items()}
    early = a_feed(alone()).advance(cut, until_ms=NOON_MS)
    assert canonical(early) == canonical(whole(alone())[: len(early)])
    assert 0 < len(early) < len(whole(alone()))
    assert max(moments([*early])) <= middle


def test_a_shared_reading_that_is_ahead_tells_nothing_of_later():
    middle, ahead = NOON_MS - 5 * DAY_MS, Backdrops(PROFILE)
    ahead.of(an_instrument_of_it()).advance(frames(), until_ms=NOON_MS)
    source = RandomPlanSource(PROFILE, seed=7, rate=0.05, shapes=setup_shapes(), backdrops=ahead)
    behind, feed = a_feed(alone()), a_feed(source)
    early = feed.advance(frames(), until_ms=middle)
    assert canonical(early) == canonical(behind.advance(frames(), until_ms=middle))
    assert feed.shifts() == behind.shifts()
    assert feed.regime is behind.regime
    before = a_feed(source)
    before.advance(frames(), until_ms=int(frames()[FINE].close_time[300]))
    assert not before.is_warm


def test_the_history_s_first_bar_does_not_matter_behind_the_warm_up():
    later = {
        frame: candles.between(NOON_MS - 3 * DAY_MS - warm_up_ms, NOON_MS)
        for (frame, candles), warm_up_ms in zip(
            frames().items(), PROFILE.history().values(), strict=True
        )
    }
    decided = a_feed(alone()).advance(later, until_ms=NOON_MS)
    since = [one for one in decided if one.at_ms > NOON_MS - 3 * DAY_MS]
    assert len(since) > 20
    same = [one for one in whole(alone()) if one.at_ms > NOON_MS - 3 * DAY_MS]
    assert canonical(since) == canonical(same)


def test_the_same_seed_draws_the_same_plans():
    assert canonical(whole(by_lot())) == canonical(whole(by_lot()))


def test_another_seed_draws_other_bars_and_another_symbol_too():
    bars = set(moments(whole(by_lot(7))))
    for other in (
        whole(by_lot(8)),
        whole(by_lot(7), Symbol("BTC/USDT:USDT")),
    ):
        both = bars & set(moments(other))
        # About 280 of 5,600 bars each: 14 are common by chance, 40 hardly ever.
        assert len(both) < 40


def test_a_higher_rate_adds_entries_and_moves_none():
    few, many = whole(by_lot(rate=0.02)), whole(by_lot(rate=0.05))
    assert set(moments(few)) < set(moments(many))


def test_the_number_of_entries_is_binomial():
    bars = round((NOON_MS - warm_ms()) / FINE.duration_ms) + 1
    rate = 0.05
    counts = [len(whole(by_lot(seed, rate=rate, shapes=(a_shape(),)))) for seed in range(60)]
    spread = math.sqrt(bars * rate * (1 - rate))
    scores = (np.array(counts) - bars * rate) / spread
    assert abs(scores).max() < 4
    assert abs(scores.mean()) < 3.3 / math.sqrt(60)
    assert 0.5 < scores.var(ddof=1) < 1.7  # chi square with 59 degrees, 0.1 % on each side


def warm_ms() -> int:
    """Return the first close a source may speak at."""
    backdrop = SHARED.of(an_instrument_of_it())
    backdrop.advance(frames(), until_ms=NOON_MS)
    assert backdrop.warm_ms is not None
    return backdrop.warm_ms


def test_at_rate_1_every_warm_close_brings_an_entry():
    entries = whole(by_lot(rate=1.0, shapes=(a_shape(),)))
    closes = frames()[FINE].close_time
    assert moments(entries) == closes[closes >= warm_ms()].tolist()


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.1, math.nan])
def test_a_rate_that_is_no_probability_is_refused(rate):
    with pytest.raises(ConfigInvalid, match="no probability"):
        by_lot(rate=rate)


def test_every_setup_is_told_once_and_seeds_share_none():
    one, other = ([c.setup_id for c in whole(by_lot(seed, rate=1.0))] for seed in (1, 2))
    assert len(set(one)) == len(one)
    assert not set(one) & set(other)


def test_plans_take_the_shapes_they_were_given():
    given = set(setup_shapes())
    for plan in plans_of(whole(by_lot())):
        shape = shape_of(plan)
        nearest = min(given, key=lambda one: abs(one.stop_atr - shape.stop_atr))
        tick_atr = Decimal("0.01") / plan.atr
        assert abs(nearest.stop_atr - shape.stop_atr) <= 2 * tick_atr
        fractions = [one.fraction for one in shape.targets]
        assert fractions in [[t.fraction for t in one.targets] for one in given]


def test_each_shape_is_drawn_about_as_often():
    shapes = tuple(a_shape(stop_atr=Decimal(stop)) for stop in (2, 3, 4, 5))
    drawn = whole(by_lot(rate=1.0, shapes=shapes))
    stops = Counter(round(plan.stop_loss.distance_atr) for plan in plans_of(drawn))
    expected = len(drawn) / 4
    assert stops.keys() == {2, 3, 4, 5}
    # Chi square with 3 degrees of freedom exceeds 16.3 once in a thousand.
    assert sum((count - expected) ** 2 / expected for count in stops.values()) < 16.3


def test_shapes_keep_their_directions():
    short = a_shape(direction=Direction.SHORT)
    assert {one.direction for one in whole(by_lot(shapes=(short,)))} == {Direction.SHORT}
    sides = Counter(one.direction for one in whole(by_lot(rate=1.0, shapes=(a_shape(), short))))
    total = sides.total()
    assert abs(sides[Direction.LONG] - total / 2) < 3.3 * math.sqrt(total / 4)


def test_a_market_without_shorts_takes_every_shape_as_a_long():
    short = a_shape(direction=Direction.SHORT)
    found = whole(by_lot(shapes=(short,)), Symbol("SOL/USDT"))
    assert {one.direction for one in found} == {Direction.LONG}
    assert plans_of(found)


def test_without_shapes_the_profile_s_typical_ones_are_drawn():
    source = RandomPlanSource(PROFILE, seed=7, rate=0.05, backdrops=SHARED)
    assert source.shapes == typical_shapes(PROFILE)
    assert {one.direction for one in whole(source)} == set(Direction)
    assert plans_of(whole(source))


def test_mirrored_shapes_in_a_mirrored_market_make_mirrored_plans():
    about = 512.0
    free = replace(an_instrument_of_it(), tick=Decimal("0.015625"), fees=NO_FEES)
    profile = a_lively_profile(planner={"min_rr": 0.01, "slippage_fraction": 0})
    dyadic = {frame: _on_grid(candles) for frame, candles in frames().items()}
    turned = {frame: mirrored_candles(one, about=about) for frame, one in dyadic.items()}
    sides = []
    for bars, direction in ((dyadic, Direction.LONG), (turned, Direction.SHORT)):
        source = RandomPlanSource(
            profile, seed=7, rate=0.05, shapes=(a_shape(direction=direction),)
        )
        sides.append(plans_of(source.open(free, None).advance(bars, until_ms=NOON_MS)))
    assert len(sides[0]) == len(sides[1]) > 100
    for long, short in zip(*sides, strict=True):
        assert short.created_at == long.created_at
        assert short.direction is Direction.SHORT
        assert _prices(short) == [Decimal(about) - price for price in _prices(long)]
        assert short.risk_reward == long.risk_reward
        assert short.regime is long.regime


def _on_grid(candles: Candles) -> Candles:
    prices = {
        name: np.round(getattr(candles, name) * 64) / 64
        for name in ("open", "high", "low", "close")
    }
    return replace(candles, **prices)


def _prices(plan: TradePlan) -> list[Decimal]:
    targets = [one.price for one in plan.targets]
    zone = [plan.entry_near, plan.entry_mid, plan.entry_far]
    return [*zone, plan.stop_loss.price, *targets, plan.last_price]


def test_every_plan_is_whole_and_most_are_approved_by_the_gate():
    plans = plans_of(whole(by_lot()))
    verdicts = [judged(plan, an_instrument_of_it()) for plan in plans]
    assert [plan_problems(plan) for plan in plans] == [()] * len(plans)
    refused = {
        check.code for one in verdicts if not isinstance(one, Approved) for check in one.failed
    }
    assert refused <= {"price_collar", "min_rr"}
    assert sum(isinstance(one, Approved) for one in verdicts) > 0.9 * len(plans)


def test_sizes_shrink_in_wild_times_as_those_of_setups_do():
    setups = plans_of(whole(SmcPlanSource(PROFILE)))
    graded = {plan.created_at: _unusual(plan) for plan in setups}
    drawn = [plan for plan in plans_of(whole(by_lot(rate=1.0))) if plan.created_at in graded]
    assert len(drawn) == len(graded)
    assert [_unusual(plan) for plan in drawn] == [graded[plan.created_at] for plan in drawn]
    assert len(set(graded.values())) > 2


def _unusual(plan: TradePlan) -> float:
    return next(one.value for one in plan.confluence.factors if one.name == "volatile")


def test_costs_validity_and_names_are_the_profile_s():
    setup = plans_of(whole(SmcPlanSource(PROFILE)))[0]
    for plan in plans_of(whole(by_lot())):
        assert plan.valid_until - plan.created_at == setup.valid_until - setup.created_at
        assert (plan.profile, plan.trade_type, plan.timeframe) == (
            setup.profile,
            setup.trade_type,
            setup.timeframe,
        )
        share = plan.round_trip_cost / plan.entry_near
        assert abs(share - setup.round_trip_cost / setup.entry_near) < Decimal("0.0002")


def test_the_floors_of_the_profile_decline_what_they_decline_of_setups():
    strict = a_lively_profile(planner={"max_cost_fraction": 0.05, "min_rr": 0.01})
    source = RandomPlanSource(strict, seed=7, rate=0.05, shapes=setup_shapes())
    ended = Counter(str(one.reason) for one in whole(source))
    assert ended["declined:cost"] > 0
    for one in whole(source):
        if one.plan is None:
            assert one.reason is not None
            assert one.reason.stage is Stage.DECLINED
            assert one.checks[0].code == one.reason.name
            assert one.detail == one.checks[0].sentence
            assert one.setup_id is not None


def test_the_score_is_drawn_and_explains_itself():
    scores = [plan.confluence.score for plan in plans_of(whole(by_lot(rate=1.0)))]
    assert 45 < np.mean(scores) < 55
    assert max(scores) > 99
    stops = [plan.stop_loss.distance_atr for plan in plans_of(whole(by_lot(rate=1.0)))]
    assert abs(np.corrcoef(scores, stops)[0, 1]) < 0.06


def test_the_backdrops_of_another_profile_are_refused():
    other = a_lively_profile(setup={"valid_bars": 10})
    with pytest.raises(ConfigInvalid, match="cannot serve"):
        RandomPlanSource(other, seed=7, rate=0.1, backdrops=SHARED)


def test_shapes_and_rate_are_part_of_a_plan_s_identity():
    terms = {
        by_lot().terms,
        by_lot(8).terms,
        by_lot(rate=0.06).terms,
        by_lot(shapes=(a_shape(),)).terms,
    }
    assert len(terms) == 4


def test_a_source_can_be_handed_to_another_process():
    found = pickle.loads(pickle.dumps(alone()))
    assert canonical(whole(found)) == canonical(whole(alone()))


def test_a_feed_says_nothing_before_its_first_bar():
    feed = a_feed(by_lot())
    assert not feed.is_warm
    assert feed.regime is None
    assert feed.shifts() == {}
    assert feed.outlook().startswith("too little history")


def test_a_warm_feed_says_how_often_an_entry_is_drawn():
    feed = a_feed(by_lot())
    feed.advance(frames(), until_ms=NOON_MS)
    assert feed.is_warm
    assert feed.outlook() == (
        "no entry was drawn; each 5m close brings one with a probability of 0.05"
    )
