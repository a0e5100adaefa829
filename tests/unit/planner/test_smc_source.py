"""SMC setups become candidates, the same whether bars come one by one or all at once."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest

from snipersight.analysis.smc.layout import INTERNAL, SWING
from snipersight.analysis.smc.log import FactKind
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate, Stage
from snipersight.domain.ports import LeaderState
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.planner.smc_source import SmcPlanFeed, SmcPlanSource
from tests.fakes.scanning import FINE, NOON_MS, a_lively_profile, canonical, synthetic_table
from tests.fakes.wrong_series import PeekingSeries

SOL = Symbol("SOL/USDT:USDT")
HOUR = Timeframe.parse("1h")
Bars = Mapping[Timeframe, Candles]


class SteadyLeader:
    """A leading market that was in the same state all along."""

    def __init__(self, trend: int = 1) -> None:
        self._trend = trend

    def at(self, time_ms: int) -> LeaderState:
        return LeaderState(trend=self._trend, regime=Regime.TREND, known_at_ms=time_ms)


@cache
def bars() -> Bars:
    table = synthetic_table((SOL,))
    frames = SmcPlanSource(a_lively_profile()).history
    return {frame: table.coarse(SOL, frame, end_ms=NOON_MS) for frame in frames}


def a_feed(profile: Profile | None = None, **leader: int) -> SmcPlanFeed:
    instrument = synthetic_table((SOL,)).listed[SOL]
    return SmcPlanSource(profile or a_lively_profile()).open(instrument, SteadyLeader(**leader))


@cache
def batch() -> tuple[Candidate, ...]:
    return tuple(a_feed().advance(bars(), until_ms=NOON_MS))


def test_three_weeks_of_a_lively_market_decide_something_of_every_kind():
    assert len(batch()) > 20
    assert any(candidate.plan for candidate in batch())
    assert {candidate.direction for candidate in batch()} == {"LONG", "SHORT"}


def test_candidates_come_in_time_order_and_never_twice():
    moments = [candidate.at_ms for candidate in batch()]
    assert moments == sorted(moments)
    setups = [candidate.setup_id for candidate in batch() if candidate.plan]
    assert len(setups) == len(set(setups))


def test_one_bar_at_a_time_decides_what_one_batch_decides():
    feed = a_feed()
    decided: list[Candidate] = []
    for closed_at_ms in bars()[FINE].close_time.tolist():
        now = [*feed.advance(bars(), until_ms=closed_at_ms)]
        assert all(candidate.at_ms == closed_at_ms for candidate in now)
        decided += now
    assert canonical(decided) == canonical(batch())


def test_only_the_new_bars_need_to_be_passed():
    feed = a_feed()
    decided: list[Candidate] = []
    last = int(bars()[FINE].open_time[0])
    for until_ms in range(last + DAY_MS // 3, NOON_MS + 1, DAY_MS // 3):
        fresh = {frame: candles.between(last, until_ms) for frame, candles in bars().items()}
        decided += feed.advance(fresh, until_ms=until_ms)
        last = until_ms
    assert canonical(decided) == canonical(batch())


def test_bars_already_taken_are_passed_over():
    feed = a_feed()
    feed.advance(bars(), until_ms=NOON_MS)
    assert feed.advance(bars(), until_ms=NOON_MS) == []


def test_no_bar_after_the_moment_is_looked_at():
    middle = NOON_MS - 5 * DAY_MS
    cut = {frame: candles.known_at(middle) for frame, candles in bars().items()}
    early = a_feed().advance(bars(), until_ms=middle)
    assert canonical(early) == canonical(a_feed().advance(cut, until_ms=middle))
    assert canonical(early) == canonical(batch()[: len(early)])
    assert 0 < len(early) < len(batch())


def test_a_higher_timeframe_is_read_only_as_far_as_it_has_closed():
    """A plan's sentence names the higher structure: an unclosed bar must not colour it."""
    feed = a_feed()
    feed.advance(bars(), until_ms=NOON_MS - 1)
    readings = feed.readings()
    assert readings["trigger"].known_at_ms == NOON_MS - 300_000
    assert readings["zone"].known_at_ms == NOON_MS - 900_000
    assert readings["bias"].known_at_ms == NOON_MS - 3_600_000


