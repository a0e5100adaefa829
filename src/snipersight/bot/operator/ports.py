"""What the operator asks of the rest: facts, and a place for the attempts of strangers."""

from __future__ import annotations

from typing import Protocol

from snipersight.bot.operator.facts import (
    OrderFacts,
    PositionFacts,
    RiskFacts,
    SignalFacts,
    StatsFacts,
    StatusFacts,
    Stranger,
    Unfound,
    WhyFacts,
)
from snipersight.domain.plan import PlanId


class Answers(Protocol):
    """Looks things up. Methods block, change nothing, and may raise `SniperSightError`."""

    def status(self) -> StatusFacts:
        """Return where everything stands."""
        ...

    def positions(self) -> tuple[PositionFacts, ...]:
        """Return live trades, executed ones first."""
        ...

    def orders(self) -> tuple[OrderFacts, ...]:
        """Return orders of ours that wait, by trade."""
        ...

    def signals(self) -> tuple[SignalFacts, ...]:
        """Return the newest approved plans, newest first, one a setup."""
        ...

    def risk(self) -> RiskFacts:
        """Return losses and budget against their limits."""
        ...

    def stats(self) -> StatsFacts:
        """Return what signals have been worth."""
        ...

    def why(self, name: str) -> WhyFacts | Unfound:
        """Return the newest verdict on a plan.

        Args:
            name: plan id, or its beginning.
        """
        ...

    def plan_id(self, name: str) -> PlanId | Unfound:
        """Return the id of the judged plan that begins so."""
        ...


class StrangerBook(Protocol):
    """Where attempts of strangers are recorded."""

    def record(self, stranger: Stranger) -> None:
        """Add one record to the audit.

        Raises:
            StateUnavailable: it cannot be written.
        """
        ...
