"""What every store of evidence promises: in memory, in a file, on a server."""

from dataclasses import fields, replace

import pytest
from sqlalchemy import text, update

from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.evidence import (
    Ending,
    EvidenceFilter,
    EvidenceStore,
    Kind,
    OutcomeStatus,
    SignalKey,
    Verdict,
)
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.storage.telemetry.tables import OUTCOME, SIGNAL, SIGNAL_TEXT
from tests.builders.evidence import (
    a_refusal,
    a_scan,
    a_signal,
    an_outcome,
    some_terms,
)

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


def test_a_signal_comes_back_as_it_was(store: EvidenceStore):
    signal = a_signal(
        direction=Direction.SHORT,
        reason="rejected:ünïcode 'quoted'",
        score=1 / 3,
        factors={"structure": 0.1 + 0.2, "fvg": -3.0},
        terms=some_terms(near=0.1 + 0.2, targets=((1e-8, 1.0),), time_stop_ms=7),
        plan_json='{"a":"ä"}',
    )

    assert store.signal(signal.key) is None
    assert store.record(a_scan(), [signal]) == 1

    assert store.signal(signal.key) == signal


def test_the_same_scan_again_changes_nothing(store: EvidenceStore):
    signals = [a_signal(1), a_refusal(2)]
    assert store.record(a_scan(), signals) == 2

    assert store.record(a_scan(), signals) == 0

    assert [store.signal(one.key) for one in signals] == signals
    assert store.scans(EVERYTHING) == [a_scan()]
    assert len(store.table(EVERYTHING)) == 2


def test_an_approval_takes_the_place_of_a_refusal_under_its_own_terms(store: EvidenceStore):
    refused = a_refusal(terms=some_terms(known_ms=5), plan_json="old")
    approved = a_signal(context_id="scan-2", terms=some_terms(known_ms=9), plan_json="new")
    store.record(a_scan(1), [refused])

    assert store.record(a_scan(2), [approved]) == 0

    assert store.signal(approved.key) == approved


@pytest.mark.parametrize("status", [OutcomeStatus.OPEN, OutcomeStatus.CLOSED])
def test_what_price_did_before_an_approval_is_none_of_its_outcome(store: EvidenceStore, status):
    refused = a_refusal(terms=some_terms(known_ms=5))
    approved = a_signal(context_id="scan-2", terms=some_terms(known_ms=9))
    real = an_outcome(kind=Kind.ACTUAL)
    store.record(a_scan(1), [refused])
    store.save_outcomes([an_outcome(status=status), real])

    store.record(a_scan(2), [approved])

    assert store.outcomes(approved.key) == {Kind.ACTUAL: real}
    assert store.unfinished() == [(approved, None)]


def test_a_second_approval_leaves_the_outcome_of_the_first(store: EvidenceStore):
    store.record(a_scan(1), [a_signal()])
    ended = an_outcome(status=OutcomeStatus.CLOSED)
    store.save_outcomes([ended])

    store.record(a_scan(2), [a_signal(terms=some_terms(known_ms=9))])

    assert store.outcomes(ended.key) == {Kind.MODELLED: ended}
    assert store.unfinished() == []


@pytest.mark.parametrize("later", [a_refusal(score=1.0), a_signal(score=2.0)])
def test_nothing_takes_the_place_of_an_approval(store: EvidenceStore, later):
    approved = a_signal(plan_json="first")
    store.record(a_scan(1), [approved])

    store.record(a_scan(2), [replace(later, plan_json="later")])

    assert store.signal(approved.key) == approved


def test_a_later_refusal_does_not_take_the_place_of_the_first(store: EvidenceStore):
    first = a_refusal(reason="rejected:max_total")
    store.record(a_scan(1), [first])

    store.record(a_scan(2), [a_refusal(reason="gated:min_score", verdict=Verdict.GATED)])

    assert store.signal(first.key) == first


def test_a_signal_that_stands_twice_in_a_scan_is_one(store: EvidenceStore):
    refused = a_refusal(terms=some_terms(known_ms=5))
    approvals = [a_signal(score=1.0), a_signal(score=2.0)]

    assert store.record(a_scan(), [refused, *approvals, refused]) == 1

    assert store.signal(refused.key) == approvals[0]


def test_a_scan_takes_the_place_of_itself(store: EvidenceStore):
    store.record(a_scan(2), [])
    store.record(a_scan(1), [])
    store.record(a_scan(2, symbols=3, funnel={"no_setup": 3}), [])

    assert store.scans(EVERYTHING) == [
        a_scan(1),
        a_scan(2, symbols=3, funnel={"no_setup": 3}),
    ]


def test_outcomes_come_back_by_kind(store: EvidenceStore):
    actual = replace(CLOSED, kind=Kind.ACTUAL, ending=Ending.BY_HAND, net_r=-0.4)
    assert store.outcomes(CLOSED.key) == {}

    assert store.save_outcomes([CLOSED, actual]) == 2

    assert store.outcomes(CLOSED.key) == {Kind.MODELLED: CLOSED, Kind.ACTUAL: actual}
    assert store.outcomes(SignalKey("main:other")) == {}


