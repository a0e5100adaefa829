"""Steps of modelled trades worked out by hand.

The plan, unless a test says otherwise: long, half of it at 100, a quarter each at 99 and 98, stop
92, half out at 108, half at 116. Rows are open, high, low, close of five minutes each.
"""

from dataclasses import replace
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence import Costs, Ending, OutcomeStatus, SignalKey
from snipersight.matching.outcomes import TradePath, TradeStep, model_outcomes, trade_paths
from tests.builders.outcomes import (
    DEAR,
    KEY,
    KNOWN_MS,
    STEP_MS,
    bars,
    mirrored_terms,
    path,
    signal_terms,
)

QUIET = (103, 104, 101, 102)
NEAR = (102, 103, 99.5, 101)  # below 100, not below 99: half is in
ALL = (102, 103, 97, 101)  # everything is in
HIT = (101, 109, 100.5, 108.5)  # beyond 108
LAST = (108.5, 117, 108, 116.5)  # beyond 116
FEES = Costs(maker=1 / 64, taker=1 / 32, slippage=1 / 64)  # exact in floats
WHOLE: dict[str, Any] = {"entry_fractions": (1.0, 0.0, 0.0)}
NOTHING: dict[str, Any] = {
    "entered": 0.0,
    "entry_value": 0.0,
    "closed": 0.0,
    "proceeds": 0.0,
    "fees": 0.0,
    "funding": 0.0,
    "slippage": 0.0,
    "held": 0.0,
    "stop": 92.0,
    "status": OutcomeStatus.OPEN,
    "ending": Ending.NONE,
    "targets_hit": 0,
}


def a_step(bar: int, **values: Any) -> TradeStep:
    """Return a step at the close of a bar, 1 for the first, in which nothing else happened."""
    return TradeStep(at_ms=KNOWN_MS + bar * STEP_MS, **(NOTHING | values))


def bare(told: TradePath) -> tuple[TradeStep, ...]:
    """Return steps without what rests at targets and what of the fees the entries paid."""
    return tuple(replace(one, resting=(), entry_fees=0.0) for one in told.steps)


def test_an_entry_a_target_with_its_stop_and_the_end_are_a_step_each():
    told = path([QUIET, NEAR, QUIET, HIT, LAST, QUIET], costs=FEES)
    entry = a_step(2, entered=0.5, entry_value=50.0, fees=50 / 64, held=0.5)
    half = {"closed": 0.25, "targets_hit": 1, "stop": 100.0}  # break-even, before costs
    target = a_step(4, proceeds=27.0, fees=27 / 64, held=0.25, **half)
    end = {"status": OutcomeStatus.CLOSED, "ending": Ending.TARGETS, "targets_hit": 2}
    last = a_step(5, closed=0.25, proceeds=29.0, fees=29 / 64, stop=100.0, **end)
    assert told.key == KEY
    assert bare(told) == (entry, target, last)
    assert [one.resting[:2] for one in told.steps] == [(0.25, 0.25), (0.0, 0.25), (0.0, 0.0)]
    assert [one.entry_fees for one in told.steps] == [50 / 64, 0.0, 0.0]
    assert told.outcome.net_r == (56 - 50 - 106 / 64) / 8


def test_a_stop_brings_what_slippage_leaves_and_the_entries_on_its_way_are_in_its_step():
    told = path([NEAR, (101, 102, 91, 91.5)], costs=FEES)
    assert bare(told)[0] == a_step(1, entered=0.5, entry_value=50.0, fees=50 / 64, held=0.5)
    got = 90.5  # 92 less 1/64 of it, 90.5625, on the tick below
    end = {"status": OutcomeStatus.CLOSED, "ending": Ending.STOP, "slippage": 92 - got}
    deeper = (99 + 98) / 4
    fees = deeper / 64 + got / 32
    expected = a_step(
        2, entered=0.5, entry_value=deeper, closed=1.0, proceeds=got, fees=fees, **end
    )
    assert bare(told)[1] == expected


def test_a_short_has_the_prices_that_it_sold_and_bought_at():
    terms = mirrored_terms(signal_terms(**WHOLE, costs=FEES), around=208.0)  # near 108, stop 116
    told = path([(107, 109, 106, 107), (107, 117, 106, 116)], terms)
    got = 118.0  # 116 and 1/64 of it, 117.8125, on the tick above
    assert [one.entry_value for one in told.steps] == [108.0, 0.0]
    assert [one.proceeds for one in told.steps] == [0.0, got]
    assert [one.stop for one in told.steps] == [116.0, 116.0]
    assert told.steps[1].slippage == got - 116
    assert "-0.0" not in repr(told.steps)


