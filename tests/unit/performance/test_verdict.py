from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.evidence_law import MOST_FALSE_EDGES, WITH_EDGE, WITHOUT_EDGE, edges_called
from snipersight.domain.errors import DataInvalid
from snipersight.performance.series import ClosedTrades
from snipersight.performance.trials import Trials
from snipersight.performance.verdict import Answer, Evidence, Finding, Rule, Verdict, reach_verdict
from tests.builders.performance import Luck, an_equity, some_trades


def an_edge(**changed: Any) -> Evidence:
    """Return evidence that meets every rule, but for what is changed."""
    return replace(Luck(3, edge_r=0.5).evidence(), **changed)


def first(trades: ClosedTrades, count: int) -> ClosedTrades:
    return trades.where(np.arange(len(trades)) < count)


def answer(verdict: Verdict, rule: Rule) -> Answer:
    (reason,) = [one for one in verdict.reasons if one.rule is rule]
    return reason.answer


def test_an_edge_is_shown_by_meeting_every_rule():
    verdict = reach_verdict(an_edge())
    assert verdict.finding is Finding.EDGE_SHOWN
    assert verdict.is_edge
    assert [one.rule for one in verdict.reasons] == list(Rule)
    assert {one.answer for one in verdict.reasons} == {Answer.MET}


def test_an_edge_is_told_with_all_its_reasons():
    assert reach_verdict(an_edge()).sentence == (
        "Edge shown: 300 trades closed, opened on 210 days; 365 days are enough for a Sharpe ratio "
        "of 4.73; a trade brought 0.46R on average (0.27R to 0.64R with 95 % confidence); "
        "with 99.9 % confidence the Sharpe ratio is more than the luck of 1 trial; 0 of 1,000 runs "
        "with random entries did as well; out of sample a trade brought 0.46R on average."
    )


@pytest.mark.parametrize(
    ("changed", "rule", "finding", "told"),
    [
        (
            {"trades": first(an_edge().trades, 29)},
            Rule.TRADES,
            Finding.TOO_LITTLE_DATA,
            "29 trades closed, opened on 21 days, 30 on 10 days needed",
        ),
        (
            {"equity": an_equity(np.random.default_rng(1).normal(1e4, 300, 365).tolist())},
            Rule.TRACK_RECORD,
            Finding.TOO_LITTLE_DATA,
            "days to tell from luck, there are 364",
        ),
        (
            {"trades": some_trades(np.random.default_rng(4).permutation([3.0, -1.0, -1.0] * 15))},
            Rule.EXPECTANCY,
            Finding.NOT_SHOWN,
            "a trade brought 0.33R on average (−",
        ),
        (
            {"trials": Trials(count=5_000, sharpes=np.array([-0.1, 0.0, 0.1]))},
            Rule.DEFLATED_SHARPE,
            Finding.NOT_SHOWN,
            "the Sharpe ratio is more than the luck of 5,000 trials",
        ),
        (
            {"random_expectancies": np.full(20, 2.0)},
            Rule.RANDOM_ENTRIES,
            Finding.NOT_SHOWN,
            "20 of 20 runs with random entries did as well",
        ),
        (
            {"random_expectancies": np.full(18, -2.0)},  # too few to be that sure
            Rule.RANDOM_ENTRIES,
            Finding.NOT_SHOWN,
            "0 of 18 runs with random entries did as well",
        ),
        (
            {"out_of_sample": some_trades([-0.1, 0.09] * 20)},
            Rule.OUT_OF_SAMPLE,
            Finding.NOT_SHOWN,
            "out of sample a trade brought −0.01R on average",
        ),
        (
            {"out_of_sample": some_trades([1.0] * 20)},
            Rule.OUT_OF_SAMPLE,
            Finding.TOO_LITTLE_DATA,
            "out of sample 20 trades closed, opened on 20 days, 30 on 10 days needed",
        ),
        (
            {"out_of_sample": some_trades([])},
            Rule.OUT_OF_SAMPLE,
            Finding.TOO_LITTLE_DATA,
            "there is no trade out of sample",
        ),
    ],
)
def test_one_rule_that_is_not_met_is_enough_against_an_edge(changed, rule, finding, told):
    verdict = reach_verdict(an_edge(**changed))
    assert verdict.finding is finding
    assert not verdict.is_edge
    assert answer(verdict, rule) is not Answer.MET
    assert told in verdict.sentence


def test_a_losing_record_is_no_matter_of_more_data():
    falling = an_equity([1e4 - day + (day % 2) * 5 for day in range(365)])
    verdict = reach_verdict(an_edge(equity=falling))
    assert verdict.finding is Finding.NOT_SHOWN
    assert verdict.sentence.startswith("Edge not shown: the Sharpe ratio is not above zero; ")


def test_no_length_would_do_for_a_ratio_that_is_not_above_zero():
    reasons = reach_verdict(an_edge(equity=an_equity([1e4] * 365))).reasons
    (record,) = [one for one in reasons if one.rule is Rule.TRACK_RECORD]
    assert (record.answer, record.measured, record.needed) == (Answer.NOT_MET, None, None)


def test_trades_on_days_without_equity_are_refused():
    with pytest.raises(DataInvalid, match="day without equity"):
        an_edge(equity=an_equity([1e4, 1.01e4]))


def test_nothing_at_all_is_too_little():
    none = some_trades([])
    verdict = reach_verdict(an_edge(trades=none, out_of_sample=none, equity=an_equity([1e4] * 30)))
    assert verdict.finding is Finding.TOO_LITTLE_DATA
    assert not any(one.answer is Answer.MET for one in verdict.reasons)
    assert verdict.sentence == (
        "Too little data: 0 trades closed, opened on 0 days, 30 on 10 days needed; "
        "there is no trade out of sample."
    )


def test_a_confidence_is_never_rounded_up_to_what_is_asked():
    reasons = {one.rule: one for one in reach_verdict(an_edge()).reasons}
    assert "with 100.0 % confidence the" not in reasons[Rule.DEFLATED_SHARPE].sentence


@pytest.mark.parametrize(
    "name",
    [
        "300 trades, winners of 2R",
        "one luck for five days, without comparison",
        "the best of 10 runs, without comparison",
    ],
)
def test_luck_is_rarely_called_an_edge(name):
    # A 5 % error exceeds this once in a hundred times; of the 1,000 that the benchmark asks, 67.
    (kind,) = [one for one in WITHOUT_EDGE if one.name == name]
    seeds = 200 if kind.tries == 1 else 60
    assert binom.ppf(0.99, 1_000, 0.05) == MOST_FALSE_EDGES
    assert edges_called(kind, seeds) <= binom.ppf(0.99, seeds, 0.05)


@pytest.mark.slow
def test_of_a_thousand_seeds_of_luck_at_most_67_are_called_an_edge():
    assert edges_called(WITHOUT_EDGE[0], 1_000) <= MOST_FALSE_EDGES == 67


@pytest.mark.parametrize(("kind", "least"), list(zip(WITH_EDGE, (0.5, 0.85, 0.95), strict=True)))
def test_a_planted_edge_is_found(kind, least):
    assert edges_called(kind, 40) >= least * 40
