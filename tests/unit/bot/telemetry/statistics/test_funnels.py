from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.telemetry.statistics.funnels import funnel_of
from tests.builders.evidence import a_scan

_REASONS = "no_data stale no_setup gated:min_score gated:premium declined:costs rejected:max_total approved"


def test_each_stage_is_counted_of_those_that_came_so_far():
    funnel = {"no_data": 2, "no_setup": 10, "gated:min_score": 3, "gated:premium": 1}
    funnel |= {"declined:costs": 1, "rejected:max_total": 2, "approved": 1}
    found = funnel_of([a_scan(1, funnel=funnel), a_scan(2, funnel={"no_setup": 20})])
    assert [(one.stage, one.name, one.count, one.denominator) for one in found.stages] == [
        ("no_data", "", 2, 40),
        ("no_setup", "", 30, 38),
        ("gated", "min_score", 3, 8),
        ("gated", "premium", 1, 8),
        ("declined", "costs", 1, 4),
        ("rejected", "max_total", 2, 3),
        ("approved", "", 1, 1),
    ]
    assert found.sentence == (
        "1 of 40 candidates in 2 scans were approved (2.5 %); one that several scans looked at "
        "counts in each"
    )


def test_a_reason_that_names_no_stage_is_the_risk_gates():
    (found,) = funnel_of([a_scan(1, funnel={"Exposure limit exceeded": 1})]).stages
    assert (found.stage, found.name) == ("rejected", "Exposure limit exceeded")


def test_without_a_scan_nothing_is_counted():
    found = funnel_of([])
    assert (found.candidates, found.stages) == (0, ())
    assert found.sentence == "no scan is recorded yet"


@given(st.lists(st.dictionaries(st.sampled_from(_REASONS.split()), st.integers(0, 50))))
def test_the_counts_add_up_to_the_candidates(funnels):
    found = funnel_of([a_scan(number, funnel=one) for number, one in enumerate(funnels)])
    assert sum(one.count for one in found.stages) == found.candidates
    assert found.candidates == sum(sum(one.values()) for one in funnels)
    for one in found.stages:
        assert 0 < one.count <= one.denominator <= found.candidates
