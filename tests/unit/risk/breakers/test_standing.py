"""Breakers: tripped exactly at their limits, let go by time or by a person, moved by no deposit."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryId
from snipersight.domain.standing import (
    AccountStanding,
    BreakerName,
    Cooldown,
    MarkedPrice,
    TradingState,
    TrippedBreaker,
)
from snipersight.domain.units import Money, Symbol
from snipersight.risk.breakers.equity_marks import losses, marked_equity
from snipersight.risk.breakers.standing import (
    cooldowns_of,
    flow,
    halt,
    mark,
    note_result,
    note_unprotected,
    resume,
    settle,
)
from tests.builders.ledger import a_policy, an_entry

HOUR = 3_600_000_000
DAY = 24 * HOUR
DAILY, WEEKLY = BreakerName.DAILY_LOSS, BreakerName.WEEKLY_LOSS
DRAWDOWN, STREAK = BreakerName.DRAWDOWN, BreakerName.LOSS_STREAK
LAST_DIGIT = Decimal("1e-14")  # of a loss
BTC = Symbol("BTC/USDT:USDT")


def at(text: str) -> int:
    """Return a moment, UTC, as microseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


WEDNESDAY = at("2024-06-05 12:00")
MIDNIGHT = at("2024-06-06 00:00")
MONDAY = at("2024-06-10 00:00")


def account(balance: str = "10000", **overrides: Any) -> AccountStanding:
    return AccountStanding(starting_balance=Money(Decimal(balance)), **overrides)


def marked(
    standing: AccountStanding, equity: str, *, at_us: int = WEDNESDAY, **limits: Any
) -> AccountStanding:
    return mark(standing, equity=Decimal(equity), at_us=at_us, policy=a_policy(**limits))


def started(**limits: Any) -> AccountStanding:
    """Return an account of 10,000 on a Wednesday noon."""
    return marked(account(), "10000", **limits)


def names(standing: AccountStanding) -> set[BreakerName]:
    return {one.name for one in standing.tripped}


def breaker(standing: AccountStanding, name: BreakerName) -> TrippedBreaker:
    return next(one for one in standing.tripped if one.name is name)


def paid(
    standing: AccountStanding, amount: str, before: str, *, at_us: int = WEDNESDAY
) -> AccountStanding:
    return flow(standing, amount=Decimal(amount), equity_before=Decimal(before), at_us=at_us)


def closed(
    standing: AccountStanding,
    realised: str = "-100",
    *,
    by_stop: bool = False,
    symbol: Symbol = BTC,
    direction: Direction = Direction.LONG,
    at_us: int = WEDNESDAY,
    **limits: Any,
) -> AccountStanding:
    return note_result(
        standing,
        realised=Decimal(realised),
        by_stop=by_stop,
        symbol=symbol,
        direction=direction,
        at_us=at_us,
        policy=a_policy(**limits),
    )


# ---------------------------------------------------------------- equity losses


@pytest.mark.parametrize(
    ("name", "limits", "at_limit", "short_of_it"),
    [
        (DAILY, {"max_daily_loss": "0.03", "max_weekly_loss": "1"}, "9700", "9700.01"),
        (WEEKLY, {"max_daily_loss": "0.06", "max_weekly_loss": "0.06"}, "9400", "9400.01"),
        (DRAWDOWN, {"max_daily_loss": "1", "max_weekly_loss": "1"}, "8500", "8500.01"),
    ],
)
def test_a_loss_trips_its_breaker_exactly_at_the_limit(name, limits, at_limit, short_of_it):
    assert name not in names(marked(started(), short_of_it, **limits))
    tripped = breaker(marked(started(), at_limit, **limits), name)
    assert tripped.measured == tripped.limit
    assert tripped.tripped_us == WEDNESDAY
    assert f"{tripped.measured:.2%} lost" in tripped.sentence


@pytest.mark.parametrize(
    ("name", "state", "until_us", "said"),
    [
        (DAILY, TradingState.REDUCING, MIDNIGHT, "UTC day began; until 2024-06-06 00:00 UTC"),
        (WEEKLY, TradingState.REDUCING, MONDAY, "UTC week began; until 2024-06-10 00:00 UTC"),
        (DRAWDOWN, TradingState.HALTED, None, "highest equity; until a person re-arms it"),
    ],
)
def test_each_loss_holds_for_its_own_time(name, state, until_us, said):
    tripped = breaker(marked(started(), "5000"), name)
    assert (tripped.state, tripped.until_us) == (state, until_us)
    since, until = said.split("; ")
    assert f"{since}, less than" in tripped.sentence
    assert tripped.sentence.endswith(f"no entries {until}")