def test_a_plan_carries_its_checks_its_score_and_its_decision_s_close():
    planned = [candidate for candidate in batch() if candidate.plan]
    for candidate in planned:
        plan = candidate.plan
        assert plan is not None
        assert candidate.reason is None
        assert candidate.checks[0].code == "entry_zone"
        assert all(candidate.checks)
        assert plan.confluence == candidate.confluence
        assert int(plan.created_at.timestamp() * 1000) == candidate.at_ms
        assert plan.setup_id == candidate.setup_id


def test_a_refusal_is_named_by_its_first_failed_check():
    strict = a_lively_profile(gates={"max_range_position": 0.0, "min_score": 100})
    refusals = [*a_feed(strict).advance(bars(), until_ms=NOON_MS)]
    assert {str(candidate.reason) for candidate in refusals} >= {
        "gated:range_position",
        "gated:score",
    }
    for candidate in refusals:
        failed = next(check for check in candidate.checks if not check)
        assert candidate.reason is not None
        assert candidate.reason.name == failed.code
        assert candidate.detail == failed.sentence
        assert candidate.plan is None
        assert candidate.setup_id is not None


def test_a_setup_scored_too_low_keeps_its_score():
    strict = a_lively_profile(gates={"min_score": 100})
    for candidate in a_feed(strict).advance(bars(), until_ms=NOON_MS):
        is_scored = candidate.reason is not None and candidate.reason.name == "score"
        assert (candidate.confluence is not None) is is_scored


def test_a_declined_setup_keeps_everything_that_was_asked():
    choosy = a_lively_profile(planner={"max_cost_fraction": 0.0001})
    declined = [
        candidate
        for candidate in a_feed(choosy).advance(bars(), until_ms=NOON_MS)
        if candidate.reason is not None and candidate.reason.stage is Stage.DECLINED
    ]
    assert declined
    for candidate in declined:
        codes = [check.code for check in candidate.checks]
        assert codes[0] == "entry_zone"
        assert "score" in codes
        assert [check.passed for check in candidate.checks].count(False) == 1


def test_a_feed_says_nothing_before_its_first_bar():
    feed = a_feed()
    assert not feed.is_warm
    assert feed.regime is None
    assert feed.readings() == {}


def test_a_feed_is_not_warm_while_one_role_may_not_speak():
    feed = a_feed()
    feed.advance(bars(), until_ms=int(bars()[FINE].open_time[0]) + 3 * DAY_MS)
    assert not feed.is_warm
    assert feed.readings().keys() == {"trigger", "zone"}
    assert feed.outlook() == (
        "too little history: trigger, zone may speak, bias, zone and trigger must"
    )


def test_a_feed_is_warm_once_all_three_roles_may_speak():
    feed = a_feed()
    feed.advance(bars(), until_ms=NOON_MS)
    assert feed.is_warm
    assert feed.readings().keys() == {"trigger", "zone", "bias"}
    assert feed.regime is feed.readings()["zone"].regime is not None


def test_decisions_before_all_roles_may_speak_are_gated():
    early = [candidate for candidate in batch() if str(candidate.reason).endswith("history")]
    assert early
    assert "all three must" in early[0].detail


def test_a_hole_in_a_higher_timeframe_gates_until_it_is_behind():
    hours = bars()[HOUR]
    hole = (NOON_MS - 3 * DAY_MS, NOON_MS - DAY_MS)
    kept = [index for index, at in enumerate(hours.close_time) if not hole[0] < at <= hole[1]]
    names = ("open_time", "open", "high", "low", "close", "volume")
    torn = Candles(
        symbol=SOL, timeframe=HOUR, **{name: getattr(hours, name)[kept] for name in names}
    )
    decided = a_feed().advance({**bars(), HOUR: torn}, until_ms=NOON_MS)
    inside = [one for one in decided if hole[0] + 2 * HOUR.duration_ms <= one.at_ms < hole[1]]
    outside = [one for one in decided if one.at_ms >= hole[1] + HOUR.duration_ms]
    assert inside
    assert {str(one.reason) for one in inside} == {"gated:history_gap"}
    assert "gated:history_gap" not in {str(one.reason) for one in outside}
    assert "role bias" in inside[0].detail


