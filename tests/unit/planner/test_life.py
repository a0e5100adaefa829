"""What becomes of a told plan by the candles alone; a golden table and three laws."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.notices import SignalEvent
from snipersight.domain.plan import TradePlan
from snipersight.planner.life import Life, LifeEvent, life_of, live
from snipersight.planner.voids import Bar
from tests.builders import DECIDED_AT_MS, a_plan

BAR_MS = 900_000
SIDES = pytest.mark.parametrize("side", Direction)
E = SignalEvent


def bar(
    side: Direction,
    opened: str,
    worst: str,
    best: str,
    close: str,
    *,
    number: int = 1,
    shift: Direction | None = None,
) -> Bar:
    """Return a bar from offsets to the near edge, in the trade's favour: mirrors share a table."""
    prices = [42250 + side.sign * Decimal(each) for each in (opened, worst, best, close)]
    return Bar(
        open=prices[0],
        high=max(prices[1:3]),
        low=min(prices[1:3]),
        close=prices[3],
        closed_at_ms=DECIDED_AT_MS + number * BAR_MS,
        shift=shift,
    )


def life_since(plan: TradePlan, bars: list[Bar]) -> list[LifeEvent]:
    """Return the life of a plan that was told at its decision."""
    return list(life_of(plan, bars, told_ms=DECIDED_AT_MS, last_price=plan.last_price))


def turns(side: Direction, *rows: tuple[str, str, str, str]) -> list[LifeEvent]:
    bars = [bar(side, *row, number=number) for number, row in enumerate(rows, start=1)]
    return life_since(a_plan(side), bars)


def told(events: list[LifeEvent]) -> list[tuple[str, Decimal | None]]:
    return [
        (event.event.value, None if event.net_r is None else round(event.net_r, 3))
        for event in events
    ]


# Loss per unit: 500 to the stop and 37.7 of costs = 537.7 = 1R. Targets at 750, 1400 and 2100:
# (750 − 37.7) / 537.7 = 1.3247R for half, 2.5336R for 0.3, 3.8354R for 0.2.
ENTRY = ("200", "-10", "210", "50")
QUIET = ("100", "50", "200", "125")  # closes half an ATR before the zone


@SIDES
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([QUIET], [("approaching", None)]),
        ([("300", "126", "310", "200")], []),
        ([ENTRY], [("entered", Decimal(0))]),
        ([("300", "200", "750", "700")], [("missed", None)]),
        (
            [ENTRY, ("50", "-500", "60", "-400")],
            [("entered", Decimal(0)), ("closed", Decimal(-1))],
        ),
        (
            [("200", "-500", "800", "50")],  # the entry's own bar: the stop counts, targets do not
            [("entered", Decimal(0)), ("closed", Decimal(-1))],
        ),
        ([("200", "-10", "800", "700")], [("entered", Decimal(0))]),
        (
            [ENTRY, ("50", "40", "760", "700")],
            [("entered", Decimal(0)), ("target_hit", Decimal("0.662"))],
        ),
        (
            [ENTRY, ("50", "40", "760", "700"), ("700", "-510", "700", "-500")],
            [
                ("entered", Decimal(0)),
                ("target_hit", Decimal("0.662")),
                ("closed", Decimal("0.162")),
            ],
        ),
        (
            [ENTRY, ("50", "-500", "760", "700")],  # stop and target on one bar: the stop
            [("entered", Decimal(0)), ("closed", Decimal(-1))],
        ),
        (
            [ENTRY, ("-700", "-800", "-600", "-650")],  # opens 200 beyond the stop: 737.7 / 537.7
            [("entered", Decimal(0)), ("closed", Decimal("-1.372"))],
        ),
        (
            [ENTRY, ("50", "40", "2200", "2150")],
            [
                ("entered", Decimal(0)),
                ("target_hit", Decimal("0.662")),
                ("target_hit", Decimal("1.422")),
                ("target_hit", Decimal("2.190")),
                ("closed", Decimal("2.190")),
            ],
        ),
    ],
)
def test_the_golden_table_holds_on_both_sides(side, rows, expected):
    assert told(turns(side, *rows)) == expected


