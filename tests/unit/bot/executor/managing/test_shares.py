"""How a position is divided among its targets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.executor.managing.shares import target_sizes
from snipersight.domain.execution import IntentState, Leg
from tests.builders.situations import a_market, a_situation, a_trade, an_order, spot_market

_THREE = (("110", "0.5"), ("120", "0.3"), ("130", "0.2"))


def _sizes(total: str, *, targets: tuple = _THREE, filled: str = "0", **market: Any) -> list[str]:
    trade = a_trade(targets=targets)
    done = an_order(Leg.TARGET, "9", trade=trade, state=IntentState.CANCELLED, filled=filled)
    situation = a_situation(done, trade=trade, held=total, instrument=a_market(**market))
    return [f"{one.normalize():f}" for one in target_sizes(situation, Decimal(total))]


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        ("10", ["5", "3", "2"]),
        ("1.01", ["0.5", "0.3", "0.21"]),  # borders at 0.505 and 0.808 go down to the lot
        ("0.03", ["0.01", "0.01", "0.01"]),
        ("0.01", ["0", "0", "0.01"]),
        ("0", ["0", "0", "0"]),
    ],
)
def test_shares_are_on_the_lot_and_the_last_takes_the_rest(total, expected):
    assert _sizes(total) == expected


@pytest.mark.parametrize(
    ("held", "filled", "expected"),
    [
        ("9", "1", ["4", "3", "2"]),  # of 10 the first share was 5
        ("5", "5", ["0", "3", "2"]),
        (
            "3",
            "5",
            ["0", "2.4", "0.6"],
        ),  # 2 more were closed at market: shares of 8 are 4, 2.4, 1.6
    ],
)
def test_what_targets_have_closed_counts_towards_their_shares(held, filled, expected):
    assert _sizes(held, filled=filled) == expected


def test_a_share_below_the_least_size_goes_to_its_neighbour():
    assert _sizes("10", min_size=Decimal("3")) == ["5", "5", "0"]
    small_first = (("110", "0.1"), ("120", "0.4"), ("130", "0.5"))
    assert _sizes("10", targets=small_first, min_size=Decimal(2)) == ["0", "5", "5"]
    assert _sizes("10", min_size=Decimal(6)) == ["0", "10", "0"]
    assert _sizes("10", min_size=Decimal(11)) == ["0", "0", "0"]


def test_the_rest_of_a_target_that_rests_stays_however_small():
    trade = a_trade(targets=_THREE)
    partly = an_order(Leg.TARGET, "5", trade=trade, filled="4.5")
    situation = a_situation(
        partly, trade=trade, held="5.5", instrument=a_market(min_size=Decimal(2))
    )
    assert target_sizes(situation, Decimal("5.5")) == (Decimal("0.5"), Decimal(3), Decimal(2))


@given(
    lots=st.integers(0, 2000),
    filled=st.integers(0, 1000),
    parts=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    least=st.integers(0, 60),
)
def test_shares_sum_to_everything_or_none_is_large_enough(lots, filled, parts, least):
    fractions = [Decimal(one) / sum(parts) for one in parts[:-1]]
    fractions.append(1 - sum(fractions, Decimal(0)))
    targets = tuple((str(110 + 10 * n), str(one)) for n, one in enumerate(fractions))
    trade = a_trade(symbol="BTC/USDT", targets=targets)
    done = an_order(
        Leg.TARGET, "50", trade=trade, state=IntentState.FILLED, filled=str(Decimal(filled) / 100)
    )
    total = Decimal(lots) / 100
    market = spot_market(min_notional=Decimal(least))
    situation = a_situation(done, trade=trade, held=str(total), entered="30", instrument=market)
    found = target_sizes(situation, total)
    assert sum(found) == (total if total * 95 >= least else 0)
    assert all(one == 0 or one * 95 >= least for one in found)
