"""What the comparison of a backtest with a run shows."""

from decimal import Decimal

import pytest

from snipersight.bootstrap.evidence.parity import Verified
from snipersight.cli.backtest_parity import parity_document, parity_json
from snipersight.domain.units import Symbol
from snipersight.engine.parity.comparing import compare
from snipersight.engine.parity.facts import Chronicle, Fact, Kind, exactly
from snipersight.engine.recording import Period

START_MS = 1_711_929_600_000  # 2024-04-01
BTC = Symbol("BTC/USDT:USDT")


def facts(*kinds: Kind, stop: str = "92") -> Chronicle:
    values = {"stop": exactly(Decimal(stop))}
    return Chronicle(
        Fact(kind=one, key="a plan", at_ms=START_MS, symbol=BTC, values=values) for one in kinds
    )


def verified(backtest: Chronicle, run: Chronicle) -> Verified:
    return Verified(
        comparison=compare(backtest, run),
        period=Period(start_ms=START_MS, end_ms=START_MS + 86_400_000),
        markets=(BTC,),
        unread=(),
    )


def test_a_difference_is_told_with_time_and_symbol():
    told = verified(facts(*Kind), facts(*Kind, stop="91"))
    document = parity_document(told)
    assert document.title == "Backtest and run differ"
    assert document.about[1] == "4 differences"
    grid = document.sections[1].grid
    assert grid is not None
    assert grid.rows[0] == (
        "2024-04-01 00:00",
        BTC,
        "plans",
        "a plan",
        "stop",
        "92",
        "91",
    )
    (first, *_) = parity_json(told)["differences"]
    assert (first["at"], first["symbol"], first["backtest"]) == ("2024-04-01T00:00:00Z", BTC, "92")


def test_what_was_compared_is_counted():
    told = verified(facts(*Kind), facts(*Kind))
    document = parity_document(told)
    assert document.title == "Backtest and run agree"
    (section,) = document.sections
    assert section.grid is not None
    assert [(row[0], row[2]) for row in section.grid.rows] == [(one.value, "1") for one in Kind]
    assert parity_json(told)["finding"] == "parity"


@pytest.mark.parametrize("absent", [Kind.ORDER, Kind.PLAN])
def test_a_period_without_something_to_compare_says_so(absent):
    some = facts(*(one for one in Kind if one is not absent))
    document = parity_document(verified(some, some))
    assert document.title == "Nothing differs, and not everything was compared"
    assert document.remarks[0].startswith(f"No {absent.value} occurred in the period")