@SIDES
def test_an_unentered_plan_expires_and_is_invalidated_by_a_shift(side):
    plan = a_plan(side, valid_until=a_plan(side).created_at + timedelta(minutes=15))
    far = ("300", "200", "310", "250")
    events = life_since(plan, [bar(side, *far, number=1), bar(side, *far, number=2)])
    assert [event.event for event in events] == [E.EXPIRED]
    shifted = life_since(a_plan(side), [bar(side, *far, shift=side.opposite)])
    assert [event.event for event in shifted] == [E.INVALIDATED]
    assert "Structure" in shifted[0].detail


@SIDES
def test_neither_expiry_nor_a_shift_ends_a_trade(side):
    plan = a_plan(side, valid_until=a_plan(side).created_at + timedelta(minutes=15))
    bars = [
        bar(side, *ENTRY, number=1),
        bar(side, *QUIET, number=2, shift=side.opposite),
        bar(side, *QUIET, number=90),
    ]
    assert [event.event for event in life_since(plan, bars)] == [E.ENTERED]


def test_a_plan_made_beside_its_zone_is_not_told_to_approach():
    plan = a_plan(last_price=Decimal(42300))
    assert life_since(plan, [bar(Direction.LONG, *QUIET)]) == []


def test_what_happened_before_a_signal_was_told_is_nobodys_trade():
    plan = a_plan()
    bars = [
        bar(Direction.LONG, *ENTRY, number=1),
        bar(Direction.LONG, *QUIET, number=2),
        bar(Direction.LONG, *ENTRY, number=3),
    ]
    told_ms = bars[1].closed_at_ms
    events = list(life_of(plan, bars, told_ms=told_ms, last_price=plan.last_price))
    assert [(each.event, each.at_ms) for each in events] == [(E.ENTERED, bars[2].closed_at_ms)]
    assert life_since(plan, [bar(Direction.LONG, *ENTRY, number=0)]) == []


OFFSETS = st.integers(min_value=-900, max_value=2400)
ROWS = st.lists(st.tuples(OFFSETS, OFFSETS, OFFSETS, OFFSETS), min_size=1, max_size=12)


def drawn_bars(side: Direction, rows: list[tuple[int, int, int, int]]) -> list[Bar]:
    bars = []
    for number, row in enumerate(rows, start=1):
        opened, one, other, close = row
        worst, best = min(row), max(one, other, opened, close)
        bars.append(
            bar(side, str(opened), str(worst), str(best), str(close), number=number),
        )
    return bars


@given(rows=ROWS, cut=st.integers(min_value=0, max_value=12), side=st.sampled_from(Direction))
def test_later_bars_only_add_to_what_was_told(rows, cut, side):
    plan, bars = a_plan(side), drawn_bars(side, rows)
    whole = life_since(plan, bars)
    early = life_since(plan, bars[:cut])
    assert whole[: len(early)] == early
    known_ms = bars[cut - 1].closed_at_ms if 0 < cut <= len(bars) else None
    if known_ms is not None:
        assert [event for event in whole if event.at_ms <= known_ms] == early


@given(rows=ROWS)
def test_mirrored_prices_lead_the_same_life(rows):
    long, short = (told(life_since(a_plan(side), drawn_bars(side, rows))) for side in Direction)
    assert long == short


@given(rows=ROWS, side=st.sampled_from(Direction))
def test_every_turn_is_told_once_and_nothing_after_the_end(rows, side):
    events = life_since(a_plan(side), drawn_bars(side, rows))
    keys = [(event.event, event.target) for event in events]
    assert len(set(keys)) == len(keys)
    ends = [index for index, event in enumerate(events) if event.event.is_end]
    assert ends in ([], [len(events) - 1])
    if any(event.event is E.CLOSED for event in events):
        assert keys[0][0] in (E.APPROACHING, E.ENTERED)


@given(rows=ROWS, side=st.sampled_from(Direction))
def test_bar_by_bar_and_in_one_go_are_the_same(rows, side):
    plan, bars = a_plan(side), drawn_bars(side, rows)
    life = Life()
    stepped: list[LifeEvent] = []
    for one in bars:
        life, events = live(plan, life, one)
        stepped += events
    assert stepped == life_since(plan, bars)
