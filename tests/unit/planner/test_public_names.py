"""What the planner offers to the layers above."""

import snipersight.planner


def test_the_planner_exports_a_sorted_pinned_list():
    assert snipersight.planner.__all__ == [
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
    assert all(hasattr(snipersight.planner, name) for name in snipersight.planner.__all__)
