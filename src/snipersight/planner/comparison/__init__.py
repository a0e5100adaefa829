"""Sources of plans to compare setups with: entries by lot, and crosses of moving averages."""

from snipersight.planner.comparison.backdrop import Backdrops
from snipersight.planner.comparison.cross_source import CrossPlanSource
from snipersight.planner.comparison.random_source import RandomPlanSource
from snipersight.planner.comparison.shapes import (
    PlanShape,
    ShapeTarget,
    shape_of,
    typical_shapes,
)

__all__ = [
    "Backdrops",
    "CrossPlanSource",
    "PlanShape",
    "RandomPlanSource",
    "ShapeTarget",
    "shape_of",
    "typical_shapes",
]
