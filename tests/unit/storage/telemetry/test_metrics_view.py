"""What metrics count in telemetry, on each kind of database, against hand-made evidence."""

import pytest

from snipersight.domain.event_log import StoredEvent
from snipersight.domain.evidence import Kind, Origin, OutcomeStatus
from snipersight.storage.telemetry.event_log import SqlEventLog
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.storage.telemetry.metrics_view import (
    ClosedCount,
    event_counts,
    evidence_counts,
)
from tests.builders.evidence import a_refusal, a_scan, a_signal, an_outcome

DAY = 1_440  # signals are a minute apart


@pytest.fixture
def evidence(telemetry):
    return SqlEvidenceStore(telemetry)


def closed(number: int, net_r: float, **changes: object):
    return an_outcome(number, status=OutcomeStatus.CLOSED, net_r=net_r, **changes)


def test_signals_and_outcomes_are_counted_by_what_they_have_in_common(telemetry, evidence):
    evidence.record(a_scan(1), [a_signal(1), a_signal(2), a_signal(3, tier="B"), a_refusal(4)])
    evidence.save_outcomes([closed(1, 1.0), an_outcome(2), closed(1, 0.5, kind=Kind.ACTUAL)])
    counts = evidence_counts(telemetry)
    assert sorted((one.tier, one.verdict, one.count) for one in counts.signals) == [
        ("A", "approved", 2),
        ("A", "rejected", 1),
        ("B", "approved", 1),
    ]
    assert sorted((one.kind, one.status, one.count) for one in counts.outcomes) == [
        ("actual", "closed", 1),
        ("modelled", "closed", 1),
        ("modelled", "waiting", 1),
    ]


def test_closed_signals_are_summed_by_profile_and_by_tier_over_distinct_days(telemetry, evidence):
    signals = [a_signal(1), a_signal(2, tier="B"), a_signal(1 + DAY), a_refusal(3)]
    evidence.record(a_scan(1), signals)
    evidence.save_outcomes([closed(1, 2.0), closed(2, -1.0), closed(1 + DAY, 0.5), closed(3, 9.0)])
    found = {one.tier: one for one in evidence_counts(telemetry).closed}
    common = {"origin": "live", "profile": "balanced"}
    assert found == {
        "": ClosedCount(tier="", closed=3, hits=2, net_r=1.5, days=2, **common),
        "A": ClosedCount(tier="A", closed=2, hits=2, net_r=2.5, days=2, **common),
        "B": ClosedCount(tier="B", closed=1, hits=0, net_r=-1.0, days=1, **common),
    }


def test_a_signal_without_a_tier_is_counted_once(telemetry, evidence):
    evidence.record(a_scan(1), [a_signal(1, tier="")])
    evidence.save_outcomes([closed(1, 2.0)])
    (found,) = evidence_counts(telemetry).closed
    assert (found.tier, found.closed, found.net_r) == ("", 1, 2.0)


def test_origins_are_never_mixed(telemetry, evidence):
    evidence.record(a_scan(1), [a_signal(1)])
    evidence.record(a_scan(2, origin=Origin.REPLAY), [a_signal(2, origin=Origin.REPLAY)])
    evidence.save_outcomes([closed(1, 1.0), closed(2, -1.0)])
    counts = evidence_counts(telemetry)
    assert {(one.origin, one.tier, one.net_r) for one in counts.closed} == {
        ("live", "", 1.0),
        ("live", "A", 1.0),
        ("replay", "", -1.0),
        ("replay", "A", -1.0),
    }
    assert [(one.origin, one.scans) for one in counts.scans] == [("live", 1), ("replay", 1)]


def test_scans_add_up_whether_they_found_the_same_or_not(telemetry, evidence):
    for number in (1, 2):
        evidence.record(a_scan(number), [])
    evidence.record(a_scan(3, funnel={"approved": 2, "rejected:max_total": 3}), [])
    (total,) = evidence_counts(telemetry).scans
    assert total.scans == 3
    assert total.funnel == {"approved": 4, "no_setup": 38, "rejected:max_total": 3}
    assert total.newest_ms == a_scan(3).at_ms


def test_an_empty_store_counts_nothing(telemetry):
    counts = evidence_counts(telemetry)
    assert (counts.signals, counts.outcomes, counts.closed, counts.scans) == ((), (), (), ())
    assert event_counts(telemetry, after=0).by_type == {}


def test_events_are_counted_behind_a_place_and_exporters_by_what_they_lack(telemetry):
    log = SqlEventLog(telemetry)
    log.append([event("kill"), event("kill"), event("order_filled")])
    for name, at in (("jsonl", 3), ("webhook", 1), ("audit:main", 77)):
        log.claim(name, "me", for_us=1_000_000)
        log.confirm(name, "me", at)
    first = event_counts(telemetry, after=0)
    assert first.by_type == {"kill": 2, "order_filled": 1}
    assert first.lags == {"jsonl": 0, "webhook": 2}
    log.append([event("kill")])
    second = event_counts(telemetry, after=first.newest)
    assert second.by_type == {"kill": 1}
    assert event_counts(telemetry, after=second.newest).newest == second.newest


def event(kind: str) -> StoredEvent:
    return StoredEvent(seq=0, event_type=kind, at_us=1, body="{}")
