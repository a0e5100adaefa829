"""Signals and outcomes as columns: in memory, in a file, on a server."""

from dataclasses import fields, replace

import numpy as np
import pytest

from snipersight.domain.evidence import (
    Ending,
    EvidenceFilter,
    EvidenceStore,
    Kind,
    Origin,
    OutcomeStatus,
    SignalKey,
)
from snipersight.domain.evidence_columns import EvidenceTable, Names
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from tests.builders.evidence import (
    DECIDED_MS,
    a_refusal,
    a_scan,
    a_signal,
    an_outcome,
)
from tests.fakes.memory_evidence import MemoryEvidence

EVERYTHING = EvidenceFilter()
CLOSED = an_outcome(
    status=OutcomeStatus.CLOSED,
    ending=Ending.TRAILED,
    followed_to_ms=9,
    resolution_ms=60_000,
    entered_ms=5,
    ended_ms=8,
    filled_fraction=0.8,
    targets_hit=2,
    gross_r=1.7,
    fees_r=0.1,
    slippage_r=0.05,
    funding_r=0.01,
    net_r=1.54,
    mae_r=0.3,
    mfe_r=2.25,
    is_ambiguous=True,
    missing_bars=1,
    planned_r=2.1,
    note="one bar is missing",
)


def test_a_table_holds_signals_and_outcomes_in_the_order_of_decisions(store: EvidenceStore):
    store.record(a_scan(), [a_refusal(2, tier="C"), a_signal(1)])
    store.save_outcomes([CLOSED])

    table = store.table(EVERYTHING)

    assert table.key.tolist() == ["main:plan-1", "main:plan-2"]
    assert table.verdict.tolist() == ["approved", "rejected"]
    assert table.status.tolist() == ["closed", "waiting"]
    assert table.ending.tolist() == ["trailed", ""]
    assert table.tier.tolist() == ["A", "C"]
    assert table.timeframe.tolist() == ["1h", "1h"]
    assert table.decided_ms.tolist() == [DECIDED_MS + 60_000, DECIDED_MS + 120_000]
    assert table.net_r.tolist() == [1.54, 0.0]
    assert table.targets_hit.tolist() == [2, 0]
    assert table.is_ambiguous.tolist() == [True, False]


def test_decisions_of_one_moment_are_ordered_by_key(store: EvidenceStore):
    keys = [SignalKey(name) for name in ("main:b", "main:B", "main:a", "main:ä", "main:_")]
    store.record(a_scan(), [replace(a_signal(1), key=key) for key in keys])

    assert store.table(EVERYTHING).key.tolist() == sorted(keys)
    assert [signal.key for signal, _ in store.unfinished()] == sorted(keys)


def test_a_table_shows_the_outcomes_that_are_asked_for(store: EvidenceStore):
    store.record(a_scan(), [a_signal(1)])
    store.save_outcomes([CLOSED, replace(CLOSED, kind=Kind.ACTUAL, net_r=-0.4)])

    assert store.table(EVERYTHING).net_r.tolist() == [1.54]
    assert store.table(EvidenceFilter(kind=Kind.ACTUAL)).net_r.tolist() == [-0.4]


FILTERS = [
    (EvidenceFilter(origin=Origin.REPLAY), [2]),
    (EvidenceFilter(profile="patient"), [3]),
    (EvidenceFilter(symbol="ETH/USDT:USDT"), [4]),
    (EvidenceFilter(account_id="second"), [5]),
    (EvidenceFilter(since_ms=DECIDED_MS + 4 * 60_000), [4, 5]),
    (EvidenceFilter(until_ms=DECIDED_MS + 2 * 60_000), [1]),
    (EvidenceFilter(since_ms=DECIDED_MS + 60_001, until_ms=DECIDED_MS + 180_001), [2, 3]),
    (EvidenceFilter(profile="patient", origin=Origin.REPLAY), []),
]