def test_saving_an_outcome_again_changes_nothing(store: EvidenceStore):
    assert store.save_outcomes([CLOSED, an_outcome(2)]) == 2

    assert store.save_outcomes([CLOSED, an_outcome(2, followed_to_ms=7)]) == 1
    assert store.save_outcomes([]) == 0


def test_every_field_of_an_outcome_can_change(store: EvidenceStore):
    names = [field.name for field in fields(CLOSED) if field.name not in ("key", "kind")]
    before = [an_outcome(number, status=OutcomeStatus.UNKNOWN) for number in range(len(names))]
    store.save_outcomes(before)
    after = [
        replace(one, **{name: getattr(CLOSED, name)})
        for one, name in zip(before, names, strict=True)
    ]

    assert [store.save_outcomes([one]) for one in after] == [1] * len(names)
    assert [store.outcomes(one.key)[Kind.MODELLED] for one in after] == after


@pytest.mark.parametrize("back", [OutcomeStatus.WAITING, OutcomeStatus.OPEN])
def test_a_final_outcome_never_goes_back(store: EvidenceStore, back):
    store.save_outcomes([CLOSED])

    assert store.save_outcomes([replace(CLOSED, status=back)]) == 0

    assert store.outcomes(CLOSED.key) == {Kind.MODELLED: CLOSED}


def test_a_final_outcome_may_be_corrected_by_another(store: EvidenceStore):
    store.save_outcomes([an_outcome(status=OutcomeStatus.UNKNOWN)])

    assert store.save_outcomes([CLOSED]) == 1
    assert store.outcomes(CLOSED.key) == {Kind.MODELLED: CLOSED}


def test_the_unfinished_are_those_whose_modelled_outcome_is_not_final(store: EvidenceStore):
    signals = [a_signal(number) for number in (3, 1, 2, 4)]
    store.record(a_scan(), signals)
    opened = an_outcome(2, status=OutcomeStatus.OPEN)
    store.save_outcomes(
        [
            replace(CLOSED, kind=Kind.ACTUAL),  # says nothing about the modelled one
            opened,
            an_outcome(3, status=OutcomeStatus.MISSED),
        ]
    )

    found = store.unfinished()

    assert found == [(a_signal(1), None), (a_signal(2), opened), (a_signal(4), None)]
    assert store.unfinished(limit=2) == found[:2]
    assert store.unfinished(venue="binance") == found
    assert store.unfinished(venue="bybit") == []


def test_an_outcome_may_come_before_its_signal(store: EvidenceStore):
    store.save_outcomes([CLOSED])

    store.record(a_scan(), [a_signal(1), a_signal(2)])

    assert store.unfinished() == [(a_signal(2), None)]
    assert store.table(EVERYTHING).net_r.tolist() == [1.54, 0.0]


@pytest.mark.parametrize(
    "broken",
    [
        a_signal(2, score=float("nan")),
        a_signal(2, risk_reward=float("inf")),
        a_signal(2, factors={"structure": float("nan")}),
        a_signal(2, terms=some_terms(atr=float("nan"))),
    ],
)
def test_a_number_that_is_none_is_refused_with_all_that_comes_with_it(telemetry, broken):
    store = SqlEvidenceStore(telemetry)

    with pytest.raises(StateUnavailable, match="evidence cannot be kept"):
        store.record(a_scan(), [a_signal(1), broken])

    assert store.signal(a_signal(1).key) is None
    assert store.scans(EVERYTHING) == []


def test_an_outcome_without_a_number_is_refused_with_its_signal_named(telemetry):
    store = SqlEvidenceStore(telemetry)

    with pytest.raises(StateUnavailable, match="main:plan-2"):
        store.save_outcomes([CLOSED, an_outcome(2, net_r=float("nan"))])

    assert store.outcomes(CLOSED.key) == {}


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (SIGNAL_TEXT, {"terms": "{}"}),
        (SIGNAL_TEXT, {"terms": "no json"}),
        (SIGNAL, {"factors": "[1]"}),
        (OUTCOME, {"status": "somewhere"}),
    ],
)
def test_a_row_that_nobody_wrote_is_told(telemetry, table, values):
    store = SqlEvidenceStore(telemetry)
    store.record(a_scan(), [a_signal()])
    store.save_outcomes([an_outcome()])
    telemetry.write(lambda it: it.execute(update(table).values(**values)))

    with pytest.raises(StateUnavailable, match="cannot be read") as told:
        store.unfinished()

    assert told.value.next_step == "run `snipersight db check`"


def test_nothing_of_a_record_that_fails_is_kept(telemetry):
    store = SqlEvidenceStore(telemetry)
    telemetry.write(lambda it: it.execute(text("DROP TABLE signal_text")))

    with pytest.raises(StateUnavailable):
        store.record(a_scan(), [a_signal()])

    assert store.scans(EVERYTHING) == []
    assert len(store.table(EVERYTHING)) == 0
