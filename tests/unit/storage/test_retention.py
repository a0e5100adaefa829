"""Retention on both kinds of database: what goes, what stays, and why."""

import dataclasses
import json
import stat
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table, func, select, update

from snipersight.domain.audit import AuditKind
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import IntentState, TradeId, TradeState
from snipersight.domain.ledger import EntryState
from snipersight.domain.outbox import DeliveryDraft
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency
from snipersight.storage.audit_archive import verify_archive
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.audit_pruning import prune_audit
from snipersight.storage.database import Database
from snipersight.storage.key_value import KeyValueStore
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.queue import DurableQueue
from snipersight.storage.retention import RetentionLimits, prune
from snipersight.storage.schema import (
    AUDIT,
    CHECKPOINT,
    FILL,
    FUNDING,
    INTENT,
    KEY_VALUE,
    LEDGER,
    QUEUE,
    SEND_ATTEMPT,
    SENT_MESSAGE,
    TRADE,
)
from snipersight.storage.signing import SignatureCheck
from tests.builders.ledger import an_entry
from tests.builders.pruning_desks import DAY_US, Desk, RacingDatabase
from tests.builders.trades import a_booked_fill, a_payment, a_trade, an_intent


@pytest.fixture
def desk(database, tmp_path):
    return Desk(database, tmp_path)


def count(database: Database, table: Table) -> int:
    return database.read(
        lambda it: it.execute(select(func.count()).select_from(table)).scalar_one()
    )


def test_old_records_go_to_a_file_and_the_rest_still_verifies(desk):
    desk.append(5, days_old=200)
    desk.sign()
    desk.append(3, days_old=1)
    desk.sign()
    report = desk.prune()
    (audit,) = report.audits
    assert (audit.old_records, audit.records, audit.kept_because) == (5, 5, "")
    assert desk.seqs() == [6, 7, 8, 9]
    told = AuditLog(desk.database).record("main", 9)
    assert told is not None
    assert told.kind == "pruned"
    assert json.loads(told.body) == {
        "archive": audit.archive.name,
        "base_hash": AuditLog(desk.database).ends("main").base.hash,
        "base_seq": 5,
        "first_seq": 1,
        "records": 5,
    }
    assert abs(told.at_us - desk.now_us) < 60_000_000
    signed = select(CHECKPOINT.c.seq).order_by(CHECKPOINT.c.seq)
    assert desk.database.read(lambda it: list(it.scalars(signed))) == [5, 8]
    desk.sign()
    found = desk.verify()
    assert found, found.findings
    assert found.not_excluded == ()


def test_the_archive_holds_the_records_for_its_owner_alone_and_verifies_by_itself(desk):
    desk.append(2, days_old=200)
    desk.sign()
    before = list(AuditLog(desk.database).records("main"))
    (audit,) = desk.prune().audits
    assert audit.archive == desk.folder / "archive" / "audit-main-1-2.jsonl"
    assert stat.S_IMODE(audit.archive.stat().st_mode) == 0o600
    assert stat.S_IMODE(audit.archive.parent.stat().st_mode) == 0o700
    _header, *lines = audit.archive.read_text().splitlines()
    held = [json.loads(line) for line in lines]
    assert held == [
        {
            name: str(value) if name == "at_us" else value
            for name, value in dataclasses.asdict(record).items()
            if name != "account_id"
        }
        for record in before
    ]
    check = SignatureCheck(account_id="main", trusted=(desk.signer.key_id,))
    found = verify_archive(audit.archive, check=check)
    assert found
    assert (found.records, found.signed_seq) == (2, 2)
    assert verify_archive(audit.archive)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"of\\":200', '"of\\":201'), ('"seq":2', '"seq":3'), ('"base_seq":0', '"base_seq":1')],
)
def test_a_changed_archive_does_not_verify(desk, old, new):
    desk.append(2, days_old=200)
    desk.sign()
    (audit,) = desk.prune().audits
    held = audit.archive.read_text()
    assert old in held
    audit.archive.write_text(held.replace(old, new))
    assert not verify_archive(audit.archive)


