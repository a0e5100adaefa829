"""Plan geometry: entry zone, stop, targets, costs, and when an unfilled plan is void."""

from snipersight.planner.costs import Costs
from snipersight.planner.declined import Declined
from snipersight.planner.planner import plan_setup
from snipersight.planner.voids import (
    Bar,
    Entered,
    PlanState,
    Void,
    VoidReason,
    Waiting,
    bars_of,
    follow,
    is_entered,
    is_void,
)

__all__ = [
    "Bar",
    "Costs",
    "Declined",
    "Entered",
    "PlanState",
    "Void",
    "VoidReason",
    "Waiting",
    "bars_of",
    "follow",
    "is_entered",
    "is_void",
    "plan_setup",
]