def test_a_loss_is_found_exactly_after_odd_deposits():
    limits: dict[str, Any] = {"max_daily_loss": "0.03", "max_weekly_loss": "1", "max_drawdown": "1"}
    odd = paid(marked(account("3333.33"), "3210.987654"), "1234.567", "3210.987654")
    monday = marked(odd, "4445.554654", at_us=MONDAY, **limits)
    assert names(marked(monday, "4312.18801438", at_us=MONDAY, **limits)) == {DAILY}
    assert names(marked(monday, "4312.18801439", at_us=MONDAY, **limits)) == set()


def test_a_breaker_that_holds_keeps_its_first_numbers_and_outlasts_a_recovery():
    first = marked(started(), "9600")
    assert names(first) == {DAILY}
    worse = marked(first, "9500", at_us=WEDNESDAY + HOUR)
    recovered = marked(worse, "10500", at_us=WEDNESDAY + 2 * HOUR)
    assert worse.tripped == recovered.tripped == first.tripped


def test_a_day_of_losses_lets_go_at_midnight_and_measures_anew():
    first = marked(started(), "9600")
    assert names(settle(first, at_us=MIDNIGHT - 1)) == {DAILY}
    assert names(settle(first, at_us=MIDNIGHT)) == set()
    assert names(marked(first, "9600", at_us=MIDNIGHT)) == set()
    again = marked(marked(first, "9600", at_us=MIDNIGHT), "9310", at_us=MIDNIGHT + HOUR)
    assert breaker(again, DAILY).until_us == MIDNIGHT + DAY


def test_a_week_of_losses_lets_go_on_monday():
    first = marked(started(), "9400")
    assert names(first) == {DAILY, WEEKLY}
    assert names(marked(first, "9400", at_us=MIDNIGHT)) == {WEEKLY}
    assert names(settle(first, at_us=MONDAY - 1)) == {WEEKLY}
    assert names(marked(first, "9400", at_us=MONDAY)) == set()


def test_losses_of_one_day_add_up_over_the_week():
    one = marked(started(), "9750")
    two = marked(one, "9600", at_us=MIDNIGHT)
    three = marked(two, "9400", at_us=MIDNIGHT + DAY)
    assert names(two) == set()
    assert names(three) == {WEEKLY}


def test_a_drawdown_is_lifted_by_re_arming_alone_and_measured_from_there():
    fallen = marked(started(), "8500")
    next_week = marked(fallen, "9900", at_us=MONDAY)
    assert names(next_week) == {DRAWDOWN}
    assert names(resume(next_week, at_us=MONDAY, rearm=False)) == {DRAWDOWN}
    armed = resume(next_week, at_us=MONDAY, rearm=True)
    assert names(armed) == set()
    assert armed.marks is not None
    assert losses(armed.marks).drawdown == 0
    calm: dict[str, Any] = {"max_daily_loss": "1", "max_weekly_loss": "1"}
    assert names(marked(armed, "8415.01", at_us=MONDAY, **calm)) == set()
    assert names(marked(armed, "8415", at_us=MONDAY, **calm)) == {DRAWDOWN}


def test_re_arming_does_not_lift_the_losses_of_a_day():
    fallen = marked(started(), "8500")
    assert names(resume(fallen, at_us=WEDNESDAY, rearm=True)) == {DAILY, WEEKLY}


def test_the_high_water_mark_only_rises():
    risen = marked(started(), "12000")
    calm: dict[str, Any] = {"max_daily_loss": "1", "max_weekly_loss": "1"}
    assert names(marked(marked(risen, "11000", **calm), "10200", **calm)) == {DRAWDOWN}


def test_an_account_of_nothing_stays_unmarked():
    empty = account("0")
    assert marked(empty, "0") == empty


@pytest.mark.parametrize("equity", ["NaN", "Infinity"])
def test_an_equity_that_is_no_number_is_never_marked(equity):
    with pytest.raises(ValueError, match="equity is"):
        marked(started(), equity)


def test_a_clock_set_back_lets_nothing_go():
    fallen = marked(started(), "9700", at_us=MIDNIGHT)
    assert names(fallen) == {DAILY}
    back = marked(fallen, "9700", at_us=WEDNESDAY)
    assert back == fallen


# ----------------------------------------------------------------------- flows


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


# ------------------------------------------------------------ streaks, cooldowns


def test_a_result_adds_to_the_balance():
    assert closed(closed(account(), "-100"), "250.5").balance == Decimal("10150.5")


