"""The history of a plan reads like a trader's own notes, whatever a record lacks."""

from __future__ import annotations

from typing import Any

import pytest

from snipersight.bootstrap.dashboard.history_words import told
from snipersight.domain.audit import AuditKind, AuditRecord

ENTRY = {
    "entry_price": "0.10234",
    "stop_price": "0.10349",
    "open_size": "39896",
    "pending_size": "39895",
    "realised": "103.5434",
}
ORDER = {"leg": "E", "index": 0, "size": "39896", "filled": "0", "problem": ""}


def words(kind: AuditKind, body: dict[str, Any]) -> str:
    record = AuditRecord(
        account_id="main",
        seq=1,
        at_us=1,
        kind=kind.value,
        subject="plan",
        actor="executor",
        body="{}",
        prev_hash="",
        hash="",
    )
    return told(record, body)


@pytest.mark.parametrize(
    ("kind", "body", "sentence"),
    [
        (
            AuditKind.ORDER,
            ORDER | {"event": "journaled", "request": {"price": "0.10234"}},
            "Entry 1 ordered: 39,896 at 0.10234",
        ),
        (
            AuditKind.ORDER,
            ORDER | {"event": "journaled", "leg": "X", "request": {"kind": "market"}},
            "Close ordered: 39,896 at market",
        ),
        (
            AuditKind.ORDER,
            ORDER | {"leg": "T", "index": 1, "event": "cancelled", "problem": "too late"},
            "Target 2 cancelled, 0 of 39,896 filled: too late",
        ),
        (
            AuditKind.FILLED,
            {"entry": ENTRY, "size": "39896", "price": "0.10234"},
            "Filled: 39,896 at 0.10234; 39,896 held, 39,895 still to be filled",
        ),
        (AuditKind.REDUCED, {"entry": ENTRY}, "Partly closed: 39,896 held, +103.54 so far"),
        (AuditKind.CLOSED, {"entry": ENTRY}, "Closed, +103.54"),
        (AuditKind.STOP_MOVED, {"entry": ENTRY}, "Stop moved to 0.10349"),
        (
            AuditKind.STOP_MOVED,
            {"entry": ENTRY, "is_covered": False},
            "Not all of it has a stop",
        ),
        (
            AuditKind.RESERVED,
            {"entry": ENTRY},
            "Budget taken for 39,895 at 0.10234, stop 0.10349",
        ),
        (
            AuditKind.DECISION,
            {"verdict": "rejected", "codes": ["already_live"]},
            "Refused: already live",
        ),
        (AuditKind.OPERATOR, {"command": "approve", "reason": "sent."}, "Approve: sent."),
        (AuditKind.OPERATOR, {"command": "approve"}, "Said: approve"),
    ],
)
def test_a_record_is_told_in_words(kind, body, sentence):
    assert words(kind, body) == sentence


@pytest.mark.parametrize("kind", list(AuditKind))
def test_a_record_that_lacks_everything_is_told_all_the_same(kind):
    words(kind, {})
