"""Approvals of one scan beside the ledger: counted once, and never added up twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import PlanId
from snipersight.risk.exposure.book import Claim, ExposureBook
from snipersight.risk.ledger.session_claims import SessionClaims
from tests.builders.ledger import an_entry

NAMES = ("a", "b", "c", "d")


def an_approval(name: str, pending: str = "10") -> Claim:
    return Claim.of(an_entry(entry_id=name, pending=pending))


def test_the_same_book_comes_back_while_nothing_changed():
    session, entries = SessionClaims(), (an_entry(entry_id="a"),)
    session.add(an_approval("b"))
    book = session.book(entries)
    assert session.book(entries) is book
    session.add(an_approval("c"))
    assert session.book(entries) is not book


def test_an_approval_counts_until_the_session_is_cleared():
    session = SessionClaims()
    session.add(an_approval("a"))
    assert session.book(()).total.risk == 100
    session.clear()
    assert session.book(()).total.risk == 0


def test_a_later_approval_of_a_plan_replaces_its_first():
    session = SessionClaims()
    for pending in ("10", "4"):
        session.add(an_approval("a", pending))
    assert session.book(()).total.risk == 40


def test_a_plan_judged_again_is_left_out_for_itself_alone():
    session = SessionClaims()
    for name in ("a", "b"):
        session.add(an_approval(name))
    assert session.book((), besides=PlanId("plan-a")).total.risk == 100
    assert session.book(()).total.risk == 200


def test_what_the_ledger_holds_counts_once():
    session = SessionClaims()
    session.add(an_approval("a"))
    assert session.book((an_entry(entry_id="a"),)).total.risk == 100


def test_a_dropped_approval_counts_no_longer():
    session = SessionClaims()
    session.add(an_approval("a"))
    session.drop(PlanId("plan-a"))
    assert session.book(()).total.risk == 0


moves = st.lists(
    st.tuples(
        st.sampled_from(("add", "drop", "clear", "reserve", "end", "besides", "ask")),
        st.sampled_from(NAMES),
    ),
    max_size=12,
)


@given(moves)
def test_the_kept_book_is_the_one_added_up_anew(taken):
    session, claims = SessionClaims(), dict[str, Claim]()
    entries: tuple[LedgerEntry, ...] = ()
    for move, name in taken:
        besides = None
        if move == "add":
            session.add(an_approval(name))
            claims.pop(name, None)
            claims[name] = an_approval(name)
        elif move == "drop":
            session.drop(PlanId(f"plan-{name}"))
            claims.pop(name, None)
        elif move == "clear":
            session.clear()
            claims.clear()
        elif move == "reserve":
            entries = (*_others(entries, name), an_entry(entry_id=name, pending="3"))
        elif move == "end":
            entries = _others(entries, name)
        elif move == "besides":
            besides = PlanId(f"plan-{name}")
        live = {entry.setup_id for entry in entries}
        counted = [
            claim
            for claim in claims.values()
            if claim.setup_id not in live and claim.plan_id != besides
        ]
        book = session.book(entries, besides=besides)
        assert book.claims == ExposureBook.of(entries, counted).claims
        assert book.total == ExposureBook.of(entries, counted).total


def _others(entries: tuple[LedgerEntry, ...], name: str) -> tuple[LedgerEntry, ...]:
    return tuple(entry for entry in entries if entry.entry_id != name)


def test_an_empty_session_has_an_empty_book():
    book = SessionClaims().book(())
    assert book.claims == ()
    assert book.total.risk == 0


def test_entries_that_stay_are_not_worked_out_again():
    session, kept = SessionClaims(), an_entry(entry_id="a")
    before = session.book((kept,)).claims[0]
    after = session.book((kept, an_entry(entry_id="b"))).claims[0]
    assert after is before