@pytest.mark.parametrize("realised", ["NaN", "Infinity"])
def test_a_result_that_is_no_number_is_refused(realised):
    with pytest.raises(ValueError, match="realised is"):
        closed(account(), realised)


def test_losses_in_a_row_pause_entries_exactly_at_the_limit():
    limits: dict[str, Any] = {"max_loss_streak": 3, "streak_pause_us": 2 * HOUR}
    twice = closed(closed(account(), **limits), **limits)
    assert (twice.loss_streak, names(twice)) == (2, set())
    thrice = closed(twice, **limits)
    tripped = breaker(thrice, STREAK)
    assert (tripped.state, tripped.tripped_us) == (TradingState.REDUCING, WEDNESDAY)
    assert tripped.until_us == WEDNESDAY + 2 * HOUR
    assert tripped.measured == tripped.limit == 3
    assert "3 trades in a row" in tripped.sentence


def test_a_gain_ends_a_streak_and_break_even_leaves_it():
    lost = closed(account())
    assert closed(lost, "0").loss_streak == 1
    assert closed(lost, "0.01").loss_streak == 0
    assert closed(closed(lost, "0"), max_loss_streak=2).loss_streak == 2


def test_after_the_pause_a_streak_begins_anew():
    limits: dict[str, Any] = {"max_loss_streak": 2, "streak_pause_us": 2 * HOUR}
    paused = closed(closed(account(), **limits), **limits)
    over = WEDNESDAY + 2 * HOUR
    during = closed(paused, at_us=over - 1, **limits)
    assert during.tripped == paused.tripped
    assert names(settle(during, at_us=over - 1)) == {STREAK}
    ended = settle(during, at_us=over)
    assert (ended.loss_streak, names(ended)) == (0, set())
    next_loss = closed(during, at_us=over, **limits)
    assert (next_loss.loss_streak, names(next_loss)) == (1, set())


def test_a_streak_begins_anew_whatever_else_still_holds():
    paused = closed(account(), max_loss_streak=1, streak_pause_us=HOUR)
    ended = settle(halt(paused, at_us=WEDNESDAY), at_us=WEDNESDAY + HOUR)
    assert (ended.loss_streak, names(ended)) == (0, {BreakerName.OPERATOR})


def test_another_breaker_letting_go_ends_no_streak():
    fallen = closed(marked(started(), "9600"), "-100")
    after = settle(fallen, at_us=MIDNIGHT)
    assert (after.loss_streak, names(after)) == (1, set())


def test_re_arming_lifts_a_streak():
    paused = closed(account(), max_loss_streak=1)
    assert names(resume(paused, at_us=WEDNESDAY, rearm=False)) == {STREAK}
    armed = resume(paused, at_us=WEDNESDAY, rearm=True)
    assert (armed.loss_streak, names(armed)) == (0, set())
    assert armed.marks is None


@pytest.mark.parametrize("side", Direction)
def test_a_stop_cools_its_asset_down_in_its_direction(side):
    stopped = closed(account(), by_stop=True, direction=side, cooldown_us=HOUR)
    until = WEDNESDAY + HOUR
    assert stopped.cooldowns == (Cooldown(symbol=BTC, direction=side, until_us=until),)
    assert cooldowns_of(stopped, Symbol("BTC/USDC"), at_us=until - 1) == stopped.cooldowns
    assert cooldowns_of(stopped, Symbol("BTC/USDC"), at_us=until) == ()
    assert cooldowns_of(stopped, Symbol("ETH/USDT"), at_us=WEDNESDAY) == ()
    assert settle(stopped, at_us=until - 1) == stopped
    assert settle(stopped, at_us=until).cooldowns == ()


def test_a_close_without_a_stop_cools_nothing_down():
    assert closed(account(), by_stop=False).cooldowns == ()


def test_a_second_stop_of_the_asset_keeps_the_longer_cooldown():
    spot = Symbol("BTC/USDT")
    once = closed(account(), by_stop=True, cooldown_us=4 * HOUR)
    again = closed(once, by_stop=True, symbol=spot, at_us=WEDNESDAY + HOUR, cooldown_us=HOUR)
    assert again.cooldowns == (
        Cooldown(symbol=spot, direction=Direction.LONG, until_us=WEDNESDAY + 4 * HOUR),
    )
    other_side = closed(again, by_stop=True, direction=Direction.SHORT)
    other_asset = closed(other_side, by_stop=True, symbol=Symbol("ETH/USDT"))
    assert len(other_side.cooldowns) == 2
    assert len(other_asset.cooldowns) == 3


