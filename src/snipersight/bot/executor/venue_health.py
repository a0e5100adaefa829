"""Whether a venue takes orders from us, and what is said of its errors."""

from __future__ import annotations

from typing import Final

from snipersight.bot.executor.actions import Alarm
from snipersight.domain.errors import VenueStopped
from snipersight.domain.venue import Answer, Problem, ProblemClass

_AGAIN_US: Final = 900_000_000


class VenueHealth:
    """Remembers that a venue refused us as a whole, until it takes something again.

    Args:
        name: of the venue.
    """

    def __init__(self, name: str) -> None:
        self._name: Final = name
        self._stopped_us: int | None = None
        self._why = ""
        self._is_by_request = False
        self._blocked = ""

    @property
    def is_stopped(self) -> bool:
        """Return whether nothing may be entered: the venue refuses us, or the account is blocked."""
        return self._stopped_us is not None or bool(self._blocked)

    @property
    def why(self) -> str:
        """Return why nothing may be entered; empty if it may."""
        return self._why or self._blocked

    def block(self, why: str) -> None:
        """Let nothing be entered for a reason of the account; an empty reason lifts that."""
        self._blocked = why

    def note(self, answer: Answer, *, at_us: int) -> tuple[Alarm, ...]:
        """Take note of an answer, and return what a person should know of it."""
        problem = answer.problem
        if problem is None:
            self._stopped_us, self._why = None, ""
            return ()
        told = () if problem.is_mapped else (self._unmapped(problem),)
        if problem.kind is not ProblemClass.STOP:
            return told
        self._is_by_request = True
        return (*told, *self._stop(f"{problem.code} {problem.text}".strip(), at_us))

    def note_refusal(self, error: VenueStopped, *, at_us: int) -> tuple[Alarm, ...]:
        """Take note of a question that was refused for good."""
        self._is_by_request = self._is_by_request and self._stopped_us is not None
        return self._stop(str(error), at_us)

    def note_well(self, *, at_us: int) -> None:
        """Take note that the venue answers questions.

        A key that may not trade may ask: after a refused request that lets entries be tried again
        only a quarter of an hour later.
        """
        since_us = self._stopped_us
        if since_us is None or (self._is_by_request and at_us < since_us + _AGAIN_US):
            return
        self._stopped_us, self._why = None, ""

    def _stop(self, why: str, at_us: int) -> tuple[Alarm, ...]:
        if self._stopped_us is None:
            self._stopped_us = at_us
        self._why = why
        text = (
            f"{self._name} refuses us: {why}. Entries are blocked; exits and cancels are tried on. "
            "Check keys, permissions and limits at the venue, then `snipersight doctor`."
        )
        return (Alarm(subject=f"venue_stopped:{self._name}:{self._stopped_us}", text=text),)

    def _unmapped(self, problem: Problem) -> Alarm:
        text = (
            f"{self._name} answered code {problem.code or 'none'}: {problem.text}. It is not known "
            "what that means; the order counts as unknown and is looked up."
        )
        return Alarm(subject=f"unmapped_error:{self._name}:{problem.code}", text=text)
