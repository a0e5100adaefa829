"""What /stats says with nothing, little and enough behind it: each number once."""

import random
import re

import pytest

from snipersight.bootstrap.operating.answers_figures import stats_facts
from snipersight.bot.operator.facts import NO_STATS
from snipersight.domain.evidence import Ending, OutcomeStatus, Verdict
from tests.builders.evidence import DECIDED_MS, a_scan, a_signal, an_outcome
from tests.fakes.memory_evidence import MemoryEvidence

HOUR_MS = 3_600_000
# By number modulo the length: mean just below 0, every fifth missed, every seventh waiting.
RESULTS = (-1.05, 0.4, -1.05, 1.6)
SESSIONS = ("london", "asia", "new_york")


def evidence_of(count: int, *, edge: float = 0.0, tiers: str = "ABC") -> MemoryEvidence:
    """Return so many live signals with outcomes, an hour apart; `edge` is added to every result."""
    signals, outcomes, chance = [], [], random.Random(1)
    for number in range(count):
        at_ms = DECIDED_MS + number * HOUR_MS
        signals.append(
            a_signal(
                number,
                decided_ms=at_ms,
                judged_ms=at_ms + 1_000,
                score=chance.uniform(50, 90),
                tier=tiers[number * 5 % len(tiers)],
                session=SESSIONS[number % 3],
                regime=("trending", "ranging")[number % 2],
                leader=("trending", "ranging")[number // 2 % 2],
            )
        )
        outcomes.append(outcome(number, at_ms, edge))
    kept = MemoryEvidence()
    kept.record(a_scan(), signals)
    kept.save_outcomes(outcomes)
    return kept


def outcome(number: int, at_ms: int, edge: float):
    if number % 7 == 6:
        return an_outcome(number)
    if number % 5 == 4:
        return an_outcome(number, status=OutcomeStatus.MISSED, ended_ms=at_ms + HOUR_MS)
    return an_outcome(
        number,
        status=OutcomeStatus.CLOSED,
        ending=Ending.STOP,
        entered_ms=at_ms + HOUR_MS // 2,
        ended_ms=at_ms + HOUR_MS,
        filled_fraction=1.0,
        net_r=RESULTS[number % 4] + edge,
    )


def test_nothing_recorded_says_nothing():
    assert stats_facts(None) == NO_STATS
    assert stats_facts(MemoryEvidence()) == NO_STATS


def test_too_few_signals_are_one_sentence():
    facts = stats_facts(evidence_of(5))
    assert (facts.signals, facts.origin) == (5, "live")
    assert facts.became == (("closed", 4), ("missed", 1))
    assert facts.sentences == ("too few to say: 4 closed, 30 needed",)


@pytest.mark.parametrize(
    ("edge", "says"),
    [(0.0, "neither a gain nor a loss"), (2.0, "a gain so far"), (-2.0, "a loss so far")],
)
def test_enough_signals_say_what_they_brought_and_how_sure_that_is(edge, says):
    average, hits, *_ = stats_facts(evidence_of(300, edge=edge)).sentences
    assert says in average
    assert "hit (" in hits


@pytest.mark.parametrize("count", [5, 28, 300])
def test_no_interval_and_nothing_that_is_missing_is_told_twice(count):
    sentences = stats_facts(evidence_of(count)).sentences
    told = [part for one in sentences for part in re.findall(r"\(.*?\)|\d+ needed", one)]
    assert told
    assert len(set(told)) == len(told)


def test_refused_signals_are_no_part_of_what_was_approved():
    kept = MemoryEvidence()
    refused = a_signal(1, verdict=Verdict.REJECTED, reason="rejected:max_total")
    kept.record(a_scan(), [refused])
    facts = stats_facts(kept)
    assert (facts.signals, facts.refused) == (0, 1)