@pytest.mark.parametrize("content", ["", "{}", "[]", "no json\n", '{"format":2}'])
def test_another_file_is_no_archive(tmp_path, content):
    (tmp_path / "x.jsonl").write_text(content)
    with pytest.raises(StateUnavailable, match="no archive"):
        verify_archive(tmp_path / "x.jsonl")


def test_nothing_goes_beyond_the_last_signed_checkpoint(desk):
    desk.append(4, days_old=300)
    desk.sign()
    desk.append(2, days_old=200)
    (audit,) = desk.prune().audits
    assert (audit.old_records, audit.records) == (6, 4)
    assert "record 4 is the last old one" in audit.kept_because
    assert desk.seqs() == [5, 6, 7]


def test_a_checkpoint_of_younger_records_does_not_count(desk):
    desk.append(4, days_old=300)
    desk.append(1, days_old=1)
    desk.sign()
    (audit,) = desk.prune().audits
    assert (audit.old_records, audit.records) == (4, 0)
    assert audit.kept_because == "no old record has a checkpoint signed with a trusted key"
    assert desk.seqs() == [1, 2, 3, 4, 5]


def test_without_a_trusted_key_nothing_goes(desk):
    desk.append(2, days_old=200)
    desk.sign()
    for trusted, reason in (((), "no key is known"), (("00" * 32,), "signed with a trusted key")):
        (audit,) = desk.prune(trusted=trusted).audits
        assert audit.records == 0
        assert reason in audit.kept_because
    assert desk.seqs() == [1, 2]
    assert not (desk.folder / "archive").exists()


def test_a_forged_checkpoint_lets_nothing_go(desk):
    desk.append(2, days_old=200)
    desk.sign()
    desk.database.write(lambda it: it.execute(update(CHECKPOINT).values(signature="ab" * 64)))
    assert desk.prune().audits[0].records == 0
    assert desk.seqs() == [1, 2]


def test_a_chain_that_does_not_verify_stays_as_evidence(desk):
    desk.append(3, days_old=200)
    desk.sign()
    changed = update(AUDIT).where(AUDIT.c.seq == 2).values(actor="somebody")
    desk.database.write(lambda it: it.execute(changed))
    (audit,) = desk.prune().audits
    assert audit.records == 0
    assert "the audit does not verify: record 2" in audit.kept_because
    assert desk.seqs() == [1, 2, 3]
    assert list((desk.folder / "archive").iterdir()) == []


def test_young_records_stay_and_nothing_is_said_of_them(desk):
    desk.append(3, days_old=99)
    desk.sign()
    (audit,) = desk.prune().audits
    assert (audit.old_records, audit.records, audit.kept_because) == (0, 0, "")
    assert desk.seqs() == [1, 2, 3]


def test_pruning_again_goes_on_where_it_ended(desk):
    desk.append(2, days_old=300)
    desk.sign()
    desk.prune()
    desk.sign()
    assert desk.prune().audits[0].old_records == 0
    # As if a hundred days had passed.
    (again,) = prune(
        desk.database,
        RetentionLimits(audit_days=-1, queue_days=10),
        archives=desk.folder / "archive",
        trusted=(desk.signer.key_id,),
    ).audits
    assert again.archive is not None
    assert again.archive.name == "audit-main-3-3.jsonl"
    assert verify_archive(again.archive)
    desk.sign()
    assert desk.verify()


def test_the_policy_that_later_decisions_were_judged_by_is_told_again(desk):
    desk.append(1, days_old=300, kind=AuditKind.POLICY)
    desk.append(1, days_old=200, kind=AuditKind.POLICY)
    desk.append(1, days_old=200)
    desk.sign()
    desk.append(1, days_old=1)
    log = AuditLog(desk.database)
    policy = log.record("main", 2)
    assert policy is not None
    desk.prune()
    again = [record for record in log.records("main") if record.kind == "policy"]
    assert [record.subject for record in again] == ["policy-200"]
    assert again[0].body == policy.body
    desk.sign()
    desk.append(1, days_old=-1, kind=AuditKind.POLICY)
    assert desk.verify()


