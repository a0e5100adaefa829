"""Gates and tiers: what one group of signals brings beside another."""

from typing import Any

import numpy as np
import pytest

from snipersight.bot.telemetry.statistics import gates, tiers
from snipersight.domain.evidence_columns import EvidenceTable
from tests.builders.evidence_tables import a_table

# Estimates are None where too little is known; each test knows where it stands.
gate_worths_of: Any = gates.gate_worths_of
compare_tiers: Any = tiers.compare_tiers


def beside(
    first: float, second: float, *, days: int = 80, seed: int = 1, **columns: Any
) -> EvidenceTable:
    """Return a signal of each of two groups a day, of these expectancies."""
    random = np.random.default_rng(seed)
    of_day = np.repeat(random.normal(0, 1, days), 2)
    net_r = of_day + np.tile([first, second], days) + random.normal(0, 0.5, 2 * days)
    day = np.repeat(np.arange(days), 2)
    doubled = {name: np.tile(np.array(pair, dtype=object), days) for name, pair in columns.items()}
    return a_table(2 * days, day=day, net_r=net_r, **doubled)


def gated(first: float, second: float, **more: Any) -> EvidenceTable:
    return beside(
        first, second, verdict=("approved", "gated"), reason=("approved", "gated:min_score"), **more
    )


@pytest.mark.parametrize(
    ("refused", "says"),
    [
        (-0.8, "gated:min_score keeps out worse signals: what it refused would have brought −"),
        (0.8, "gated:min_score keeps out better signals: what it refused would have brought +"),
        (0.0, "gated:min_score does nothing that chance does not explain: what it refused"),
    ],
)
def test_a_gate_is_worth_what_it_keeps_out(refused, says):
    (found,) = gate_worths_of(gated(0.0, refused))
    assert found.sentence.startswith(says)
    assert (found.gate, found.refused, found.closed) == ("gated:min_score", 80, 80)
    assert found.low < -refused < found.high
    assert found.difference == pytest.approx(
        found.approved_expectancy.mean_r - found.refused_expectancy.mean_r
    )


def test_a_gate_with_few_refusals_says_so():
    reasons = ["approved"] * 40 + ["rejected:max_total"] * 5 + ["gated:kill_zone"] * 30
    verdicts = [one.split(":")[0] for one in reasons]
    first, second = gate_worths_of(a_table(75, reason=reasons, verdict=verdicts))
    assert first.gate == "gated:kill_zone"
    assert first.difference == pytest.approx(0.0)
    assert second.sentence == (
        "rejected:max_total: too few to say: 5 closed, 30 needed among the refused"
    )


def test_without_a_refusal_no_gate_is_judged():
    assert gate_worths_of(a_table(40)) == ()
    assert gate_worths_of(a_table(0)) == ()


def test_a_tier_that_does_better_is_told_with_how_sure_that_is():
    found = compare_tiers(beside(0.4, -0.2, tier=("A", "C")))
    assert found.difference == pytest.approx(0.6, abs=0.25)
    assert found.low > 0
    assert found.probability > 0.99
    assert found.sentence.startswith("A-tier signals do better than C-tier: +0.")
    assert found.sentence.endswith("; more than 99 % sure")


def test_a_tier_that_does_worse_is_told_too():
    found = compare_tiers(beside(-0.4, 0.2, tier=("A", "C")))
    assert found.sentence.startswith("A-tier signals do worse than C-tier: −0.")
    assert found.sentence.endswith("; more than 99 % sure")


def test_of_tiers_that_are_alike_nothing_is_said_to_be_sure():
    found = compare_tiers(beside(0.1, 0.1, tier=("A", "C")))
    assert found.low < 0 < found.high
    assert found.sentence.startswith("the evidence does not say whether A-tier signals ")
    assert "sure" not in found.sentence
    assert 0.02 < found.probability < 0.98


def test_of_tiers_that_are_alike_one_in_twenty_is_said_to_differ():
    tries = 200
    said = sum(
        " sure" in compare_tiers(beside(0, 0, seed=seed, tier=("A", "C"))).sentence
        for seed in range(tries)
    )
    assert 0.005 <= said / tries <= 0.095


def test_refused_signals_are_in_no_tier():
    table = beside(1.0, 0.0, tier=("A", "C"), verdict=("rejected", "approved"))
    found = compare_tiers(table)
    assert (found.better_expectancy.n, found.worse_expectancy.n) == (0, 80)
    assert found.sentence == "A-tier: too few to say: 0 closed, 30 needed"
