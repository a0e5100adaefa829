"""Unit values: trading moves them, deposits and withdrawals do not; UTC days, Monday weeks."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryId
from snipersight.domain.standing import AccountStanding, EquityMarks, MarkedPrice
from snipersight.domain.units import Money
from snipersight.risk.breakers.equity_marks import (
    day_end_us,
    equity_of,
    first_marks,
    gain_at,
    known_equity,
    losses,
    marked_equity,
    rebased,
    revalued,
    week_end_us,
    with_flow,
)
from tests.builders.ledger import an_entry
from tests.builders.standings import DAY, HOUR, WEDNESDAY, at


def standing(balance: str = "10000", flows: str = "0") -> AccountStanding:
    return AccountStanding(starting_balance=Money(Decimal(balance)), flows=Money(Decimal(flows)))


def marks(equity: str = "10000", *, at_us: int = WEDNESDAY) -> EquityMarks:
    made = first_marks(standing(), equity=Decimal(equity), at_us=at_us)
    assert made is not None
    return made


def moved(before: EquityMarks, equity: str, *, at_us: int = WEDNESDAY) -> EquityMarks:
    return revalued(before, equity=Decimal(equity), at_us=at_us)


# ------------------------------------------------------------------- calendar


@pytest.mark.parametrize(
    ("moment", "day_end", "week_end"),
    [
        ("1970-01-01 00:00", "1970-01-02 00:00", "1970-01-05 00:00"),
        ("2024-06-05 12:00", "2024-06-06 00:00", "2024-06-10 00:00"),
        ("2024-06-09 23:59", "2024-06-10 00:00", "2024-06-10 00:00"),
        ("2024-06-10 00:00", "2024-06-11 00:00", "2024-06-17 00:00"),
        ("2024-12-31 23:00", "2025-01-01 00:00", "2025-01-06 00:00"),
        ("2024-02-28 10:00", "2024-02-29 00:00", "2024-03-04 00:00"),
    ],
)
def test_days_end_at_midnight_and_weeks_before_monday(moment, day_end, week_end):
    assert day_end_us(at(moment)) == at(day_end)
    assert week_end_us(at(moment)) == at(week_end)


@given(st.integers(0, 4 * 10**15))
def test_borders_lie_ahead_by_at_most_a_day_or_a_week(at_us):
    assert 0 < day_end_us(at_us) - at_us <= DAY
    assert 0 < week_end_us(at_us) - at_us <= 7 * DAY
    assert datetime.fromtimestamp(week_end_us(at_us) // 1_000_000, UTC).isoweekday() == 1
    made = marks(at_us=at_us)
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    assert made.day == moment.date().isoformat()
    assert datetime.fromisoformat(made.week).isocalendar()[:2] == moment.isocalendar()[:2]


# ----------------------------------------------------------------- first mark


def test_units_are_what_was_put_in():
    made = first_marks(standing(flows="2000"), equity=Decimal(11_400), at_us=WEDNESDAY)
    assert made == EquityMarks(
        units=Decimal(12_000),
        unit_value=Decimal("0.95"),
        high=Decimal(1),
        day="2024-06-05",
        day_open=Decimal(1),
        week="2024-06-03",
        week_open=Decimal(1),
        marked_us=WEDNESDAY,
    )


def test_what_was_lost_before_the_first_mark_counts_and_a_gain_is_the_new_start():
    assert losses(marks("9500")).daily == Decimal("0.05")
    assert losses(marks("9500")).drawdown == Decimal("0.05")
    gained = marks("12000")
    assert (gained.high, gained.day_open, gained.week_open) == (Decimal("1.2"),) * 3
    assert losses(gained).daily == 0


def test_nothing_put_in_and_nothing_there_is_not_marked():
    for equity in (0, -5):
        assert first_marks(standing("0"), equity=Decimal(equity), at_us=WEDNESDAY) is None


def test_what_is_there_though_nothing_was_put_in_is_worth_one_a_unit():
    made = first_marks(standing("0"), equity=Decimal(500), at_us=WEDNESDAY)
    assert made is not None
    assert (made.units, made.unit_value, made.high) == (Decimal(500), Decimal(1), Decimal(1))


@pytest.mark.parametrize("equity", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_an_equity_that_is_no_number_is_refused(equity):
    with pytest.raises(ValueError, match=f"equity is {equity}"):
        first_marks(standing(), equity=Decimal(equity), at_us=WEDNESDAY)
    with pytest.raises(ValueError, match=f"equity is {equity}"):
        moved(marks(), equity)


# ------------------------------------------------------------------- revaluing


def test_losses_are_measured_from_day_week_and_high():
    monday, tuesday = at("2024-06-03 08:00"), at("2024-06-04 08:00")
    one = moved(marks(at_us=monday), "12000", at_us=monday)
    two = moved(one, "11000", at_us=tuesday)
    three = moved(two, "10800", at_us=tuesday + HOUR)
    # The week began with 1, at the first mark; the day with what Monday left.
    assert losses(three).daily == Decimal("0.1")
    assert losses(three).weekly == 0
    assert losses(three).drawdown == Decimal("0.1")
    assert three.high == Decimal("1.2")


def test_a_new_day_begins_with_the_higher_value_beside_its_border():
    thursday = WEDNESDAY + DAY
    fallen = moved(marks(), "9600", at_us=thursday)
    assert fallen.day_open == 1
    assert losses(fallen).daily == Decimal("0.04")
    risen = moved(marks(), "10500", at_us=thursday)
    assert risen.day_open == Decimal("1.05")
    assert losses(risen).daily == 0
    assert (risen.day, risen.week) == ("2024-06-06", "2024-06-03")
    assert risen.week_open == 1


def test_a_new_week_begins_with_the_higher_value_beside_its_border():
    sunday, monday = at("2024-06-09 23:59"), at("2024-06-10 00:00")
    fallen = moved(marks(), "9600", at_us=sunday)
    assert losses(fallen).weekly == Decimal("0.04")
    after = moved(fallen, "9600", at_us=monday)
    assert after.week == "2024-06-10"
    assert losses(after).weekly == 0
    assert losses(moved(fallen, "9120", at_us=monday)).weekly == Decimal("0.05")
    assert losses(after).drawdown == Decimal("0.04")


def test_a_clock_set_back_begins_no_day_anew():
    tuesday = WEDNESDAY - DAY
    back = moved(moved(marks(), "9800"), "9700", at_us=tuesday)
    assert (back.day, back.day_open, back.marked_us) == ("2024-06-05", Decimal(1), WEDNESDAY)
    assert losses(back).daily == Decimal("0.03")


def test_a_loss_of_everything_is_a_loss_of_at_least_all():
    for equity, lost in (("0", "1"), ("-500", "1.05")):
        gone = losses(moved(marks(), equity))
        assert gone.daily == gone.weekly == gone.drawdown == Decimal(lost)


def test_from_nothing_only_what_is_owed_is_a_loss():
    nothing = moved(marks(), "0")
    thursday = moved(nothing, "0", at_us=WEDNESDAY + DAY)
    assert thursday.day_open == 0
    assert losses(thursday).daily == 1
    back = moved(thursday, "100", at_us=WEDNESDAY + DAY + HOUR)
    assert losses(back).daily == 0
    assert losses(back).drawdown == Decimal("0.99")


# ----------------------------------------------------------------------- flows


def test_a_deposit_buys_units_at_the_present_value():
    fallen = moved(marks(), "8000")
    paid = with_flow(fallen, equity_after=Decimal(12_000))
    assert paid == replace(fallen, units=Decimal(15_000))
    assert equity_of(paid) == 12_000


def test_everything_withdrawn_leaves_no_unit_and_the_memory_of_its_value():
    fallen = moved(marks("3333.33"), "2999.99")
    empty = with_flow(fallen, equity_after=Decimal(0))
    assert empty == replace(fallen, units=Decimal(0))
    later = moved(empty, "0", at_us=WEDNESDAY + HOUR)
    assert later == replace(empty, marked_us=WEDNESDAY + HOUR)
    again = with_flow(later, equity_after=Decimal(500))
    assert losses(again) == losses(fallen)
    assert equity_of(again) == 500


def test_what_appears_without_units_has_bought_some_and_what_is_owed_is_a_total_loss():
    empty = with_flow(moved(marks(), "8000"), equity_after=Decimal(0))
    appeared = moved(empty, "400")
    assert (appeared.units, appeared.unit_value) == (Decimal(500), Decimal("0.8"))
    owed = moved(empty, "-7")
    assert losses(owed).daily == 8
    assert equity_of(owed) == -7


def test_new_units_begin_at_one():
    made = rebased(Decimal(700), at_us=WEDNESDAY)
    assert made == EquityMarks(
        units=Decimal(700),
        unit_value=Decimal(1),
        high=Decimal(1),
        day="2024-06-05",
        day_open=Decimal(1),
        week="2024-06-03",
        week_open=Decimal(1),
        marked_us=WEDNESDAY,
    )


# ---------------------------------------------------------------------- equity


def test_before_the_first_mark_the_balance_is_the_equity():
    before = replace(standing(flows="-1000"), realised=Money(Decimal("-250.5")))
    assert marked_equity(before) == Decimal("8749.5")
    assert marked_equity(replace(before, marks=marks("9900"))) == 9900


def test_the_equity_is_written_without_the_zeros_of_a_quotient():
    assert str(equity_of(moved(marks("9999.99"), "9600"))) == "9600"


amounts = st.decimals("0.00000001", "999999999999", places=8)


@given(amounts, amounts, amounts)
def test_the_equity_that_was_marked_is_given_back_exactly(capital, first, second):
    made = first_marks(standing(str(capital)), equity=first, at_us=WEDNESDAY)
    assert made is not None
    assert equity_of(made) == first
    assert equity_of(revalued(made, equity=-second, at_us=WEDNESDAY)) == -second


@given(amounts, amounts, st.decimals("0.0001", "0.9999", places=4))
def test_a_loss_of_a_share_is_measured_as_that_share(capital, equity, share):
    made = first_marks(standing(str(capital)), equity=equity, at_us=WEDNESDAY)
    assert made is not None
    level = replace(made, high=made.unit_value, day_open=made.unit_value)
    lost = losses(revalued(level, equity=equity * (1 - share), at_us=WEDNESDAY))
    assert lost.drawdown == lost.daily == share


def test_a_fraction_of_the_currency_is_capital_too():
    put_in = first_marks(standing("0.5"), equity=Decimal("0.4"), at_us=WEDNESDAY)
    assert put_in is not None
    assert (put_in.units, put_in.unit_value) == (Decimal("0.5"), Decimal("0.8"))
    found = first_marks(standing("0"), equity=Decimal("0.4"), at_us=WEDNESDAY)
    assert found is not None
    assert (found.units, found.unit_value) == (Decimal("0.4"), Decimal(1))


# ----------------------------------------------------- between two marks


def valued(entry_id: str, price: str, *, rate: str = "1") -> MarkedPrice:
    return MarkedPrice(entry_id=EntryId(entry_id), price=Decimal(price), quote_rate=Decimal(rate))


def test_a_position_is_worth_what_closing_it_would_earn():
    long = an_entry(filled="10", fill="98", cost="0.5", quote_rate="3")
    # (105 - 98 - 0.5) × 10 × 0.8: at the rate of the moment, not of the reservation.
    assert gain_at(long, price=Decimal(105), quote_rate=Decimal("0.8")) == 52
    short = an_entry(direction=Direction.SHORT, filled="10", fill="98", cost="0.5")
    assert gain_at(short, price=Decimal(105), quote_rate=Decimal("0.8")) == -60


def test_between_two_marks_positions_are_worth_what_they_were_marked_at():
    marked = replace(
        standing(), marks=replace(marks(), prices=(valued("a", "110"), valued("b", "90", rate="2")))
    )
    entries = [
        an_entry(entry_id="a", filled="10", cost="0.5"),  # (10 - 0.5) × 10
        an_entry(entry_id="b", direction=Direction.SHORT, filled="0.5"),  # 10 × 0.5 × 2
        an_entry(entry_id="c", filled="4", fill="99", cost="0.25", quote_rate="3"),  # its costs
        an_entry(entry_id="d", pending="10", cost="1"),  # nothing yet
    ]
    assert known_equity(marked, entries) == 10_000 + 95 + 10 - 3
    assert known_equity(marked, []) == 10_000
    assert known_equity(standing(), entries[:1]) == 10_000 - 5


def test_what_positions_were_marked_at_outlasts_a_flow_and_a_new_value():
    held = replace(marks(), prices=(valued("a", "110"),))
    assert moved(held, "9000").prices == held.prices
    assert with_flow(held, equity_after=Decimal(5_000)).prices == held.prices