@pytest.mark.parametrize(("trend", "sides"), [(1, {"LONG"}), (-1, {"SHORT"})])
def test_the_leader_s_state_at_the_decision_is_what_counts(trend, sides):
    asking = a_lively_profile(gates={"leader_alignment": "with"})
    decided = a_feed(asking, trend=trend).advance(bars(), until_ms=NOON_MS)
    assert {candidate.direction for candidate in decided if candidate.plan} == sides


def test_the_leading_market_itself_has_no_leader():
    asking = a_lively_profile(gates={"leader_alignment": "with"})
    instrument = synthetic_table((SOL,)).listed[SOL]
    feed = SmcPlanSource(asking).open(instrument, None)
    decided = feed.advance(bars(), until_ms=NOON_MS)
    assert feed.leader_at(NOON_MS) is None
    assert {str(one.direction) for one in decided if one.plan} == {"LONG", "SHORT"}


def test_shifts_are_kept_as_long_as_a_plan_may_wait():
    feed = a_feed()
    feed.advance(bars(), until_ms=NOON_MS)
    oldest, waited = min(feed.shifts()), 288 * 300_000
    assert NOON_MS - waited - 2 * 300_000 <= oldest < NOON_MS - waited // 2
    assert all(at % 300_000 == 0 and at <= NOON_MS for at in feed.shifts())
    assert set(feed.shifts().values()) == {"LONG", "SHORT"}


def test_only_shifts_of_major_structure_are_held_against_a_plan():
    # A return to the zone breaks minor structure nearly every time.
    profile = a_lively_profile()
    reader = SmcSeries(profile.roles.trigger, FINE, profile.setup, facts_from_ms=0)
    reader.advance(bars()[FINE], until_ms=NOON_MS)
    facts = reader.drain_facts()
    shifts = facts[facts["kind"] == FactKind.SHIFT]
    major, minor = (
        {int(fact["known_at"]) for fact in shifts if fact["sub"] // 4 == strength}
        for strength in (SWING, INTERNAL)
    )
    feed = a_feed(profile)
    feed.advance(bars(), until_ms=NOON_MS)
    oldest = min(feed.shifts())
    assert set(feed.shifts()) == {at for at in major if at >= oldest}
    assert {at for at in minor - major if at >= oldest}


def test_a_source_states_the_profile_s_warm_up():
    profile = a_lively_profile()
    source = SmcPlanSource(profile)
    assert source.name == "smc"
    assert source.history == profile.history()


def test_another_reader_of_timeframes_can_be_put_in():
    instrument = synthetic_table((SOL,)).listed[SOL]
    peeking = SmcPlanSource(a_lively_profile(), series=PeekingSeries).open(instrument, None)
    honest = SmcPlanSource(a_lively_profile(), series=SmcSeries).open(instrument, None)
    moment = NOON_MS - DAY_MS
    early = [one.at_ms for one in peeking.advance(bars(), until_ms=moment)]
    assert early != [one.at_ms for one in honest.advance(bars(), until_ms=moment)]


def test_other_rules_of_the_venue_change_no_setup():
    instrument = synthetic_table((SOL,)).listed[SOL]
    coarse = replace(instrument, tick=None)
    feed = SmcPlanSource(a_lively_profile()).open(coarse, SteadyLeader())
    decided = feed.advance(bars(), until_ms=NOON_MS)
    assert [one.setup_id for one in decided] == [one.setup_id for one in batch()]
    assert not any(one.plan for one in decided)
