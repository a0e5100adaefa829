"""Deposits and withdrawals: the equity follows, and no breaker moves."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.ledger import EntryId
from snipersight.domain.standing import AccountStanding, MarkedPrice
from snipersight.domain.units import Money
from snipersight.risk.breakers.equity_marks import losses, marked_equity
from snipersight.risk.breakers.standing import halt, resume
from tests.builders.standings import (
    DAILY,
    DRAWDOWN,
    HOUR,
    MONDAY,
    WEDNESDAY,
    account,
    breaker,
    marked,
    names,
    paid,
    started,
)

LAST_DIGIT = Decimal("1e-14")  # of a loss


def test_a_deposit_and_a_withdrawal_change_the_balance_and_the_equity():
    more = paid(started(), "5000", "9900")
    assert more.flows == 5000
    assert marked_equity(more) == 14_900
    less = paid(more, "-14000", "14900")
    assert less.flows == -9000
    assert marked_equity(less) == 900
    assert less.balance == 1000


def test_a_withdrawal_is_no_loss_and_a_deposit_no_gain():
    halved = marked(paid(started(), "-5000", "10000"), "5000", at_us=WEDNESDAY + HOUR)
    assert names(halved) == set()
    fallen = marked(started(), "9750")
    filled = paid(fallen, "90000", "9750")
    # A unit is worth 0.975 of its morning; the day's limit is at 0.97: 99750 × 0.97 ÷ 0.975.
    assert names(marked(filled, "99238.47")) == set()
    assert names(marked(filled, "99238.46")) == {DAILY}


def test_a_deposit_before_the_first_mark_hides_no_loss():
    unmarked = replace(account(), realised=Money(Decimal(-400)))
    assert names(marked(paid(unmarked, "90000", "9600"), "99600")) == {DAILY}


def test_a_deposit_leaves_every_breaker_as_it_is():
    fallen = halt(marked(started(), "5000"), at_us=WEDNESDAY)
    for amount in ("100000", "-4999"):
        assert paid(fallen, amount, "5000", at_us=MONDAY).tripped == fallen.tripped


def test_everything_may_be_withdrawn_and_paid_in_again_without_losing_the_drawdown():
    fallen = marked(started(), "9000", max_daily_loss="0.5", max_weekly_loss="0.5")
    empty = paid(fallen, "-9000", "9000")
    assert marked_equity(empty) == 0
    still = marked(empty, "0", at_us=MONDAY)
    assert names(still) == set()
    back = marked(paid(still, "20000", "0", at_us=MONDAY), "20000", at_us=MONDAY)
    assert marked_equity(back) == 20_000
    assert back.marks is not None
    assert losses(back.marks).drawdown == Decimal("0.1")


@pytest.mark.parametrize("before", ["10000", "0.5", "0", "-20"])
def test_more_than_there_is_cannot_be_withdrawn(before):
    amount = str(-max(Decimal(before), Decimal(0)) - Decimal("0.01"))
    with pytest.raises(ValueError, match="is more than the equity of"):
        paid(started(), amount, before)
    with pytest.raises(ValueError, match="is more than the equity of"):
        paid(account(), amount, before)


@pytest.mark.parametrize("amount", ["0", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_an_amount_of_nothing_is_no_flow(amount):
    with pytest.raises(ValueError, match="is no deposit or withdrawal"):
        paid(started(), amount, "10000")


@pytest.mark.parametrize("before", ["NaN", "Infinity"])
def test_a_flow_into_an_unknown_equity_is_refused(before):
    with pytest.raises(ValueError, match="equity is"):
        paid(started(), "100", before)


@pytest.mark.parametrize("before", ["0", "-300"])
def test_who_lost_everything_begins_with_new_units_and_a_drawdown_to_re_arm(before):
    anew = paid(started(), "1000", before)
    assert marked_equity(anew) == 1000 + Decimal(before)
    assert names(anew) == {DRAWDOWN}
    tripped = breaker(anew, DRAWDOWN)
    assert tripped.measured == 1 - Decimal(before) / 10_000
    assert tripped.limit == 1
    assert tripped.until_us is None
    assert tripped.tripped_us == WEDNESDAY
    assert "everything was lost" in tripped.sentence
    armed = resume(anew, at_us=WEDNESDAY, rearm=True)
    assert names(marked(armed, str(marked_equity(armed)))) == set()


def test_a_deposit_that_does_not_cover_what_is_owed_leaves_it_a_loss():
    owing = paid(started(), "100", "-300")
    assert marked_equity(owing) == -200
    assert owing.flows == 100
    assert names(owing) == {DRAWDOWN}
    clear = resume(owing, at_us=WEDNESDAY, rearm=True)
    assert DRAWDOWN in names(marked(clear, "-200"))


@pytest.mark.parametrize("amount", ["0.5", "300"])
def test_a_deposit_that_leaves_nothing_begins_no_new_units(amount):
    owing = paid(started(), amount, "-300")
    assert marked_equity(owing) == Decimal(amount) - 300
    assert owing.marks is not None
    assert owing.marks.high == 1
    assert owing.marks.units == 10_000


def test_an_account_that_owes_before_anything_was_put_in_stays_unmarked():
    assert paid(account("0"), "3", "-5").marks is None
    assert marked_equity(paid(account("0"), "5.5", "-5")) == Decimal("0.5")


def test_the_first_deposit_of_an_empty_account_is_no_loss():
    filled = paid(account("0"), "500", "0")
    assert names(filled) == set()
    assert marked_equity(filled) == 500
    assert names(marked(filled, "500")) == set()


growth = st.decimals("0.9", "1.1", places=3)
shares = st.decimals("-0.9", "5", places=2)
hours = st.integers(0, 60)


@given(st.lists(st.tuples(hours, growth, st.none() | shares), min_size=1, max_size=12))
def test_deposits_and_withdrawals_move_no_breaker(steps):
    still, flowing = started(), started()
    one, other, now = Decimal(10_000), Decimal(10_000), WEDNESDAY
    for after_hours, factor, share in steps:
        now += after_hours * HOUR
        one, other = one * factor, other * factor
        still = marked(still, str(one), at_us=now)
        flowing = marked(flowing, str(other), at_us=now)
        if share is not None and share != 0:
            amount = other * share
            flowing = paid(flowing, str(amount), str(other), at_us=now)
            other += amount
        assert still.marks is not None
        assert flowing.marks is not None
        assert _told(still) == _told(flowing)
        one_lost, other_lost = losses(still.marks), losses(flowing.marks)
        for name in ("daily", "weekly", "drawdown"):
            assert abs(getattr(one_lost, name) - getattr(other_lost, name)) <= LAST_DIGIT


def _told(standing: AccountStanding) -> list[tuple[object, ...]]:
    return [(one.name, one.tripped_us, one.until_us) for one in standing.tripped]


def test_who_begins_with_new_units_keeps_what_positions_were_marked_at():
    price = MarkedPrice(entry_id=EntryId("a"), price=Decimal(110), quote_rate=Decimal(1))
    begun = started()
    assert begun.marks is not None
    held = replace(begun, marks=replace(begun.marks, prices=(price,)))
    anew = paid(held, "1000", "0")
    assert anew.marks is not None
    assert anew.marks.units == 1000
    assert anew.marks.prices == (price,)
