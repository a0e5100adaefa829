"""Results of trades: streaks pause entries, and a stop cools its asset down."""

from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.standing import BreakerName, Cooldown, TradingState
from snipersight.domain.units import Symbol
from snipersight.risk.breakers.standing import cooldowns_of, halt, resume, settle
from tests.builders.standings import (
    BTC,
    HOUR,
    MIDNIGHT,
    STREAK,
    WEDNESDAY,
    account,
    breaker,
    closed,
    marked,
    names,
    started,
)


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