# --------------------------------------------------- operator, unprotected, time


def test_a_halt_holds_until_a_person_resumes():
    halted = halt(account(), at_us=WEDNESDAY, reason="news")
    tripped = breaker(halted, BreakerName.OPERATOR)
    assert (tripped.state, tripped.until_us) == (TradingState.HALTED, None)
    assert (tripped.sentence, tripped.tripped_us) == ("news", WEDNESDAY)
    assert settle(halted, at_us=WEDNESDAY + 1000 * DAY) == halted
    for rearm in (True, False):
        assert names(resume(halted, at_us=WEDNESDAY, rearm=rearm)) == set()


def test_a_second_halt_changes_nothing_and_one_without_a_reason_says_whose_it_is():
    halted = halt(account(), at_us=WEDNESDAY)
    assert breaker(halted, BreakerName.OPERATOR).sentence == "halted by the operator"
    assert halt(halted, at_us=WEDNESDAY + HOUR, reason="again") == halted


def test_resuming_settles_what_has_ended():
    fallen = marked(started(), "9600")
    assert names(resume(fallen, at_us=MIDNIGHT, rearm=False)) == set()


def test_what_is_in_order_is_left_as_it_is():
    calm = started()
    assert settle(calm, at_us=MONDAY) is calm
    assert resume(calm, at_us=WEDNESDAY, rearm=False) is calm
    assert note_unprotected(calm, (), at_us=WEDNESDAY, policy=a_policy()) is calm


@pytest.mark.parametrize(
    ("age_us", "trips"), [(0, False), (29_999_999, False), (30_000_000, True), (HOUR, True)]
)
def test_a_position_without_its_stop_trips_when_its_time_is_over(age_us, trips):
    entries = [
        an_entry(filled="10"),
        an_entry(entry_id="naked", filled="10", unprotected_since_us=WEDNESDAY - age_us),
        an_entry(entry_id="new", filled="10", unprotected_since_us=WEDNESDAY),
    ]
    noted = note_unprotected(account(), entries, at_us=WEDNESDAY, policy=a_policy())
    assert names(noted) == ({BreakerName.UNPROTECTED} if trips else set())
    if trips:
        tripped = breaker(noted, BreakerName.UNPROTECTED)
        assert (tripped.state, tripped.until_us) == (TradingState.HALTED, None)
        assert tripped.tripped_us == WEDNESDAY
        assert (tripped.measured, tripped.limit) == (Decimal(age_us) / 1_000_000, Decimal(30))
        assert "30 s are allowed" in tripped.sentence


def test_an_unprotected_position_lets_go_once_it_is_covered_and_never_by_re_arming():
    naked = an_entry(filled="10", unprotected_since_us=WEDNESDAY - HOUR)
    noted = note_unprotected(account(), [naked], at_us=WEDNESDAY, policy=a_policy())
    later = WEDNESDAY + HOUR
    assert note_unprotected(noted, [naked], at_us=later, policy=a_policy()) == noted
    assert names(resume(noted, at_us=later, rearm=True)) == {BreakerName.UNPROTECTED}
    assert settle(noted, at_us=later) == noted
    covered = replace(naked, unprotected_since_us=None)
    assert names(note_unprotected(noted, [covered], at_us=later, policy=a_policy())) == set()


def test_without_any_tolerance_a_covered_account_does_not_trip():
    policy = a_policy(max_unprotected_us=0)
    noted = note_unprotected(account(), [an_entry(filled="1")], at_us=WEDNESDAY, policy=policy)
    assert names(noted) == set()


def test_without_any_tolerance_a_naked_position_trips_at_once_whatever_the_clock():
    for since in (WEDNESDAY, WEDNESDAY + HOUR):
        naked = an_entry(filled="10", unprotected_since_us=since)
        policy = a_policy(max_unprotected_us=0)
        noted = note_unprotected(account(), [naked], at_us=WEDNESDAY, policy=policy)
        assert names(noted) == {BreakerName.UNPROTECTED}


def test_who_begins_with_new_units_keeps_what_positions_were_marked_at():
    price = MarkedPrice(entry_id=EntryId("a"), price=Decimal(110), quote_rate=Decimal(1))
    begun = started()
    assert begun.marks is not None
    held = replace(begun, marks=replace(begun.marks, prices=(price,)))
    anew = paid(held, "1000", "0")
    assert anew.marks is not None
    assert anew.marks.units == 1000
    assert anew.marks.prices == (price,)
