"""The budget of one scan: what it approved beside what the ledger holds.

A scan that only informs reserves nothing, but the plans it approves compete with each other: the
first in rank takes budget from the next, as they would if all were traded.
"""

from __future__ import annotations

from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import PlanId
from snipersight.risk.exposure.book import Claim, ExposureBook


class SessionClaims:
    """Approvals that no ledger entry stands for, in the order they were given."""

    def __init__(self) -> None:
        self._claims: tuple[Claim, ...] = ()
        self._entries: tuple[LedgerEntry, ...] | None = None
        self._counted: tuple[Claim, ...] = ()
        self._book = ExposureBook()

    def clear(self) -> None:
        """Forget every approval: another scan begins."""
        self._claims = ()

    def add(self, claim: Claim) -> None:
        """Count an approval from now on; a later one of the same plan replaces it."""
        self._claims = (*self._others(claim.plan_id), claim)

    def drop(self, plan_id: PlanId) -> None:
        """Count a plan's approval no longer: the ledger holds it now."""
        self._claims = self._others(plan_id)

    def book(
        self, entries: tuple[LedgerEntry, ...], *, besides: PlanId | None = None
    ) -> ExposureBook:
        """Return ledger and approvals added up; the same book as long as neither changed.

        Args:
            entries: the live ones. An approval whose setup is among them was taken since, here or
                by another process, and counts once.
            besides: a plan that is judged again; its own approval does not speak against it.
        """
        live = {entry.setup_id for entry in entries}
        counted = tuple(claim for claim in self._others(besides) if claim.setup_id not in live)
        if entries is not self._entries or counted != self._counted:
            self._book = self._added_up(entries, counted)
            self._entries, self._counted = entries, counted
        return self._book

    def _added_up(
        self, entries: tuple[LedgerEntry, ...], counted: tuple[Claim, ...]
    ) -> ExposureBook:
        known = len(self._counted)
        if entries is self._entries and counted[:known] == self._counted:
            book = self._book
            for claim in counted[known:]:
                book = book.with_claim(claim)
            return book
        return ExposureBook.of(entries, counted, before=self._book)

    def _others(self, plan_id: PlanId | None) -> tuple[Claim, ...]:
        if plan_id is None:
            return self._claims
        return tuple(claim for claim in self._claims if claim.plan_id != plan_id)
