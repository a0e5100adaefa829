from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.telemetry.statistics import hit_rates
from snipersight.bot.telemetry.statistics.hit_rates import rate_with_interval
from snipersight.bot.telemetry.statistics.wilson import wilson_interval
from snipersight.domain.evidence import OutcomeStatus
from tests.builders.evidence_tables import a_table, scored

# Estimates are None where too little is known; each test knows where it stands.
hit_rate_of: Any = hit_rates.hit_rate_of


def test_thirty_closed_on_ten_days_are_enough_and_less_is_not():
    days = np.arange(30) % 10
    assert hit_rate_of(a_table(30, day=np.sort(days), net_r=1.0)).rate == 1.0
    one_less = hit_rate_of(a_table(29, net_r=1.0))
    assert one_less.rate is None
    assert one_less.sentence == "too few to say: 29 closed, 30 needed"
    few_days = hit_rate_of(a_table(30, day=np.sort(np.arange(30) % 9), net_r=1.0))
    assert (few_days.rate, few_days.low, few_days.high) == (None, None, None)
    assert few_days.sentence == "too few to say: 30 closed on 9 days, 10 days needed"


def test_signals_that_were_not_closed_are_neither_hits_nor_misses():
    status = [*["closed"] * 30, *(one.value for one in OutcomeStatus if one.value != "closed")]
    found = hit_rate_of(a_table(36, status=status, net_r=1.0))
    assert (found.hits, found.closed, found.rate) == (30, 30, 1.0)
    assert found.signals == 36
    others = (found.open, found.waiting, found.missed, found.invalidated, found.expired)
    assert (*others, found.unknown) == (1, 1, 1, 1, 1, 1)


def test_one_signal_a_day_has_wilsons_own_interval():
    hit = np.array([1.0, 0.0, 0.0, 1.0] * 10)
    assert rate_with_interval(hit, np.arange(40))[1:] == pytest.approx(wilson_interval(20, 40))


def test_days_that_hit_or_miss_as_one_count_as_one_observation_each():
    hit = np.repeat([1.0, 0.0, 0.0, 1.0] * 10, 5)
    found = rate_with_interval(hit, np.repeat(np.arange(40), 5))
    assert found[1:] == pytest.approx(wilson_interval(20, 40))


def test_where_nothing_hit_a_day_is_one_observation():
    rate, low, high = rate_with_interval(np.zeros(50), np.repeat(np.arange(10), 5))
    assert (rate, low, high) == pytest.approx((0.0, 0.0, wilson_interval(0, 10)[1]))


def test_a_single_day_is_one_observation():
    hit = np.array([1.0, 0.0] * 20)
    assert rate_with_interval(hit, np.full(40, 7))[1:] == pytest.approx(wilson_interval(0.5, 1))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=60))
def test_the_rate_lies_within_an_interval_that_is_never_narrower_than_wilsons(signals):
    day = np.array([one for one, _ in signals])
    hit = np.array([float(one) for _, one in signals])
    rate, low, high = rate_with_interval(hit, day)
    narrow_low, narrow_high = wilson_interval(hit.sum(), len(hit))
    assert 0 <= low <= rate <= high <= 1
    assert high - low >= narrow_high - narrow_low - 1e-9


def test_nineteen_intervals_of_twenty_hold_the_true_rate_though_days_move_together():
    held, tries = 0, 300
    for seed in range(tries):
        random = np.random.default_rng(seed)
        of_day = np.repeat(random.beta(2, 3, 40), 5)  # true rate 0.4
        table = scored(np.zeros(200), of_day, seed=seed + 10_000, a_day=5)
        found = hit_rate_of(table)
        held += found.low <= 0.4 <= found.high
    assert 0.91 <= held / tries <= 0.98
