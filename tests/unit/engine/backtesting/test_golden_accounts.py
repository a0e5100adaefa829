"""Backtests worked out by hand, one for each rule of an account that trades several markets.

Rows are open, high, low, close of an hour. Plans are those of `an_idea`: long at 100, stop 90, out
at 120, 100 USDT of risk out of 10,000.
"""

from decimal import Decimal

from snipersight.domain.audit import AuditKind
from snipersight.domain.ledger import EntryId, EntryState
from snipersight.domain.standing import BreakerName
from snipersight.engine.backtesting.results import BacktestResult
from tests.builders.backtests import (
    QUIET,
    a_profile_of_hours,
    an_idea,
    free_market,
    free_policy,
    hourly,
    hours_of,
    lived,
    recorded,
    refusals,
    stories,
)
from tests.builders.plans import a_confluence
from tests.builders.wandering_backtests import told

NEAR = (102.0, 103.0, 99.0, 101.0)
UP = (101.0, 121.0, 100.5, 119.0)
DOWN = (101.0, 102.0, 89.0, 91.0)
BACK = (101.0, 102.5, 101.0, 102.0)
WALKED = (AuditKind.FILLED, AuditKind.CLOSED)
BTC, ETH, SOL, XRP = (f"{name}/USDT" for name in ("BTC", "ETH", "SOL", "XRP"))
ALONE = {
    "max_total": "0.0101",
    "max_cluster": "0.01",
    "max_per_asset": "0.01",
}  # one trade; all move together


