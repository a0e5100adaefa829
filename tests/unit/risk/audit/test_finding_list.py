"""Findings as they come in: runs become one, order is the chain's, memory is bounded."""

from __future__ import annotations

import pytest

from snipersight.risk.audit.finding_list import FindingList
from snipersight.risk.audit.findings import Finding, FindingKind

NOT_HASHED = "what is stored is not what was hashed when it was written"


def _told(findings: FindingList) -> list[tuple[str, int, int, str]]:
    kept, dropped = findings.all()
    assert dropped == 0
    return [(one.kind.value, one.first_seq, one.last_seq, one.sentence) for one in kept]


def test_nothing_was_found_where_nothing_was_added():
    assert FindingList().all() == ((), 0)


def test_a_finding_is_kept_as_it_was_added():
    found = FindingList()
    found.add(FindingKind.HEAD, 3, 4, "a sentence")
    finding = Finding(kind=FindingKind.HEAD, first_seq=3, last_seq=4, sentence="a sentence")
    assert found.all() == ((finding,), 0)
    assert found.all() == ((finding,), 0)  # asked again, the same


def test_findings_may_be_asked_for_while_more_come_in():
    found = FindingList()
    found.changed(1)
    assert _told(found) == _told(found) == [("changed", 1, 1, f"record 1: {NOT_HASHED}")]
    found.changed(2)
    assert [one[1:3] for one in _told(found)] == [(1, 1), (2, 2)]


def test_changed_neighbours_are_one_finding():
    found = FindingList()
    for seq in (1, 2, 3, 5, 8, 9):
        found.changed(seq)
    assert _told(found) == [
        ("changed", 1, 3, f"records 1 to 3: {NOT_HASHED}"),
        ("changed", 5, 5, f"record 5: {NOT_HASHED}"),
        ("changed", 8, 9, f"records 8 to 9: {NOT_HASHED}"),
    ]


@pytest.mark.parametrize(
    ("by", "sentence"),
    [
        (
            1,
            (
                "records 4 to 6 stand 1 place behind where they were written: something was inserted "
                "before 4"
            ),
        ),
        (
            3,
            (
                "records 4 to 6 stand 3 places behind where they were written: something was inserted "
                "before 4"
            ),
        ),
        (
            -1,
            (
                "records 4 to 6 stand 1 place ahead of where they were written: something was removed "
                "before 4"
            ),
        ),
        (
            -2,
            (
                "records 4 to 6 stand 2 places ahead of where they were written: something was "
                "removed before 4"
            ),
        ),
    ],
)
def test_neighbours_that_moved_alike_are_one_finding(by, sentence):
    found = FindingList()
    for seq in (4, 5, 6):
        found.moved(seq, by=by)
    assert _told(found) == [("moved", 4, 6, sentence)]


def test_neighbours_that_moved_otherwise_are_findings_of_their_own():
    found = FindingList()
    found.moved(4, by=2)
    found.moved(5, by=-1)
    found.changed(6)
    found.moved(7, by=-1)
    assert _told(found) == [
        ("moved", 4, 4, "record 2 was moved: it stands at 4"),
        ("moved", 5, 5, "record 6 was moved: it stands at 5"),
        ("changed", 6, 6, f"record 6: {NOT_HASHED}"),
        ("moved", 7, 7, "record 8 was moved: it stands at 7"),
    ]


def test_findings_are_told_in_the_order_of_the_chain():
    found = FindingList()
    found.changed(9)
    found.add(FindingKind.MISSING, 4, 7, "later")
    found.add(FindingKind.MISSING, 4, 5, "earlier")
    found.add(FindingKind.BASE, 0, 3, "first")
    assert [(first, last) for _, first, last, _ in _told(found)] == [(0, 3), (4, 5), (4, 7), (9, 9)]


def test_a_thousand_findings_are_kept_and_the_rest_counted():
    found = FindingList()
    for seq in range(1_000):
        found.add(FindingKind.UNLINKED, seq, seq, "")
    assert (len(found.all()[0]), found.all()[1]) == (1_000, 0)
    found.add(FindingKind.UNLINKED, 1, 1, "")
    found.changed(2)
    kept, dropped = found.all()
    assert (len(kept), dropped) == (1_000, 2)