def test_a_policy_that_stands_behind_the_cut_too_is_not_told_again(desk):
    desk.append(1, days_old=200, kind=AuditKind.POLICY)
    desk.sign()
    desk.append(1, days_old=1, kind=AuditKind.POLICY)
    desk.database.write(
        lambda it: it.execute(update(AUDIT).where(AUDIT.c.seq == 2).values(subject="policy-200"))
    )
    desk.prune()
    kinds = desk.database.read(lambda it: list(it.scalars(select(AUDIT.c.kind))))
    assert sorted(kinds) == ["policy", "pruned"]


def test_the_record_of_it_is_never_older_than_the_one_before(desk):
    desk.append(1, days_old=200)
    desk.sign()
    desk.append(1, days_old=-7)  # written by a clock that ran ahead
    desk.prune()
    times = desk.database.read(lambda it: list(it.scalars(select(AUDIT.c.at_us))))
    assert times == [desk.now_us + 7 * DAY_US] * 2


def test_of_two_that_prune_at_once_one_gives_way(desk):
    desk.append(2, days_old=200)
    desk.sign()
    ports = {"archives": desk.folder / "archive", "trusted": (desk.signer.key_id,)}
    values = {"before_us": desk.now_us, "now_us": desk.now_us, "actor": "cli", "dry_run": False}
    racing: Any = RacingDatabase(desk.database, desk.prune)
    with pytest.raises(StateUnavailable, match="another process has pruned"):
        prune_audit(racing, **ports, **values)
    assert desk.seqs() == [3]
    assert len(list((desk.folder / "archive").iterdir())) == 2


def test_every_account_is_pruned_by_itself(desk):
    desk.store.create_account("de/sk", Currency("USDT"), Decimal(1), at_us=1)
    desk.append(1, days_old=200)
    desk.sign()
    audits = desk.prune().audits
    assert [(audit.account_id, audit.records) for audit in audits] == [("de/sk", 0), ("main", 1)]


def test_a_file_of_the_same_range_is_not_replaced(desk):
    desk.append(1, days_old=200)
    desk.sign()
    (desk.folder / "archive").mkdir(mode=0o700)
    left = desk.folder / "archive" / "audit-main-1-1.jsonl"
    left.write_text("from before a crash")
    (audit,) = desk.prune().audits
    assert audit.archive.name == "audit-main-1-1-2.jsonl"
    assert left.read_text() == "from before a crash"


def test_an_archive_that_cannot_be_written_prunes_nothing(desk):
    desk.append(1, days_old=200)
    desk.sign()
    (desk.folder / "archive").write_text("a file is in the way")
    with pytest.raises(StateUnavailable):
        desk.prune()
    assert desk.seqs() == [1]


def test_delivered_and_given_up_items_go_by_the_day_they_were_finished(desk):
    queue = DurableQueue(desk.database, "message")
    for key in ("done-old", "dead-old", "done-young", "pending-old", "claimed-old"):
        queue.put(key, {})
    items = {item.key: item for item in queue.claim("a", limit=5, for_us=DAY_US)}
    queue.acknowledge(items["done-old"])
    queue.bury(items["dead-old"], error="x")
    queue.acknowledge(items["done-young"])
    queue.retry(items["pending-old"], at_us=0, error="x")
    aged = update(QUEUE).where(QUEUE.c.key.like("%-old"))
    old_us = desk.now_us - 11 * DAY_US
    desk.database.write(lambda it: it.execute(aged.values(available_us=old_us)))
    desk.database.write(lambda it: it.execute(update(QUEUE).values(created_us=old_us)))
    assert desk.prune(dry_run=True).queue_items == 2
    assert desk.prune().queue_items == 2
    keys = desk.database.read(lambda it: sorted(it.scalars(select(QUEUE.c.key))))
    assert keys == ["claimed-old", "done-young", "pending-old"]


