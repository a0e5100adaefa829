"""Golden cases: displacements."""

import pytest

from snipersight.analysis.smc.log import FactKind
from tests.unit.analysis.smc.told import LONG, SHORT, tell

BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])

BURST = """
100     100.5   99.5    100      # 0 quiet; ATR is 1
100     102.5   100     102.25   # 1 the move begins
102.25  103.25  101.5   103.25   # 2 low 101.5 above bar 0's high 100.5: a gap
"""


@BOTH
def test_a_fast_move_that_leaves_a_gap_is_a_displacement(direction):
    (found,) = tell(BURST, direction).of(FactKind.DISPLACEMENT)
    # Bodies 2.25 + 1, ranges 2.5 + 1.75: 0.76 body. From 100 to 103.25 in an ATR of 1.
    assert (found.side, found.at, found.known) == (LONG, 1, 2)
    assert (found.low, found.high, found.value) == (100.0, 103.25, 3.25)


@BOTH
def test_a_displacement_that_goes_on_is_told_once(direction):
    more = "103.25 105 103 104.75\n104.75 106.5 104.5 106.25"
    assert len(tell(BURST + more, direction).of(FactKind.DISPLACEMENT)) == 1


@BOTH
@pytest.mark.parametrize(
    ("why", "rules"),
    [
        ("too narrow in ATR", {"displacement_atr": 4.0}),
        ("too little body", {"displacement_body_ratio": 0.8}),
        ("its gap is too narrow", {"min_gap_atr": 1.25}),
        ("too many bars", {"displacement_max_bars": 1}),
    ],
)
def test_a_move_is_no_displacement_if(direction, why, rules):
    assert tell(BURST, direction, **rules).of(FactKind.DISPLACEMENT) == [], why


@BOTH
def test_a_move_that_fills_its_own_gap_is_no_displacement(direction):
    told = tell(
        """
        100     100.5   99.5    100
        100     102     100     102      # 1
        102     102.25  101.5   101.5    # 2 falls: bodies alone do not make it solid
        101.5   103     100.5   103      # 3 back to bar 0's high before it goes on
        """,
        direction,
        displacement_body_ratio=0.4,
        displacement_atr=2.875,  # the first three bars are too narrow
    )
    assert told.of(FactKind.GAP, side=LONG) != []
    assert told.of(FactKind.DISPLACEMENT) == []


@BOTH
def test_a_move_that_begins_anew_from_the_same_low_is_another_displacement(direction):
    anew = """
    103.25  105     99.75   104.75   # 3 back below the first move's low
    104.75  111     104.5   111      # 4 leaves a gap above bar 2
    """
    found = tell(BURST + anew, direction).of(FactKind.DISPLACEMENT)
    assert [(fact.at, fact.known) for fact in found] == [(1, 2), (3, 4)]