def sent(result: BacktestResult) -> list[tuple[str, float]]:
    """Return market and hour of each trade that was sent."""
    return [
        (one.plan.symbol.split("/")[0], hours_of(one.entry.reserved_us // 1000))
        for one in result.trades
    ]


def test_the_better_plan_of_one_close_takes_the_budget():
    markets = [recorded(hourly([QUIET, NEAR, UP], symbol=one)) for one in (BTC, ETH)]
    plans = [
        an_idea(1, symbol=BTC, confluence=a_confluence(70)),
        an_idea(1, symbol=ETH, confluence=a_confluence(80)),
    ]
    result = lived(markets, plans, policy=free_policy(**ALONE))
    assert sent(result) == [("ETH", 1)]
    assert refusals(result) == ["rejected:max_cluster"]
    assert result.refused[0].symbol == BTC


def test_the_budget_is_free_again_once_the_trade_that_took_it_is_over():
    rows = {BTC: [QUIET, NEAR, UP, QUIET, QUIET], ETH: [QUIET, QUIET, QUIET, QUIET, NEAR]}
    markets = [recorded(hourly(rows[one], symbol=one)) for one in (BTC, ETH)]
    plans = [
        an_idea(1, symbol=BTC),
        an_idea(2, symbol=ETH, valid_hours=0.5),
        an_idea(3, symbol=ETH, near="100.5"),
    ]
    result = lived(markets, plans, policy=free_policy(**ALONE))
    assert sent(result) == [("BTC", 1), ("ETH", 3)]
    assert refusals(result) == ["rejected:max_cluster"]


def test_trades_of_two_markets_are_booked_in_true_time_order():
    rows = {BTC: [QUIET, QUIET, NEAR, UP], ETH: [QUIET, NEAR, UP, QUIET]}
    markets = [recorded(hourly(rows[one], symbol=one)) for one in (BTC, ETH)]
    result = lived(markets, [an_idea(1, symbol=BTC), an_idea(1, symbol=ETH)])
    names = [
        (one.ledger[EntryId(one.record.subject)].symbol[:3], one.record.kind.value, hour)
        for one in told(result)
        if (hour := hours_of(one.record.at_us // 1000)) and one.record.kind in WALKED
    ]
    assert names == [
        ("ETH", "filled", 2),
        ("BTC", "filled", 3),
        ("ETH", "closed", 3),
        ("BTC", "closed", 4),
    ]


def test_a_market_has_one_live_trade_and_the_next_plan_waits_for_its_end():
    rows = [QUIET, NEAR, QUIET, UP, QUIET, (102, 103, 97, 102), QUIET]
    plans = [an_idea(1), an_idea(2, near="98.5", targets=["130"])]
    result = lived(recorded(hourly(rows)), plans)
    assert sent(result) == [("BTC", 1), ("BTC", 4)]
    # By then the account has 10,200 USDT, and 102 are risked.
    assert stories(result)[1] == ["6 in 10.2 at 98.5"]


def test_a_plan_that_waits_for_its_market_is_held_against_every_bar_meanwhile():
    rows = [QUIET, NEAR, QUIET, (102, 116, 101, 103), QUIET, UP, QUIET, QUIET]
    plans = [an_idea(1), an_idea(2, near="98.5", targets=["115"])]
    result = lived(recorded(hourly(rows)), plans)
    # The first trade ends at hour 6. At hour 4 price was at the second plan's target.
    assert sent(result) == [("BTC", 1)]
    assert refusals(result) == ["gated:target_touched"]


def test_the_end_of_an_old_plans_time_frees_no_market_that_a_new_trade_is_in():
    rows = [QUIET, NEAR, UP, *[QUIET] * 10]
    plans = [
        an_idea(1, valid_hours=5),  # over at hour 3; its time ends at hour 6
        an_idea(4, near="99"),
        an_idea(5, near="98"),
    ]
    result = lived(recorded(hourly(rows)), plans)
    assert sent(result) == [("BTC", 1), ("BTC", 4)]
    assert result.funnel["waiting"] == 1


def test_a_daily_loss_ends_what_waits_and_stops_entries_until_midnight():
    # Four positions of 10 units each; at 93 each has lost 70: 280 of 10,000. The limit is 2.5 %.
    names = (BTC, ETH, SOL)
    fall = [QUIET, NEAR, (101, 102, 91, 91.25), *[(91.25, 92, 91, 91.5)] * 25]
    markets = [recorded(hourly(fall, symbol=one)) for one in names]
    markets.append(recorded(hourly([QUIET] * 28, symbol=XRP)))
    plans = [
        *(an_idea(1, symbol=one, stop="90") for one in names),
        an_idea(1, symbol=XRP, valid_hours=48),
        an_idea(5, symbol=XRP, near="101", valid_hours=2),
        an_idea(24, symbol=XRP, near="101"),
    ]
    result = lived(
        markets, plans, policy=free_policy(max_daily_loss="0.025", cluster_correlation="1")
    )
    # At hour 3: 3 · 10 · (91.25 - 100) = -262.5.
    waiting = next(one for one in result.trades if one.plan.symbol == XRP)
    assert waiting.entry.state is EntryState.RELEASED
    assert hours_of((waiting.entry.ended_us or 0) // 1000) == 3
    assert refusals(result) == ["rejected:daily_loss"]
    # The next day begins at -262.5 and loses nothing more.
    assert sent(result)[-1] == ("XRP", 24)
    assert result.standing.tripped == ()


def test_a_breaker_trips_at_a_close_at_which_nothing_else_happens():
    # In at hour 2; the low of the day is the close of hour 5, then price comes back.
    rows = [QUIET, NEAR, BACK, BACK, (101, 102, 92, 92.5), (92.5, 103, 92, 102), QUIET, QUIET]
    markets = [recorded(hourly(rows)), recorded(hourly([QUIET] * 8, symbol=ETH))]
    plans = [an_idea(1), an_idea(7, symbol=ETH)]
    result = lived(markets, plans, policy=free_policy(max_daily_loss="0.0075"))
    # 10 · (92.5 - 100) is 0.75 % of 10,000.
    assert sent(result) == [("BTC", 1)]
    assert refusals(result) == ["rejected:daily_loss"]
    (tripped,) = result.standing.tripped
    assert (tripped.name, hours_of(tripped.tripped_us // 1000)) == (BreakerName.DAILY_LOSS, 5)


def test_a_loss_streak_pauses_entries_for_its_time():
    rows = [QUIET, (102, 103, 89, 91), QUIET, QUIET, QUIET, QUIET, QUIET, NEAR]
    markets = [recorded(hourly(rows, symbol=one)) for one in (BTC, ETH)]
    plans = [
        an_idea(1, symbol=BTC),
        an_idea(1, symbol=ETH),
        an_idea(3, symbol=BTC, near="101", valid_hours=1),
        an_idea(5, symbol=BTC, near="101"),
    ]
    hour_us = 3_600_000_000
    policy = free_policy(max_loss_streak=2, streak_pause_us=3 * hour_us, cooldown_us=0)
    result = lived(markets, plans, policy=policy)
    assert sent(result) == [("BTC", 1), ("ETH", 1), ("BTC", 5)]
    assert refusals(result) == ["rejected:loss_streak"]
    assert result.standing.loss_streak == 0


def drawdown_of(rearm_days: int, days: int = 3) -> BacktestResult:
    rows = [QUIET, (102, 103, 89, 91), *[QUIET] * (24 * days)]
    daily = range(days)
    later = [an_idea(24 * day + 3, near=str(90 + day), valid_hours=1) for day in daily]
    plans = [an_idea(1), *later]
    return lived(
        recorded(hourly(rows)),
        plans,
        policy=free_policy(max_drawdown="0.01", cooldown_us=0, max_daily_loss="0.05"),
        rearm_days=rearm_days,
    )


def test_a_drawdown_holds_until_the_operator_lifts_it():
    # Tripped at hour 2. Plans come at hour 3 of each day, at 90, 91 and 92, below price.
    held = drawdown_of(0)
    assert sent(held) == [("BTC", 1)]
    assert refusals(held) == ["rejected:drawdown"] * 3
    assert held.rearmed_ms == ()
    assert [one.name for one in held.standing.tripped] == [BreakerName.DRAWDOWN]
    lifted = drawdown_of(2)
    assert sent(lifted) == [("BTC", 1), ("BTC", 51)]
    assert refusals(lifted) == ["rejected:drawdown"] * 2
    assert [hours_of(one) for one in lifted.rearmed_ms] == [50]
    assert lifted.standing.tripped == ()


def test_a_stop_begins_a_cooldown_of_its_side():
    rows = [QUIET, (102, 103, 89, 91), *[QUIET] * 8]
    plans = [an_idea(1), an_idea(4, near="99", valid_hours=1), an_idea(6, near="98")]
    result = lived(recorded(hourly(rows)), plans, policy=free_policy())
    # Stopped at hour 2: no long before hour 6.
    assert sent(result) == [("BTC", 1), ("BTC", 6)]
    assert refusals(result) == ["rejected:cooldown"]


def test_what_the_gate_refuses_waits_and_is_judged_again_at_every_close():
    rows = [QUIET, (102, 103, 89, 91), *[QUIET] * 8]
    result = lived(recorded(hourly(rows)), [an_idea(1), an_idea(4, near="99")])
    assert sent(result) == [("BTC", 1), ("BTC", 6)]
    assert refusals(result) == []


def test_a_market_that_begins_later_is_traded_once_its_history_is_long_enough():
    late = hourly([QUIET] * 60, symbol=ETH, first_hour=5, prelude=0)
    whole = recorded(late)
    young = type(whole)(
        instrument=whole.instrument,
        bars={**whole.bars, late.timeframe: late},
        finer=late,
        quote_rate=Decimal(1),
    )
    warm_hours = 5 + 200 + 200 + 25  # burn-in, epoch, and what a plan may wait
    markets = [recorded(hourly([QUIET] * 60)), young]
    result = lived(markets, [an_idea(8, symbol=ETH), an_idea(8)])
    assert sent(result) == [("BTC", 8)]
    longer = hourly([QUIET] * (warm_hours + 5), symbol=ETH, first_hour=5, prelude=0)
    old_enough = type(whole)(
        instrument=whole.instrument,
        bars={**whole.bars, late.timeframe: longer},
        finer=longer,
        quote_rate=Decimal(1),
    )
    plans = [
        an_idea(warm_hours, symbol=ETH),
        an_idea(warm_hours + 1, symbol=ETH, near="99"),
    ]
    assert sent(lived(old_enough, plans)) == [("ETH", warm_hours + 1)]


def test_nothing_happens_in_a_hole_and_the_first_bar_after_it_counts():
    rows = [QUIET, NEAR, QUIET, QUIET, (85, 86, 80, 84), QUIET]
    result = lived(recorded(hourly(rows, without=[2, 3])), [an_idea(1)])
    # Bars 2 and 3 are missing; price is 85 when bar 4 opens.
    assert stories(result) == [["2 in 10 at 100", "5 out 10 at 85", "5 stop"]]
    assert result.trades[0].outcome.missing_bars == 2


def test_a_plan_waits_as_long_as_its_price_is_too_old():
    rows = [QUIET] * 12
    markets = [
        recorded(hourly(rows, symbol=BTC, without=range(2, 8))),
        recorded(hourly(rows, symbol=ETH)),
    ]
    result = lived(markets, [an_idea(5, symbol=BTC), an_idea(5, symbol=ETH)])
    assert sent(result) == [("ETH", 5), ("BTC", 9)]
    cut = lived(markets, [an_idea(5, symbol=BTC)], hours=8)
    assert (sent(cut), refusals(cut)) == ([], ["rejected:stale_data"])


def test_a_second_entry_within_a_quarter_of_an_hour_of_the_first_waits():
    # The first plan is missed in the bar that closes at hour 2; the second is decided then.
    profile = a_profile_of_hours()
    rows = [QUIET, (102, 120, 101, 119), QUIET, NEAR]
    result = lived(recorded(hourly(rows)), [an_idea(1), an_idea(2, near="99.5")], profile=profile)
    assert sent(result) == [("BTC", 1), ("BTC", 2)]


HALFWAY = [QUIET, NEAR, (101.0, 111.0, 100.5, 109.0), (109.0, 110.0, 105.0, 106.0)]


def test_a_part_brings_its_own_fee_and_its_share_of_what_the_entry_paid():
    market = free_market(maker="0.001", taker="0.002")
    result = lived(recorded(hourly(HALFWAY), market), [an_idea(1, targets=["110", "120"])])
    (trade,) = result.trades
    # 100 / (10 + 0.1 + 0.18) is 9.72 units; 0.6 of it, in lots of 0.01, is 5.83.
    assert trade.staged.whole == Decimal("9.72")
    assert trade.entry.open_size == Decimal("3.89")
    # 5.83 · (110 - 100) less 0.001 of 5.83 · 110 and of 5.83 · 100
    assert round(trade.result, 9) == Decimal("57.0757")


def test_the_ledger_has_the_stop_that_was_moved_and_risks_no_more_than_it():
    result = lived(recorded(hourly(HALFWAY)), [an_idea(1, targets=["110", "120"])])
    (moved,) = [one for one in told(result) if one.record.kind is AuditKind.STOP_MOVED]
    (entry,) = moved.live
    assert hours_of(moved.record.at_us // 1000) == 3
    assert entry.stop_price == Decimal(100)
    assert entry.open_size == Decimal(4)
    assert entry.amounts.risk == 0
