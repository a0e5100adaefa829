"""What comparisons offer to the layers above."""

import snipersight.planner.comparison as comparison


def test_the_package_exports_a_sorted_pinned_list():
    assert comparison.__all__ == [
        "Backdrops",
        "CrossPlanSource",
        "PlanShape",
        "RandomPlanSource",
        "ShapeTarget",
        "shape_of",
        "typical_shapes",
    ]
    assert all(hasattr(comparison, name) for name in comparison.__all__)