def test_funding_is_a_step_of_its_own():
    costs = replace(FEES, funding_rate=1 / 64, funding_interval_ms=2 * STEP_MS)
    rows = [QUIET, ALL, QUIET, QUIET, QUIET]
    told = path(rows, costs=costs, **WHOLE)
    assert bare(told) == (
        a_step(2, entered=1.0, entry_value=100.0, fees=100 / 64, funding=101 / 64, held=1.0),
        a_step(4, funding=102 / 64, held=1.0),
    )
    assert told.outcome.status is OutcomeStatus.OPEN


def test_a_stop_that_alone_moves_is_a_step():
    rows = [NEAR, HIT, (109, 112, 108.5, 111), (111, 112, 110, 111)]
    told = path(rows, trailing_atr=1.0)  # an ATR is 4
    target = {"closed": 0.25, "proceeds": 27.0, "targets_hit": 1, "held": 0.25}
    assert bare(told)[1:] == (
        a_step(2, stop=104.5, **target),
        a_step(3, stop=107.0, held=0.25, targets_hit=1),
    )


def test_a_signal_that_nobody_entered_has_its_end_as_its_only_step():
    expired = path([QUIET, QUIET, QUIET], valid_until_ms=KNOWN_MS + STEP_MS)
    assert bare(expired) == (a_step(2, status=OutcomeStatus.EXPIRED),)
    missed = path([QUIET, (103, 109, 102, 108), NEAR])
    assert bare(missed) == (a_step(2, status=OutcomeStatus.MISSED),)
    assert path([QUIET, QUIET]).steps == ()


def test_an_earlier_end_of_the_plan_takes_back_what_waits_and_leaves_what_is_held():
    rows = [NEAR, QUIET, ALL, HIT, LAST]
    whole = path(rows)
    cut = path(rows, valid_until_ms=KNOWN_MS + 2 * STEP_MS)
    assert [one.entered for one in whole.steps] == [0.5, 0.5, 0.0, 0.0]
    assert [one.entered for one in cut.steps] == [0.5, 0.0, 0.0]
    assert cut.steps[0] == whole.steps[0]
    assert cut.outcome.ending is Ending.TARGETS


def test_more_steps_than_most_trades_have_are_all_told():
    costs = replace(FEES, funding_rate=1 / 64, funding_interval_ms=STEP_MS)
    many = [NEAR, *[QUIET] * 60]
    signals = [
        (SignalKey("long"), signal_terms(costs=costs)),
        (SignalKey("short"), mirrored_terms(signal_terms(costs=costs), around=203.0)),
        (SignalKey("late"), signal_terms(costs=costs, known_ms=KNOWN_MS + 3 * STEP_MS)),
    ]
    long, short, late = trade_paths(signals, bars(many))
    assert [one.at_ms for one in long.steps] == list(bars(many).close_time)
    assert (short.key, late.key, late.steps) == ("short", "late", ())
    assert len(short.steps) == 60  # 103 was entered a bar later
    assert sum(one.funding for one in long.steps) == 0.5 * (101 + 60 * 102) / 64


def test_every_argument_of_the_outcomes_is_one_of_the_paths():
    coarse_step = bars([QUIET]).timeframe.parse("15m")
    coarse = bars([(102, 103, 99.5, 101), (101, 117, 91, 95), QUIET], step=coarse_step)
    parts = [(101, 109, 100.5, 108), (108, 117, 107, 116), (116, 116, 91, 95)]
    finer = bars(parts, start_ms=int(coarse.open_time[1]))
    waiting = signal_terms(near=90.0, mid=89.0, far=88.0, stop=80.0, targets=((140.0, 1.0),))
    deeper = signal_terms(entry_fractions=(0.0, 0.5, 0.5))
    signals = [(KEY, one) for one in (signal_terms(), deeper, waiting)]
    asked: dict[str, Any] = {
        "finer": finer,
        "shifts": {int(coarse.close_time[0]): Direction.SHORT},
        "until_ms": int(coarse.close_time[1]) - STEP_MS,
        "is_delisted": True,
    }
    names: list[tuple[str, ...]] = [(), *[(name,) for name in asked], tuple(asked)]
    told = []
    for chosen in names:
        some = {name: asked[name] for name in chosen}
        found = [one.outcome for one in trade_paths(signals, coarse, **some)]
        assert found == model_outcomes(signals, coarse, **some)
        told.append(tuple(found))
    assert len(set(told)) == len(told)  # each argument matters


@pytest.mark.parametrize(
    ("lots", "words"),
    [
        ([0.25, 0.25], "2 lots were given for 1 signals"),
        ([-0.25], "no share"),
        ([float("nan")], "no share"),
        ([1.5], "no share"),
        ([0.5], "no lots of 0.5"),
    ],
)
def test_lots_that_do_not_fit_are_refused(lots, words):
    with pytest.raises(DataInvalid, match=words):
        trade_paths([(KEY, signal_terms(costs=DEAR))], bars([QUIET]), lots=lots)
