"""Where a chain begins: behind what was archived, if a record or the caller answers for it."""

from __future__ import annotations

import pytest

from snipersight.domain.audit import AuditKind, AuditRecord, ChainHead
from snipersight.risk.audit.chain import NO_HASH
from snipersight.risk.audit.findings import PrunedRecord
from tests.builders.sealed_chains import (
    ACCOUNT,
    CHAIN,
    HEAD,
    OTHER_HASH,
    a_chain,
    chained,
    head_of,
    resealed,
    told,
    verified,
)

BASE = head_of(CHAIN[:3])
BEHIND = CHAIN[3:]
ARCHIVED_AWAY = "records up to 3 are gone, and no record tells that they were archived"


def _pruned(body: dict[str, object]) -> list[AuditRecord]:
    kinds = [AuditKind.OPERATOR, AuditKind.PRUNED, AuditKind.OPERATOR]
    return chained(kinds, base=BASE, pruned=body)


def test_a_chain_may_begin_behind_what_was_archived_if_a_record_tells_so():
    chain = _pruned({"base_seq": 3, "base_hash": BASE.hash})
    report = verified(chain, head=head_of(chain), base=BASE)
    assert report
    assert (report.records, report.first_seq, report.last_seq) == (3, 4, 6)


def test_the_caller_may_answer_for_where_a_chain_begins():
    assert verified(BEHIND, head=HEAD, base=BASE, is_base_known=True)


def test_a_report_tells_its_beginning_and_what_records_tell_of_it():
    archive = {"base_seq": 3, "base_hash": BASE.hash, "archive": "main-3.jsonl"}
    kinds = [AuditKind.OPERATOR, AuditKind.PRUNED, AuditKind.OPERATOR]
    chain = chained(kinds, base=BASE, pruned=archive, operator={"command": "head_missing"})
    report = verified(chain, head=head_of(chain), base=BASE)
    assert report.base == BASE
    assert report.pruned == (
        PrunedRecord(seq=5, base_seq=3, base_hash=BASE.hash, archive="main-3.jsonl"),
    )
    assert [note.split(":")[0] for note in report.notes] == [
        f"record {seq} tells that the head kept outside the database was missing" for seq in (4, 6)
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"base_seq": 2, "base_hash": BASE.hash},
        {"base_seq": 3, "base_hash": OTHER_HASH},
    ],
)
def test_a_chain_whose_beginning_nobody_tells_of_lacks_it(body):
    chain = _pruned(body)
    report = verified(chain, head=head_of(chain), base=BASE)
    assert told(report) == [("base", 1, 3, ARCHIVED_AWAY)]


@pytest.mark.parametrize("body", ["[]", "{", "null"])
def test_a_body_that_is_none_tells_of_no_beginning(body):
    record = resealed(_pruned({})[0], kind="pruned", body=body)
    report = verified([record], head=head_of([record]), base=BASE)
    assert told(report) == [("base", 1, 3, ARCHIVED_AWAY)]


def test_only_a_record_of_pruning_tells_of_the_beginning():
    chain = chained([AuditKind.FLOW], base=BASE, flow={"base_seq": 3, "base_hash": BASE.hash})
    report = verified(chain, head=head_of(chain), base=BASE)
    assert told(report) == [("base", 1, 3, ARCHIVED_AWAY)]


def test_a_chain_that_was_emptied_by_archiving_ends_where_it_begins():
    report = verified([], head=BASE, base=BASE, is_base_known=True)
    assert report
    assert (report.first_seq, report.last_seq) == (0, 0)


def test_a_record_before_the_beginning_was_inserted():
    report = verified([CHAIN[1], *BEHIND], head=HEAD, base=BASE, is_base_known=True)
    assert told(report) == [
        ("inserted", 2, 2, "record 2 stands before the chain's beginning, 4"),
    ]


def test_an_empty_chain_begins_with_64_zeros():
    assert NO_HASH == "0" * 64
    base = ChainHead(account_id=ACCOUNT, seq=0, hash=OTHER_HASH)
    chain = a_chain(2, base=base)
    assert told(verified(chain, head=head_of(chain), base=base)) == [
        ("base", 0, 0, "the account's row names another beginning than an empty chain has"),
    ]