def test_attempts_and_first_messages_go_with_the_age_of_the_queue(desk):
    outbox = SqlOutbox(desk.database)
    draft = DeliveryDraft(key="1", channel="telegram", address="7", body={}, thread="t")
    outbox.fan_out([], [draft, replace(draft, key="2", address="8", thread="u")])
    for held in outbox.claim_deliveries("a", limit=2, for_us=DAY_US):
        outbox.delivered(held, message_id="5")
    assert (desk.prune().send_attempts, desk.prune().sent_messages) == (0, 0)
    old_us = desk.now_us - 11 * DAY_US
    for table in (SEND_ATTEMPT, SENT_MESSAGE):
        aged = update(table).where(table.c.address == "7").values(at_us=old_us)
        desk.database.write(lambda it, aged=aged: it.execute(aged))
    dry = desk.prune(dry_run=True)
    assert (dry.send_attempts, dry.sent_messages) == (1, 1)
    desk.prune()
    for table in (SEND_ATTEMPT, SENT_MESSAGE):
        left = desk.database.read(lambda it, table=table: list(it.scalars(select(table.c.address))))
        assert left == ["8"]


def test_keys_go_a_day_after_their_end(desk):
    store = KeyValueStore(desk.database)
    for key in ("long-over", "just-over", "running", "for-good"):
        store.put(key, "x", ttl_us=None if key == "for-good" else DAY_US)
    for key, days in (("long-over", 2), ("just-over", 0)):
        ended = update(KEY_VALUE).where(KEY_VALUE.c.key == key)
        at_us = desk.now_us - days * DAY_US
        desk.database.write(
            lambda it, ended=ended, at=at_us: it.execute(ended.values(expires_us=at))
        )
    assert desk.prune().expired_keys == 1
    assert count(desk.database, KEY_VALUE) == 3


def test_ended_ledger_entries_go_with_the_age_of_the_audit(desk):
    for name, days, state in (
        ("old", 101, EntryState.EXPIRED),
        ("young", 99, EntryState.EXPIRED),
        ("live", 0, EntryState.RESERVED),
    ):
        ended_us = None if state.is_live else desk.now_us - days * DAY_US
        pending = "10" if state.is_live else "0"
        entry = an_entry(
            entry_id=name, state=state, pending=pending, ended_us=ended_us, setup_id=None
        )
        desk.store.transact("main", lambda unit, entry=entry: unit.save_entry(entry))
    assert desk.prune().ledger_entries == 1
    names = desk.database.read(lambda it: sorted(it.scalars(select(LEDGER.c.entry_id))))
    assert names == ["live", "young"]


def test_a_dry_run_says_the_same_and_changes_nothing(desk):
    desk.append(5, days_old=200)
    desk.sign()
    commits = desk.database.commits
    dry = desk.prune(dry_run=True)
    assert desk.database.commits == commits
    assert not (desk.folder / "archive").exists()
    (audit,) = desk.prune().audits
    assert dry.is_dry_run
    assert dry.audits == (dataclasses.replace(audit, archive=None),)


def test_trades_go_whole_with_the_age_of_the_audit(desk):
    for number, (days, state, order) in enumerate(
        (
            (101, TradeState.DONE, IntentState.FILLED),
            (101, TradeState.DONE, IntentState.UNKNOWN),
            (99, TradeState.DONE, IntentState.FILLED),
            (0, TradeState.OPEN, IntentState.FILLED),
        )
    ):
        save_trade(desk, f"t{number}", state, order, ended_us=desk.now_us - days * DAY_US)
    assert desk.prune(dry_run=True).trades == 1
    assert desk.prune().trades == 1
    for table in (TRADE, INTENT, FILL, FUNDING):
        ids = desk.database.read(lambda it, table=table: set(it.scalars(select(table.c.trade_id))))
        assert ids == {"t1", "t2", "t3"}


def save_trade(
    desk: Desk, trade_id: str, state: TradeState, order: IntentState, *, ended_us: int
) -> None:
    """Store a trade with an order, a fill and a funding payment."""

    def work(unit: UnitOfWork) -> None:
        trade = a_trade(trade_id, f"{trade_id.upper()}/USDT:USDT", state=state)
        ended = replace(trade, ended_us=None if state.is_live else ended_us)
        unit.book.save_trade(ended)
        unit.book.save_intent(an_intent(f"ss-{trade_id}", trade_id, state=order))
        unit.book.book_fill(a_booked_fill(trade_id, trade_id=trade_id))
        unit.book.book_funding(TradeId(trade_id), a_payment(trade_id))

    desk.store.transact("main", work)