@pytest.mark.parametrize(("wanted", "numbers"), FILTERS)
def test_a_filter_leaves_what_fits_all_of_it(store: EvidenceStore, wanted, numbers):
    changes: list[dict[str, object]] = [
        {},
        {"origin": Origin.REPLAY},
        {"profile": "patient"},
        {"symbol": "ETH/USDT:USDT"},
        {"account_id": "second"},
    ]
    signals = [a_signal(number, **change) for number, change in enumerate(changes, 1)]
    store.record(a_scan(), signals)
    store.save_outcomes([an_outcome(number, net_r=float(number)) for number in range(1, 5)])

    table = store.table(wanted)

    assert [int(key.rpartition("-")[2]) for key in table.key] == numbers
    assert table.net_r.tolist() == [number if number < 5 else 0.0 for number in numbers]
    assert len(store.factors(wanted).points) == len(numbers)


def test_one_signal_among_many_has_its_own_outcome(store: EvidenceStore):
    """Then outcomes are looked up one by one."""
    store.record(a_scan(), [a_signal(number) for number in range(1, 1_201)])
    store.save_outcomes([an_outcome(number, net_r=float(number)) for number in range(2, 1_201)])

    some = store.table(EvidenceFilter(until_ms=DECIDED_MS + 4 * 60_000))

    assert some.net_r.tolist() == [0.0, 2.0, 3.0]
    assert store.table(EVERYTHING).net_r.tolist() == [0.0, *map(float, range(2, 1_201))]


def test_scans_are_filtered_by_what_they_have(store: EvidenceStore):
    scans = [
        a_scan(1),
        a_scan(2, origin=Origin.REPLAY),
        a_scan(3, profile="patient"),
        a_scan(4, account_id="second"),
    ]
    for scan in scans:
        store.record(scan, [])

    assert store.scans(EvidenceFilter(origin=Origin.REPLAY)) == scans[1:2]
    assert store.scans(EvidenceFilter(profile="patient")) == scans[2:3]
    assert store.scans(EvidenceFilter(account_id="second")) == scans[3:]
    assert (
        store.scans(EvidenceFilter(since_ms=scans[1].at_ms, until_ms=scans[3].at_ms)) == scans[1:3]
    )
    assert store.scans(EvidenceFilter(symbol="none", kind=Kind.ACTUAL)) == scans


def test_factors_are_columns_by_name_and_nan_where_none_was_judged(store: EvidenceStore):
    store.record(
        a_scan(),
        [a_signal(1, factors={"b": 1.5, "a": 0.0}), a_signal(2, factors={"c": 2.0})],
    )

    found = store.factors(EVERYTHING)

    assert found.names == ("a", "b", "c")
    expected = [[0.0, 1.5, np.nan], [np.nan, np.nan, 2.0]]
    np.testing.assert_array_equal(found.points, expected)


def test_an_empty_store_has_empty_columns_of_the_right_kind(store: EvidenceStore):
    table, factors = store.table(EVERYTHING), store.factors(EVERYTHING)

    assert len(table) == 0
    assert table.net_r.dtype == np.float64
    assert table.decided_ms.dtype == np.int64
    assert table.is_ambiguous.dtype == np.bool_
    assert table.key.dtype == np.object_
    assert factors.names == ()
    assert factors.points.shape == (0, 0)


def test_tables_of_both_databases_have_the_columns_of_memory(telemetry):
    real, model = SqlEvidenceStore(telemetry), MemoryEvidence()
    for store in (real, model):
        store.record(a_scan(), [a_refusal(2), a_signal(1)])
        store.save_outcomes([CLOSED])

    ours, theirs = real.table(EVERYTHING), model.table(EVERYTHING)

    for field in fields(EvidenceTable):
        mine, other = getattr(ours, field.name), getattr(theirs, field.name)
        assert type(mine) is type(other), field.name
        assert getattr(mine, "dtype", None) == getattr(other, "dtype", None), field.name
        assert mine.tolist() == other.tolist(), field.name
        assert [type(one) for one in mine] == [type(one) for one in other], field.name


def test_a_column_of_names_refuses_to_be_compared_by_mistake():
    column = Names.of(["closed", "open", "closed"])

    assert column.equal("closed").tolist() == [True, False, True]
    assert not column.equal("missed").any()
    assert column.counts() == {"closed": 2, "open": 1}
    assert column[np.array([True, False, True])].counts() == {"closed": 2}
    with pytest.raises(TypeError, match="equal"):
        column == "closed"  # noqa: B015 — that is what it must not become
