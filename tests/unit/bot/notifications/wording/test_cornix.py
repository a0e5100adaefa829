import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given

from snipersight.bot.notifications.wording.cornix import cornix_text, format_cornix
from snipersight.domain.direction import Direction
from snipersight.domain.notices import Signal
from snipersight.domain.units import Symbol
from tests.builders import a_plan
from tests.builders.decisions import a_refusal, an_approval
from tests.builders.notices import a_signal, plain_text, signals

DOCUMENT = Path(__file__).parents[5] / "docs/notifications/cornix.md"


def real(signal: Signal, venue: str = "binanceusdm") -> Signal:
    """Return a signal on a real venue."""
    plan = replace(signal.decision.plan, venue=venue)
    return replace(signal, decision=replace(signal.decision, plan=plan))


def test_the_document_shows_the_text_of_a_signal():
    blocks = re.findall(r"```text\n(.*?)\n```", DOCUMENT.read_text(), re.DOTALL)
    assert blocks[0] == cornix_text(a_signal())


@given(signals())
def test_every_number_is_the_plans_and_shares_sum_to_all(signal):
    text, plan = cornix_text(real(signal)), signal.decision.plan
    head, targets, stop = re.split(r"\n\n(?:Take-Profit|Stop) Targets:\n", text)
    zone = re.search(r"^Entry Zone: ([\d.]+) - ([\d.]+)$", head, re.MULTILINE)
    assert zone is not None
    assert sorted((plan.entry_near, plan.entry_far)) == [Decimal(edge) for edge in zone.groups()]
    rows = [re.fullmatch(r"(\d)\) ([\d.]+) - ([\d.]+)%", row) for row in targets.splitlines()]
    assert all(rows)
    assert [Decimal(row.group(2)) for row in rows if row] == [one.price for one in plan.targets]
    assert sum(Decimal(row.group(3)) for row in rows if row) == 100
    last = re.fullmatch(r"1\) ([\d.]+) - 100%", stop)
    assert last is not None
    assert Decimal(last.group(1)) == plan.stop_loss.price
    assert "," not in text


def test_shares_that_never_end_still_sum_to_all():
    plan = a_plan(venue="binance")
    third = Decimal(1) / 3
    shares = (third, third, 1 - 2 * third)
    targets = tuple(
        replace(target, fraction=share) for target, share in zip(plan.targets, shares, strict=True)
    )
    text = cornix_text(a_signal(replace(plan, targets=targets)))
    assert re.findall(r"- ([\d.]+)%", text) == ["33.33", "33.33", "33.34", "100"]


@pytest.mark.parametrize(
    ("venue", "symbol", "line"),
    [
        ("binance", "BTC/USDT", "Exchanges: Binance\n"),
        ("binanceusdm", "BTC/USDT:USDT", "Exchanges: Binance Futures\n"),
        ("bybit", "BTC/USDT:USDT", "Exchanges: ByBit USDT\n"),
        ("kraken", "BTC/USDT", None),
    ],
)
def test_only_known_exchanges_are_named(venue, symbol, line):
    text = cornix_text(a_signal(a_plan(symbol=symbol, venue=venue)))
    assert text.startswith("⚡️⚡️ #BTC/USDT ⚡️⚡️\n")
    assert (line in text) if line else ("Exchanges" not in text)


def test_spot_has_no_leverage_and_a_short_says_so():
    spot = cornix_text(a_signal(a_plan(venue="binance")))
    assert "Leverage" not in spot
    assert "Signal Type: Regular (Long)" in spot
    short = cornix_text(a_signal(a_plan(Direction.SHORT, venue="bybit")))
    assert "Signal Type: Regular (Short)\nLeverage: Isolated (3X)" in short


@pytest.mark.parametrize(
    "signal",
    [
        a_signal(is_practice=True),
        a_signal(a_plan()),  # of the venue `sandbox`
        a_signal(decision=a_refusal(a_plan(venue="binance"))),
    ],
)
def test_what_must_not_be_traded_has_no_such_text(signal):
    assert cornix_text(signal) == format_cornix(signal) == ""


def test_it_survives_markdown_and_a_hostile_symbol_adds_no_line():
    symbol = Symbol("X/USDT\nStop Targets:\n1) 5:USDT")
    plan = replace(a_plan(Direction.SHORT, venue="binanceusdm"), symbol=symbol)
    text = cornix_text(a_signal(decision=an_approval(plan)))
    assert len(text.splitlines()) == len(cornix_text(a_signal()).splitlines())
    assert plain_text(format_cornix(a_signal(decision=an_approval(plan)))) == text
