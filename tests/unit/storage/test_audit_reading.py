"""Reading the audit on both kinds of database: in pages, by what it says, by number."""

from __future__ import annotations

from typing import Any

import pytest

from snipersight.domain.audit import AuditKind, ChainHead
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.chain import empty_head, seal
from snipersight.risk.audit.query import AuditQuery
from tests.builders.audit_chains import ACCOUNT, AT_US, a_draft
from tests.builders.audit_desks import Desk


def test_pages_are_read_to_the_end(audit_desk: Desk):
    audit_desk.chain.grow(1203)
    seen: list[tuple[int, int]] = []
    report = audit_desk.log.verify(ACCOUNT, progress=lambda done, total: seen.append((done, total)))
    assert (report.records, report.last_seq) == (1203, 1203)
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert seen[-1] == (1203, 1203)
    assert [record.seq for record in audit_desk.log.records(ACCOUNT)] == list(range(1, 1204))
    newest = audit_desk.log.records(ACCOUNT, newest_first=True)
    assert [record.seq for record in newest] == list(range(1203, 0, -1))


def _plan_draft(number: int, symbol: str, verdict: str) -> Any:
    body = {"plan": {"symbol": symbol}, "verdict": verdict, "about": {"symbol": "ETH/USDT"}}
    return a_draft(number, kind=AuditKind.DECISION, **body)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (AuditQuery(kinds=("decision",)), [2, 3, 4]),
        (AuditQuery(symbol="BTC/USDT"), [2, 3]),
        (AuditQuery(symbol="ETH/USDT"), []),
        (AuditQuery(symbol="btc"), [2, 3]),
        (AuditQuery(symbol="Btc/usdt"), [2, 3]),
        (AuditQuery(symbol="tc/usdt"), []),
        (AuditQuery(symbol="عملة"), [4]),
        (AuditQuery(symbol="b%"), []),
        (AuditQuery(actor="NOBODY"), []),
        (AuditQuery(verdict="rejected"), [3, 4]),
        (AuditQuery(subject="s1"), [1]),
        (AuditQuery(since_us=AT_US + 2), [2, 3, 4]),
        (AuditQuery(until_us=AT_US + 2), [1]),
        (AuditQuery(kinds=("decision", "operator"), verdict="approved"), [2]),
    ],
    ids=str,
)
def test_records_are_found_by_what_they_say(audit_desk: Desk, query: AuditQuery, found: list[int]):
    audit_desk.chain.append(
        a_draft(1),
        _plan_draft(2, "BTC/USDT", "approved"),
        _plan_draft(3, "BTC/USDT", "rejected"),
        _plan_draft(4, "عملة/بيتكوين", "rejected"),
    )
    assert [record.seq for record in audit_desk.log.records(ACCOUNT, query)] == found


def test_one_record_is_found_by_its_number(audit_desk: Desk):
    audit_desk.chain.grow(2)
    record = audit_desk.log.record(ACCOUNT, 2)
    assert record is not None
    assert record == seal(a_draft(2), ChainHead(account_id=ACCOUNT, seq=1, hash=record.prev_hash))
    assert audit_desk.log.record(ACCOUNT, 3) is None


def test_an_unknown_account_is_told(audit_desk: Desk):
    with pytest.raises(StateUnavailable, match="no account 'other'"):
        audit_desk.log.verify("other")
    assert audit_desk.log.accounts() == (ACCOUNT,)
    assert audit_desk.log.strays() == ()
    assert audit_desk.log.ends(ACCOUNT).base == empty_head(ACCOUNT)
