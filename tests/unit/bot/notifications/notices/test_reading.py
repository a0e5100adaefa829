from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.bot.notifications.notices.payload_kinds import (
    BreakerPayload,
    SummaryPayload,
    UpdatePayload,
)
from snipersight.bot.notifications.notices.reading import read_notice, signal_of
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.errors import DataInvalid, StateUnavailable
from snipersight.domain.notices import Alert, PlainText, ScanSummary, Signal, SignalEvent
from snipersight.domain.notices import SignalUpdate as Update
from snipersight.domain.standing import BreakerName, TradingState, TrippedBreaker
from tests.builders import a_plan
from tests.builders.decisions import a_refusal, an_approval, gate_inputs
from tests.builders.ledger import DECIDED_AT_US, market_facts
from tests.builders.stored_notices import (
    HeldRecords,
    a_record,
    a_signal_payload,
    an_operator_record,
    recorded,
)

AT_MS = DECIDED_AT_US // 1000


@pytest.mark.parametrize("decision", [an_approval(), a_refusal()])
def test_a_signal_says_what_its_audit_record_says(decision):
    inputs = gate_inputs()
    record = a_record(decision, seq=5, inputs=inputs)
    payload = a_signal_payload(record, batch="b", is_practice=True)
    signal = read_notice(payload, HeldRecords(record))
    assert signal == Signal(
        decision=decision,
        account_id="main",
        currency=inputs.account.currency,
        instrument=market_facts().instrument,
        last_price=market_facts().reference.price,  # type: ignore[union-attr]
        judged_ms=AT_MS,
        equity=inputs.account.equity,
        batch="b",
        is_practice=True,
    )


def test_without_a_reference_price_the_close_of_the_plan_is_the_last_price():
    plan = a_plan()
    bare = replace(market_facts(), reference=None)
    assert signal_of(a_record(inputs=gate_inputs(facts=bare))).last_price == plan.last_price
    unseen = signal_of(a_record(inputs=gate_inputs(facts=None)))
    assert (unseen.last_price, unseen.instrument) == (plan.last_price, None)


def test_an_update_belongs_to_the_signal_of_its_record():
    record = a_record()
    payload = UpdatePayload(
        account="main",
        plan_id=record.subject,
        seq=1,
        event=SignalEvent.CLOSED,
        at_ms=AT_MS,
        price=Decimal(43000),
        net_r=Decimal("1.4"),
        is_actual=True,
        detail="by hand",
    )
    update = read_notice(payload, HeldRecords(record))
    assert update == Update(
        signal=signal_of(record),
        event=SignalEvent.CLOSED,
        at_ms=AT_MS,
        price=Decimal(43000),
        net_r=Decimal("1.4"),
        is_actual=True,
        detail="by hand",
    )


def test_an_update_without_a_record_belongs_to_the_newest_verdict_on_its_plan():
    first, second = a_record(a_refusal(), seq=1), a_record(seq=2)
    payload = UpdatePayload(
        account="main", plan_id=first.subject, event=SignalEvent.ENTERED, at_ms=AT_MS
    )
    update = read_notice(payload, HeldRecords(first, second))
    assert isinstance(update, Update)
    assert update.signal == signal_of(second)
    with pytest.raises(DataInvalid, match="no verdict on plan"):
        read_notice(payload, HeldRecords())


def test_a_summary_holds_its_signals_in_their_order():
    plans = [a_plan(near="42300"), a_plan()]
    records = [a_record(an_approval(plan), seq=seq) for seq, plan in enumerate(plans, start=1)]
    payload = SummaryPayload(
        account="main",
        batch="b",
        profile="balanced",
        venue="sandbox",
        as_of_ms=AT_MS,
        seqs=(2, 1),
        funnel=(("approved", 2),),
        scanned=2,
        regimes={"trend": 2},
    )
    summary = read_notice(payload, HeldRecords(*records))
    assert isinstance(summary, ScanSummary)
    assert [one.decision.plan for one in summary.signals] == [plans[1], plans[0]]
    assert {one.batch for one in summary.signals} == {"b"}
    with pytest.raises(DataInvalid, match="record 2 of account main does not exist"):
        read_notice(payload, HeldRecords(records[0]))


def test_a_breaker_becomes_its_alert_and_a_text_stays_one():
    breaker = TrippedBreaker(
        name=BreakerName.DRAWDOWN, state=TradingState.HALTED, tripped_us=1_000_000, until_us=None
    )
    alert = read_notice(BreakerPayload(account="main", breaker=breaker), HeldRecords())
    assert isinstance(alert, Alert)
    assert alert.trigger == "breaker"
    assert read_notice(PlainText(markdown="x"), HeldRecords()) == PlainText(markdown="x")


def test_a_record_that_is_missing_or_no_decision_or_of_another_plan_is_refused():
    record = a_record()
    payload = a_signal_payload(record)
    with pytest.raises(DataInvalid, match="does not exist"):
        read_notice(payload, HeldRecords())
    with pytest.raises(DataInvalid, match="is no decision but 'operator'"):
        read_notice(payload, HeldRecords(an_operator_record(subject=record.subject)))
    with pytest.raises(DataInvalid, match="not about 'another'"):
        read_notice(replace(payload, plan_id="another"), HeldRecords(record))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"format": 99},
        {"format": 1, "policy": "p", "code": "c", "reserved": False, "plan": None},
        {"format": 1, "policy": "p", "code": "c", "reserved": False, "plan": {"other": "3"}},
    ],
)
def test_a_record_of_another_form_is_refused(body):
    draft = AuditDraft(
        kind=AuditKind.DECISION, subject="p", actor="scan", at_us=DECIDED_AT_US, body=body
    )
    with pytest.raises(DataInvalid, match="record 1 of account main cannot be told"):
        signal_of(recorded(draft))


@pytest.mark.parametrize("body", ["", "[]", "{", "null"])
def test_a_damaged_body_is_refused(body):
    with pytest.raises(DataInvalid, match="cannot be told"):
        signal_of(replace(a_record(), body=body))


def test_a_plan_that_contradicts_itself_is_refused_although_its_verdict_was_recorded():
    plan = a_plan()
    object.__setattr__(plan, "targets", ())  # as whoever builds around the constructor does
    with pytest.raises(DataInvalid, match="cannot be told: no target"):
        signal_of(a_record(a_refusal(plan)))


def test_an_audit_that_cannot_be_read_is_no_reason_to_give_a_notice_up():
    class Locked(HeldRecords):
        def record(self, account_id, seq):
            raise StateUnavailable("the database is locked")

    with pytest.raises(StateUnavailable):
        read_notice(a_signal_payload(a_record()), Locked())
