"""How the analysis words its numbers."""

import pytest

from snipersight.analysis.wording import place_text
from snipersight.domain.direction import Direction


@pytest.mark.parametrize(
    ("depth", "direction", "text"),
    [
        (0.33, Direction.LONG, "33% from the low"),
        (0.09, Direction.SHORT, "9% from the high"),
        (-0.45, Direction.SHORT, "45% beyond the high"),
        (-0.02, Direction.LONG, "2% beyond the low"),
        (0.0, Direction.LONG, "0% from the low"),
    ],
)
def test_a_place_is_told_from_the_favourable_extreme(depth, direction, text):
    assert place_text(depth, direction) == text
