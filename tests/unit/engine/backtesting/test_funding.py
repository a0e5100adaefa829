"""Funding at recorded rates, worked out by hand: long 10 units of 104 held over 08:00 and 16:00."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.evidence import OutcomeStatus
from snipersight.domain.funding import FundingRecord, FundingUsed
from snipersight.engine.backtesting.results import BacktestResult
from tests.builders.backtests import (
    PERPETUAL,
    QUIET,
    START_MS,
    an_idea,
    at_hour,
    free_market,
    hourly,
    hours_of,
    lived,
    recorded,
)

HELD = (104.0, 104.5, 103.5, 104.0)
NEAR = (102.0, 103.0, 99.0, 101.0)
UP = (104.0, 121.0, 103.5, 119.0)
ROWS = [QUIET, NEAR, *[HELD] * 16, UP]  # in at hour 2, out at hour 19


def lived_with(rates: dict[int, float] | None, **idea: Any) -> BacktestResult:
    market = recorded(hourly(ROWS, symbol=PERPETUAL), free_market(PERPETUAL))
    if rates is not None:
        record = FundingRecord(
            rates={at_hour(hour): rate for hour, rate in rates.items()}, source="tests"
        )
        market = replace(market, funding=record)
    return lived(market, [an_idea(1, symbol=PERPETUAL, **idea)])


def told(result: BacktestResult) -> list[str]:
    """Return what was paid at which hour, in USDT of ten units."""
    (trade,) = result.trades
    paid = [(hours_of(one.at_ms), round(one.funding * 10, 9)) for one in trade.steps if one.funding]
    return [f"{hour:g} funding {amount:g}" for hour, amount in paid]


def test_a_long_pays_what_was_recorded_and_gets_what_was_negative():
    result = lived_with({8: 0.0003, 16: -0.0001})
    assert told(result) == ["8 funding 0.312", "16 funding -0.104"]
    assert result.funding == FundingUsed(recorded=2, assumed=0)
    assert result.trades[0].result == Decimal(200) - Decimal("0.312") + Decimal("0.104")


def test_a_short_gets_what_a_long_pays():
    mirrored = [(200 - o, 200 - low, 200 - high, 200 - c) for o, high, low, c in ROWS]
    market = recorded(hourly(mirrored, symbol=PERPETUAL), free_market(PERPETUAL))
    record = FundingRecord(rates={at_hour(8): 0.0003, at_hour(16): -0.0001}, source="tests")
    idea = an_idea(1, symbol=PERPETUAL, direction=Direction.SHORT)
    result = lived(replace(market, funding=record), [idea])
    assert told(result) == ["8 funding -0.288", "16 funding 0.096"]


def test_a_time_without_a_record_costs_the_stated_rate_and_is_counted():
    result = lived_with({8: 0.0003})
    assert told(result) == ["8 funding 0.312", "16 funding 0.104"]
    assert result.funding == FundingUsed(recorded=1, assumed=1)


def test_without_a_record_every_payment_costs_the_stated_rate():
    result = lived_with(None)
    assert told(result) == ["8 funding 0.104", "16 funding 0.104"]
    assert result.funding == FundingUsed(recorded=0, assumed=2)


def test_a_rate_of_zero_costs_nothing_and_counts_as_recorded():
    result = lived_with({8: 0.0, 16: 0.0})
    assert told(result) == []
    assert result.funding == FundingUsed(recorded=2, assumed=0)
    assert result.trades[0].outcome.net_r == 2


def test_the_result_in_r_is_that_in_money():
    for rates in ({8: 0.0003, 16: -0.0009}, {8: 0.001}, None):
        (trade,) = lived_with(rates).trades
        assert trade.outcome.status is OutcomeStatus.CLOSED
        assert trade.outcome.net_r == pytest.approx(float(trade.result) / 100)
        assert trade.outcome.funding_r == pytest.approx(
            sum(step.funding for step in trade.steps) * 10 / 100
        )


def test_a_rate_of_the_future_changes_nothing_of_the_past():
    early = lived_with({8: 0.0003, 16: 0.0003})
    late = lived_with({8: 0.0003, 16: 0.09})
    (one,), (other,) = early.trades, late.trades
    until = START_MS + 15 * 3_600_000
    assert [s for s in one.steps if s.at_ms < until] == [s for s in other.steps if s.at_ms < until]


def test_a_spot_market_pays_nothing_and_counts_nothing():
    result = lived(recorded(hourly(ROWS)), [an_idea(1)])
    assert result.funding == FundingUsed()
