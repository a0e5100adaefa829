"""A setup that passed the gates and still makes no sound plan."""

from __future__ import annotations

from dataclasses import dataclass

from snipersight.domain.decision import Check, Stage, TerminalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """Why there is no plan; falsy, so that `if plan:` reads as it should.

    Args:
        check: the one that was not passed; its code names the reason.
    """

    check: Check

    def __bool__(self) -> bool:
        """Return False: there is no plan."""
        return False

    @property
    def reason(self) -> TerminalReason:
        """Return `declined:<code>`."""
        return TerminalReason(stage=Stage.DECLINED, name=self.check.code)


class NoPlan(Exception):
    """Carries a failed check from a step of the planner to `plan_setup`."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.sentence)
        self.check = check
