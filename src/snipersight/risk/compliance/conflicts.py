"""What the account already holds or waits for that a plan would contradict or repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.units import Symbol
from snipersight.risk.inputs import Holding

_NO_OPPOSING_POSITION: Final = Check(
    code="opposing_position", passed=True, sentence="no position in the asset faces the other way"
)
_NO_OPPOSING_PLAN: Final = Check(
    code="opposing_plan", passed=True, sentence="no pending plan in the asset faces the other way"
)
_NO_FOREIGN: Final = Check(
    code="foreign_position", passed=True, sentence="no position in the symbol is somebody else's"
)
_NOT_LIVE: Final = Check(
    code="already_live", passed=True, sentence="neither the setup nor the plan is live"
)


def opposing_checks(direction: Direction, holdings: Sequence[Holding]) -> tuple[Check, Check]:
    """Return whether a position, and whether a pending plan, faces the other way.

    Args:
        direction: of the plan.
        holdings: in the plan's underlying, on any venue.
    """
    position = plan = None
    for held in holdings:
        if held.direction is direction:
            continue
        if held.is_open:
            position = position or held
        else:
            plan = plan or held
    return (
        _opposed("opposing_position", direction, position) if position else _NO_OPPOSING_POSITION,
        _opposed("opposing_plan", direction, plan) if plan else _NO_OPPOSING_PLAN,
    )


def _opposed(code: str, direction: Direction, held: Holding) -> Check:
    what = "position" if held.is_open else "pending plan"
    return Check(
        code=code,
        passed=False,
        measured=f"{held.direction} {held.symbol} on {held.venue}",
        sentence=f"a {held.direction} {what} in {held.symbol} on {held.venue} is against "
        f"this {direction}",
    )


def foreign_check(venue: str | None, symbol: Symbol, holdings: Sequence[Holding]) -> Check:
    """Return whether the symbol is free of positions that are not ours; venue None means any.

    A venue nets positions of one symbol: our exits would close a stranger's, and theirs ours.
    """
    for held in holdings:
        is_foreign = held.plan_id is None and held.is_open
        if is_foreign and held.symbol == symbol and venue in (None, held.venue):
            return Check(
                code="foreign_position",
                passed=False,
                measured=f"{held.direction} {symbol} on {held.venue}",
                sentence=f"a {held.direction} position in {symbol} on {held.venue} was not "
                "opened by a plan of ours",
            )
    return _NO_FOREIGN


def live_check(
    setup_id: SetupId | None, plan_id: PlanId | None, holdings: Sequence[Holding]
) -> Check:
    """Return whether neither the setup nor the plan is held already; None is nobody's."""
    for held in holdings:
        same_plan = plan_id is not None and held.plan_id == plan_id
        if same_plan or (setup_id is not None and held.setup_id == setup_id):
            what = f"plan {plan_id}" if same_plan else f"setup {setup_id}"
            how = "open" if held.is_open else "pending"
            return Check(
                code="already_live",
                passed=False,
                measured=held.plan_id,
                sentence=f"{what} is {how} already, in {held.symbol} on {held.venue}",
            )
    return _NOT_LIVE
