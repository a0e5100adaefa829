"""A whole chain is judged again, and the ledger between its decisions followed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.execution import TradeId
from snipersight.domain.ledger import LedgerEntry, Origin
from snipersight.domain.units import Price
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.chain_replay import POLICIES, WANTED, ChainReplay, policies_of
from snipersight.risk.audit.replay import Outcome
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.ledger.execution_work import book_funding
from snipersight.risk.ledger.order_records import record_intent
from snipersight.risk.ledger.records import save_entry
from snipersight.risk.ledger.work import Clerk
from snipersight.risk.manager import RiskManager
from snipersight.risk.policy import RiskPolicy
from tests.builders.instruments import an_instrument
from tests.builders.ledger import DECIDED_AT_US, a_policy, an_entry, observations
from tests.builders.plans import a_plan
from tests.builders.trades import a_payment, a_trade, an_intent
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

_SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT")


def _traded() -> MemoryDecisionStore:
    """Return a store in which two plans were taken, one filled and closed, one refused."""
    store = a_memory_store(at_us=DECIDED_AT_US)
    ports: dict[str, Any] = {
        "account_id": "main",
        "store": store,
        "clock": lambda: DECIDED_AT_US,
        "policy": RiskPolicy(),
    }
    manager, exposure = RiskManager(**ports), ExposureManager(**ports)
    manager.observe(observations(*(an_instrument(symbol) for symbol in _SYMBOLS)))
    for symbol in _SYMBOLS[:2]:
        assert manager.validate_plan(a_plan(symbol=symbol), reserve=Origin.EXECUTED)
    first, _ = store.view("main", lambda unit: unit.live_entries())
    exposure.confirm(first.entry_id, size=first.pending_size, price=first.entry_price)
    assert not manager.validate_plan(a_plan(symbol=_SYMBOLS[0]))
    exposure.close(first.entry_id, price=first.entry_price)
    manager.validate_plan(a_plan(symbol=_SYMBOLS[2]))
    return store


def _replay(
    store: MemoryDecisionStore,
    *,
    change: Callable[[AuditRecord], AuditRecord] = lambda record: record,
    today: RiskPolicy | None = None,
    follows: bool = True,
) -> tuple[ChainReplay, list[Outcome]]:
    records = [change(record) for record in store.records("main")]
    chain = ChainReplay(
        policies=policies_of(filter(POLICIES.matches, records)), today=today, follows_ledger=follows
    )
    wanted = filter(WANTED.matches, records)
    return chain, [judged.replayed.outcome for judged in chain.run(wanted)]


def _live(store: MemoryDecisionStore) -> tuple[LedgerEntry, ...]:
    return store.view("main", lambda unit: unit.live_entries())


def test_a_whole_chain_agrees_and_so_does_the_ledger():
    store = _traded()
    chain, outcomes = _replay(store, today=RiskPolicy())
    assert outcomes == [Outcome.AGREES] * 4
    summary = chain.summary
    assert (summary.decisions, summary.agree, summary.differ, summary.unknown) == (4, 4, 0, 0)
    assert (summary.policy_changed, summary.code_changed) == (0, 0)
    assert chain.ledger_difference(_live(store)) == ""


def test_other_limits_today_are_counted():
    chain, outcomes = _replay(_traded(), today=a_policy(max_total="0.2"))
    assert outcomes == [Outcome.AGREES] * 4
    assert chain.summary.policy_changed == 4


def _with_body(record: AuditRecord, **change: Any) -> AuditRecord:
    return replace(record, body=canonical(json.loads(record.body) | change))


def test_a_decision_whose_record_says_otherwise_differs():
    def change(record: AuditRecord) -> AuditRecord:
        body = json.loads(record.body)
        if record.kind != AuditKind.DECISION or body["verdict"] != "approved":
            return record
        return _with_body(record, sizes=body["sizes"] | {"size": "0.001"})

    chain, outcomes = _replay(_traded(), change=change)
    assert (chain.summary.differ, chain.summary.agree) == (3, 1)
    assert outcomes.count(Outcome.DIFFERS) == 3


def test_a_ledger_record_that_is_gone_shows_in_the_decisions_and_in_the_ledger():
    store = _traded()
    kept = [record for record in store.records("main") if record.kind != AuditKind.RESERVED]
    chain = ChainReplay(policies=policies_of(kept), today=None, follows_ledger=True)
    outcomes = [judged.replayed.outcome for judged in chain.run(filter(WANTED.matches, kept))]
    assert Outcome.DIFFERS not in outcomes  # they saw more than is recorded: their own scan's
    assert "live in the ledger, but not by the audit" in chain.ledger_difference(_live(store))


def test_a_ledger_that_differs_from_its_records_is_told():
    store = _traded()
    chain, _ = _replay(store)
    (entry,) = _live(store)
    assert f"entry {entry.entry_id} is live by the audit" in chain.ledger_difference(())
    other = replace(entry, stop_price=Price(entry.stop_price + 1))
    assert "is another one in the ledger" in chain.ledger_difference((other,))


def test_decisions_after_a_pruned_beginning_are_judged_without_the_ledger():
    store = _traded()
    chain, outcomes = _replay(store, follows=False)
    assert outcomes == [Outcome.AGREES] * 4
    assert chain.ledger_difference(()) == ""


def test_one_decision_is_judged_alone():
    store = _traded()
    records = list(filter(WANTED.matches, store.records("main")))
    last = max(record.seq for record in records if record.kind == AuditKind.DECISION)
    policies = policies_of(filter(POLICIES.matches, store.records("main")))
    chain = ChainReplay(policies=policies, today=None, follows_ledger=True)
    (judged,) = chain.run(records, only=last)
    assert (judged.record.seq, judged.replayed.outcome) == (last, Outcome.AGREES)
    assert chain.summary.decisions == 1


def test_limits_that_cannot_be_read_are_unknown():
    def change(record: AuditRecord) -> AuditRecord:
        return _with_body(record, hash="0") if record.kind == AuditKind.POLICY else record

    chain, outcomes = _replay(_traded(), change=change)
    assert outcomes == [Outcome.UNKNOWN] * 4
    assert chain.summary.unknown == 4


def test_a_decision_that_did_not_see_the_ledger_differs_although_it_agrees_with_itself():
    store = _traded()
    records = list(store.records("main"))
    reserved = next(one for one in records if one.kind == AuditKind.RESERVED)
    entry = json.loads(reserved.body)["entry"]
    twin = entry | {"entry_id": "twin", "setup_id": "twin", "plan_id": "twin"}
    forged = replace(reserved, body=canonical(json.loads(reserved.body) | {"entry": twin}))
    place = records.index(reserved)
    records.insert(place, forged)
    policies = policies_of(filter(POLICIES.matches, records))
    chain = ChainReplay(policies=policies, today=None, follows_ledger=True)
    judged = list(chain.run(filter(WANTED.matches, records)))
    assert [one.replayed.outcome for one in judged] == [
        Outcome.AGREES,
        Outcome.DIFFERS,
        Outcome.DIFFERS,
        Outcome.DIFFERS,
    ]
    assert judged[1].replayed.difference == "it saw 1 live claims, the ledger held 2"
    assert (chain.summary.agree, chain.summary.differ) == (1, 3)


def test_every_decision_of_other_code_is_counted():
    def change(record: AuditRecord) -> AuditRecord:
        return _with_body(record, code="0") if record.kind == AuditKind.DECISION else record

    chain, outcomes = _replay(_traded(), change=change)
    assert outcomes == [Outcome.AGREES] * 4
    assert chain.summary.code_changed == 4


def test_limits_that_cannot_be_read_hide_no_others():
    store = _traded()
    records = list(store.records("main"))
    policy = next(one for one in records if one.kind == AuditKind.POLICY)
    assert set(policies_of([_with_body(policy, hash="0"), policy])) == {RiskPolicy().hash}


def test_what_execution_records_beside_the_ledger_leaves_its_replay_whole():
    store = a_memory_store()
    entry = an_entry(entry_id="trade-1", filled="10", origin=Origin.EXECUTED)
    clerk = Clerk(now_us=DECIDED_AT_US, actor="executor", policy=RiskPolicy())

    def work(unit):
        save_entry(unit, AuditKind.FILLED, entry, at_us=DECIDED_AT_US, actor="executor")
        unit.book.save_trade(a_trade())
        record_intent(unit, an_intent(), at_us=DECIDED_AT_US, actor="executor")
        book_funding(unit, clerk, TradeId("trade-1"), a_payment())

    store.transact("main", work)
    (live,) = _live(store)
    assert live.realised == Decimal("-1.5")
    chain, _ = _replay(store)
    assert chain.ledger_difference((live,)) == ""
    assert "is another one" in chain.ledger_difference((entry,))
