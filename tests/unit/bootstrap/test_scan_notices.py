"""A scan's notices on a real store: each signal, each turn, each summary and each day once."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bootstrap.digest import digest_of, store_digest
from snipersight.bootstrap.scan_notices import ScanNotices
from snipersight.bot.notifications.notices.payload_kinds import SignalPayload, UpdatePayload
from snipersight.bot.notifications.notices.payloads import decode_payload, notice_draft
from snipersight.domain.audit import ChainHead
from snipersight.domain.notices import Signal, SignalEvent, SignalUpdate, update_key
from snipersight.domain.standing import AccountStanding, EquityMarks
from snipersight.domain.store import AccountRow
from snipersight.domain.units import Currency, Money
from snipersight.risk.audit.chain import NO_HASH
from snipersight.risk.registry import RiskPorts
from snipersight.storage.database import Database, connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.queue import DurableQueue
from snipersight.storage.told_signals import ToldSignals
from tests.builders import a_plan
from tests.builders.decisions import an_approval
from tests.builders.ledger import a_policy, an_entry
from tests.builders.stored_notices import HeldRecords, a_record
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store
from tests.unit.cli.report_builders import a_report

E = SignalEvent
BATCH = "sandbox:testing:1"
PLANS = tuple(a_plan(symbol=symbol) for symbol in ("BTC/USDT", "ETH/USDT", "SOL/USDT"))
RECORDS = tuple(a_record(an_approval(plan), seq=seq) for seq, plan in enumerate(PLANS, start=1))


@pytest.fixture
def database(tmp_path: Any) -> Iterator[Database]:
    with connect_database(f"sqlite:///{tmp_path / 'notices.db'}") as opened:
        migrate(opened)
        yield opened


@pytest.fixture
def notices(database: Database) -> ScanNotices:
    return ScanNotices(
        account_id="main",
        outbox=SqlOutbox(database),
        told=ToldSignals(database),
        reader=HeldRecords(*RECORDS),
        top=2,
    )


def tell(notices: ScanNotices, *seqs: int, batch: str = BATCH) -> None:
    for seq in seqs:
        payload = SignalPayload(
            account="main", seq=seq, plan_id=PLANS[seq - 1].plan_id, batch=batch
        )
        assert notices.outbox.put(notice_draft(payload, available_us=2**52))


def stored(notices: ScanNotices) -> list[str]:
    claimed = notices.outbox.claim_notices("tests", limit=100, for_us=1_000_000)
    return [str(notice.payload["kind"]) for notice in claimed]


def update(signal: Signal, event: SignalEvent, **fields: Any) -> SignalUpdate:
    return SignalUpdate(signal=signal, event=event, at_ms=1, **fields)


def test_told_signals_are_read_with_their_verdicts(notices: ScanNotices) -> None:
    tell(notices, 1, 2)
    signals, problems = notices.living()
    assert [signal.decision.plan for signal in signals] == list(PLANS[:2])
    assert problems == ()


def test_a_signal_whose_record_is_gone_is_said_and_stops_no_other(notices: ScanNotices) -> None:
    tell(notices, 1, 2)
    blind = replace(notices, reader=HeldRecords(RECORDS[1]))
    signals, problems = blind.living()
    assert [signal.decision.plan for signal in signals] == [PLANS[1]]
    assert len(problems) == 1


def test_each_turn_is_stored_once(notices: ScanNotices) -> None:
    tell(notices, 1)
    ((signal,), _) = notices.living()
    turns = [update(signal, E.ENTERED), update(signal, E.TARGET_HIT, target=1)]
    assert notices.store_updates(turns) == 2
    assert notices.store_updates([*turns, update(signal, E.TARGET_HIT, target=2)]) == 1
    assert notices.store_updates([update(signal, E.CLOSED, net_r=Decimal(1))]) == 1
    assert notices.living() == ((), ())


def test_a_turn_names_the_verdict_that_was_told_and_no_later_one(notices: ScanNotices) -> None:
    tell(notices, 1, 2)
    ((_, second), _) = notices.living()
    notices.store_updates([update(second, E.MISSED)])
    payloads = notices.told.stored_between("main", 0, 2**62)[1]
    assert [payload["seq"] for payload in payloads] == [2]


def test_of_a_real_trade_only_an_audience_is_told_what_the_ledger_tells(
    notices: ScanNotices, database: Database
) -> None:
    tell(notices, 1)
    ((signal,), _) = notices.living()
    really(database, E.ENTERED)
    notices.store_updates([update(signal, E.ENTERED), update(signal, E.TARGET_HIT, target=1)])
    really(database, E.CLOSED)
    assert notices.living() == ((signal,), ())
    turns = [update(signal, E.TARGET_HIT, target=2), update(signal, E.CLOSED, net_r=Decimal(1))]
    assert notices.store_updates(turns) == 2
    assert notices.living() == ((), ())
    assert for_audience(notices) == {
        E.ENTERED: True,
        (E.TARGET_HIT, 1): False,
        (E.TARGET_HIT, 2): True,
        E.CLOSED: True,
    }


def really(database: Database, event: SignalEvent) -> None:
    """Let the ledger tell of the first plan."""
    key = update_key("main", PLANS[0].plan_id, event, is_actual=True)
    DurableQueue(database, "message").put(key, {"kind": "elsewhere"})


def for_audience(notices: ScanNotices) -> dict[object, bool]:
    """Return which stored turns by the candles are for an audience alone."""
    payloads = notices.told.stored_between("main", 0, 2**62)[1]
    updates = [decode_payload(one) for one in payloads if one["kind"] == "update"]
    return {
        (one.event, one.target) if one.target else one.event: one.is_for_audience
        for one in updates
        if isinstance(one, UpdatePayload)
    }


def test_new_signals_are_summed_up_and_all_are_let_go(notices: ScanNotices) -> None:
    tell(notices, 1, 2)
    tell(notices, 3, batch="another")
    assert stored(notices) == []
    assert notices.close_batch(BATCH, a_report()) == 3  # two signals and the summary
    assert stored(notices) == ["signal", "signal", "summary"]
    assert [payload.seq for payload in notices.new_signals("another")] == [3]


def test_more_signals_than_a_chat_wants_are_in_the_summary_alone(notices: ScanNotices) -> None:
    tell(notices, 1, 2, 3)
    assert notices.close_batch(BATCH, a_report()) == 3
    assert stored(notices) == ["signal", "signal", "summary"]
    assert len(notices.living()[0]) == 3
    assert notices.close_batch(BATCH, a_report()) == 0


def test_what_cannot_be_summed_up_is_told_signal_by_signal(notices: ScanNotices) -> None:
    tell(notices, 1, 2, 3)
    assert notices.outbox.release(BATCH) == 3  # as time does after a scan that was killed
    assert stored(notices) == ["signal"] * 3


def test_a_signal_may_be_told_first_and_stands_in_the_summary_all_the_same(
    notices: ScanNotices,
) -> None:
    tell(notices, 1, 2, 3)
    new = notices.new_signals(BATCH)
    best, second = notices.told_alone(new)
    assert (best.seq, second.seq) == (1, 2)
    assert notices.let_go(best) == 1
    (first,) = notices.outbox.claim_notices("tests", limit=9, for_us=1_000_000)
    assert first.payload["seq"] == 1
    assert notices.outbox.fan_out([first], []) == 0
    assert notices.close_batch(BATCH, a_report(), new) == 2
    told = notices.outbox.claim_notices("tests", limit=9, for_us=1_000_000)
    assert [notice.payload["kind"] for notice in told] == ["signal", "summary"]
    assert told[-1].payload["seqs"] == [1, 2, 3]


def test_a_scan_without_news_is_not_summed_up(notices: ScanNotices) -> None:
    assert notices.close_batch(BATCH, a_report()) == 0
    assert stored(notices) == []


def a_row(**marks: Any) -> AccountRow:
    values: dict[str, Any] = {
        "units": Decimal(100),
        "unit_value": Decimal("1.05"),
        "high": Decimal("1.1"),
        "day": "2024-06-06",
        "day_open": Decimal("1.02"),
        "week": "2024-06-03",
        "week_open": Decimal(1),
        "marked_us": 1,
    }
    return AccountRow(
        account_id="main",
        currency=Currency("USDT"),
        standing=AccountStanding(
            starting_balance=Money(Decimal(100)), marks=EquityMarks(**(values | marks))
        ),
        last_us=1,
        policy_hash="",
        head=ChainHead(account_id="main", seq=0, hash=NO_HASH),
    )


def test_a_digest_adds_up_its_day() -> None:
    signal = Signal(
        decision=an_approval(),
        account_id="main",
        currency=Currency("USDT"),
        instrument=None,
        last_price=Decimal(1),
        judged_ms=1,
    )
    events = [
        update(signal, E.CLOSED, net_r=Decimal("1.5")),
        update(signal, E.CLOSED, net_r=Decimal(-1)),
        update(signal, E.CLOSED, net_r=Decimal(0)),
        update(signal, E.MISSED),
    ]
    held = update(signal, E.CLOSED, net_r=Decimal("0.25"), is_actual=True)
    unknown = replace(held, net_r=None)
    events += [held, unknown, update(signal, E.ENTERED, is_actual=True)]
    digest = digest_of(a_row(), "2024-06-06", told=4, events=events, positions=2)
    assert (digest.trades, digest.trades_net_r) == (2, Decimal("0.25"))
    assert (digest.net_r, digest.hits, digest.told) == (Decimal("0.5"), 1, 4)
    assert digest.events == {E.CLOSED: 3, E.MISSED: 1}
    assert (digest.equity, digest.change) == (Decimal("105.00"), Decimal("3.00"))
    quiet = digest_of(a_row(day="2024-06-07"), "2024-06-06", told=0, events=(), positions=0)
    assert (quiet.net_r, quiet.equity, quiet.change) == (None, None, None)
    assert (quiet.trades, quiet.trades_net_r) == (0, None)
    practised = replace(a_row(), account_id="practice")
    days = (
        digest_of(row, "2024-06-06", told=1, events=(), positions=0) for row in (a_row(), practised)
    )
    assert [day.is_practice for day in days] == [False, True]


def test_yesterday_is_told_once_and_only_where_there_is_something(
    notices: ScanNotices, database: Database
) -> None:
    now_us = database.read(database.now_us)
    store: MemoryDecisionStore = a_memory_store("10000", at_us=now_us)
    tomorrow = RiskPorts(
        account_id="main",
        store=store,
        clock=lambda: now_us + 86_400_000_000,
        policy=a_policy(),
    )
    assert not store_digest(notices, tomorrow)
    tell(notices, 1)
    ((signal,), _) = notices.living()
    notices.store_updates([update(signal, E.MISSED)])
    today = replace(tomorrow, clock=lambda: now_us)
    assert not store_digest(notices, today)
    assert store_digest(notices, tomorrow)
    assert not store_digest(notices, tomorrow)
    new = an_entry(filled="1", opened_us=now_us)
    store.transact("main", lambda unit: unit.save_entry(new))
    assert not store_digest(notices, today)  # opened since midnight: nothing of yesterday
    held = an_entry(entry_id="entry-2", filled="1", opened_us=now_us - 86_400_000_000)
    store.transact("main", lambda unit: unit.save_entry(held))
    assert store_digest(notices, today)


def test_a_signal_that_people_are_asked_about_is_never_left_to_the_summary(
    notices: ScanNotices,
) -> None:
    for seq in (1, 2, 3):
        payload = SignalPayload(
            account="main", seq=seq, plan_id=PLANS[seq - 1].plan_id, batch=BATCH, is_offered=True
        )
        assert notices.outbox.put(notice_draft(payload, available_us=2**52))
    notices.close_batch(BATCH, a_report())
    assert sorted(stored(notices)) == ["signal", "signal", "signal", "summary"]
