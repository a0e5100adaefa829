"""Messages say what plan and verdict say."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given

from snipersight.bot.notifications import formatters
from snipersight.bot.notifications.formatters import (
    format_confluence_breakdown,
    format_markdown,
    format_rationale,
    format_risk_metrics,
    format_summary,
    format_update,
    title_of,
)
from snipersight.domain.confluence import Confluence, Factor
from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind
from snipersight.domain.notices import PlainText
from snipersight.domain.timeframe import Timeframe
from tests.builders import a_plan, an_instrument
from tests.builders.decisions import a_refusal, an_approval
from tests.builders.notices import (
    a_digest,
    a_signal,
    a_summary,
    an_update,
    plain_text,
    signals,
)


def number(text: str) -> Decimal:
    return Decimal(re.sub(r"[,$+]", "", text).replace("−", "-"))


def found(pattern: str, text: str) -> Decimal:
    match = re.search(pattern, text)
    assert match is not None, f"{pattern} in {text}"
    return number(match.group(1))


def zone(name: str, text: str) -> tuple[Decimal, Decimal]:
    match = re.search(rf"• {name}: \$?([\d,.]+)(?: – \$?([\d,.]+))?$", text, re.MULTILINE)
    assert match is not None, text
    low, high = match.group(1), match.group(2) or match.group(1)
    return number(low), number(high)


def near(shown: Decimal, fact: float | Decimal, within: str) -> bool:
    return abs(shown - Decimal(fact)) <= Decimal(within) * Decimal("1.000001")


@given(signals())
def test_every_price_of_a_message_is_the_plans(signal):
    text, plan = plain_text(format_markdown(signal)), signal.decision.plan
    assert zone("Aggressive", text) == tuple(sorted((plan.entry_near, plan.entry_mid)))
    assert zone("Conservative", text) == tuple(sorted((plan.entry_mid, plan.entry_far)))
    assert found(r"Last: \$?([\d,.]+),", text) == signal.last_price
    assert found(r"Stop Loss: \$?([\d,.]+) \(", text) == plan.stop_loss.price
    assert [
        (int(place), number(price))
        for place, price in re.findall(r"Target (\d): \$?([\d,.]+) \(", text)
    ] == [(place, target.price) for place, target in enumerate(plan.targets, start=1)]


@given(signals())
def test_every_ratio_of_a_message_is_the_plans(signal):
    text, plan = plain_text(format_markdown(signal)), signal.decision.plan
    exits = re.findall(r"\(([+−]?[\d.]+)R, closes ([\d.]+) %\)", text)
    assert len(exits) == len(plan.targets)
    for (r_multiple, share), target in zip(exits, plan.targets, strict=True):
        assert near(number(r_multiple), target.r_multiple, "0.005")
        assert near(number(share) / 100, target.fraction, "0.0005")
    away = (plan.stop_loss.price - plan.entry_near) / plan.entry_near
    assert near(found(r"Stop Loss: \S+ \((\S+) %\)", text) / 100, away, "0.00005")
    assert near(found(r"R:R: 1:(\S+)", text), plan.risk_reward, "0.005")
    assert near(found(r"Score: ([\d.]+)/100", text), plan.confluence.score, "0.05")
    points = [number(one) for one in re.findall(r"^[✓○✗] .* \(([+−]?[\d.]+)\)$", text, re.M)]
    assert len(points) == len(plan.confluence.factors)
    assert near(sum(points, Decimal(0)), plan.confluence.score, "0.2")


@given(signals())
def test_size_and_risk_of_a_message_are_the_verdicts(signal):
    text, approval = plain_text(format_markdown(signal)), signal.decision
    match = re.search(r"Risk: (\S+) % \((\S+) USDT\) .*Size: (\S+) \w+$", text, re.MULTILINE)
    assert match is not None, text
    fraction, amount, size = map(number, match.groups())
    assert near(fraction / 100, approval.risk_fraction, "0.00005")
    assert near(amount, approval.risk, "0.005")
    assert size == approval.size
    assert found(r"Notional: (\S+) ", text) == approval.notional
    assert near(found(r"Margin: (\S+) ", text), approval.margin, "0.005")
    assert found(r"Leverage: (\S+)x", text) == approval.leverage


@given(signals())
def test_the_distance_of_a_message_is_that_to_the_nearest_edge(signal):
    text, plan, last = plain_text(format_markdown(signal)), signal.decision.plan, signal.last_price
    low, high = sorted((plan.entry_near, plan.entry_far))
    if low <= last <= high:
        assert re.search(r"Last: \S+ in the zone$", text, re.MULTILINE)
        return
    side, edge = ("above", high) if last > high else ("below", low)
    shown = found(rf"Last: \S+ (\S+) % {side} the zone", text)
    assert near(shown / 100, abs(last - edge) / last, "0.00005")


@pytest.mark.parametrize("direction", Direction)
def test_a_message_says_where_until_when_and_what_ends_it(direction):
    plan = a_plan(direction)
    text = plain_text(format_markdown(a_signal(plan)))
    assert f"{direction} {plan.symbol} | Score: 72.0/100 (B) | Intraday" in text
    assert f"sandbox {plan.market} · 15m · market: trend" in text
    until = re.search(r"Valid until (.*) UTC", text)
    assert until is not None
    assert datetime.fromisoformat(until.group(1)).replace(tzinfo=UTC) == plan.valid_until
    assert "Invalid beyond the stop: 0.1 ATR beyond the swept extreme" in text
    turned = "bearish" if direction is Direction.LONG else "bullish"
    assert f"if target 1 or the stop trades first, or structure turns {turned}." in text
    assert text.endswith("📊 What such a score has meant so far: nothing is known yet.")


def test_the_message_follows_the_layout_of_the_specification():
    signal = a_signal(a_plan(), instrument=an_instrument(), last_price=Decimal(42550))
    lines = plain_text(format_markdown(signal)).splitlines()
    assert lines[:16] == [
        "🟢 LONG BTC/USDT | Score: 72.0/100 (B) | Intraday",
        "sandbox spot · 15m · market: trend",
        "",
        "Entry Zones:",
        "• Aggressive: $42,150.00 – $42,250.00",
        "• Conservative: $42,050.00 – $42,150.00",
        "• Last: $42,550.00, 0.71 % above the zone",
        "",
        "Exits:",
        "• Stop Loss: $41,750.00 (−1.18 %)",
        "• Target 1: $43,000.00 (+1.32R, closes 50 %)",
        "• Target 2: $43,650.00 (+2.53R, closes 30 %)",
        "• Target 3: $44,350.00 (+3.84R, closes 20 %)",
        "",
        "Risk: 1.00 % (100.00 USDT) | R:R: 1:2.19 | Size: 0.2 BTC",
        "Notional: 8,450.00 USDT | Margin: 2,816.67 USDT | Leverage: 3x",
    ]
    assert "🔴 SHORT BTC/USDT:USDT" in plain_text(format_markdown(a_signal()))


def test_prices_stand_at_the_tick_and_are_never_rounded_to_it():
    coarse = a_signal(a_plan(), instrument=an_instrument(tick="0.10000000"))
    assert "Stop Loss: $41,750.0 (" in plain_text(format_markdown(coarse))
    between = a_plan(stop="41750.25")
    text = plain_text(format_markdown(a_signal(between, instrument=an_instrument(tick="0.1"))))
    assert "Stop Loss: $41,750.25 (" in text
    assert "Target 1: $43,000.00 (" in text


def test_only_dollars_have_a_dollar_sign():
    text = plain_text(format_markdown(a_signal(a_plan(symbol="BTC/EUR"))))
    assert "Stop Loss: 41,750 (" in text
    assert "$" not in text
    assert "Notional: 8,450.00 EUR" in text


def test_conflicts_have_a_section_of_their_own_if_there_are_any():
    text = plain_text(format_markdown(a_signal()))
    assert "Conflicts:\n✗ Bearish block at 43,400 (−8.0)" in text
    factor = Factor(name="x", value=1, weight=50, contribution=50, sentence="alone")
    silent = replace(factor, contribution=0.0, sentence="decided outside all sessions")
    confluence = Confluence(score=50.0, tier=a_plan().confluence.tier, factors=(silent, factor))
    text = plain_text(format_confluence_breakdown(a_plan(confluence=confluence)))
    assert text == ("Confluence Breakdown:\n✓ alone (+50.0)\n○ decided outside all sessions (0.0)")


def test_a_refusal_shows_every_failed_check_with_value_and_limit():
    silent = Check(code="stale_data", passed=False, measured="2 h", limit=None)
    refusal = a_refusal(checks=(*a_refusal().checks, silent))
    text = plain_text(format_markdown(a_signal(decision=refusal)))
    assert text.startswith("⛔ REFUSED by the risk gate\n🟢 LONG BTC/USDT")
    assert (
        "Failed checks:\n• max_total: 0.125, limit 0.1\n"
        "all trades together would risk 12.5 % of equity, 10 % are allowed\n"
        "• stale_data: 2 h, limit –\n" in text
    )
    assert "min_rr" not in text
    assert "Size" not in text


def test_practice_stands_at_the_top():
    lines = plain_text(format_markdown(a_signal(is_practice=True))).splitlines()
    assert lines[0].startswith("PRACTICE")
    update = format_update(an_update(signal=a_signal(is_practice=True)))
    assert plain_text(update).startswith("PRACTICE\n")
    assert plain_text(format_summary(a_summary(is_practice=True))).startswith("PRACTICE")
    for real in (
        format_markdown(a_signal()),
        format_update(an_update()),
        format_summary(a_summary()),
    ):
        assert "PRACTICE" not in real


def test_a_plan_alone_has_no_size_and_a_verdict_alone_no_currency():
    alone = plain_text(format_markdown(a_plan()))
    assert "R:R: 1:2.19\n" in alone
    assert "Risk:" not in alone
    assert "Risk: 1.00 % (100.00) | R:R" in plain_text(format_markdown(an_approval()))


def test_the_parts_can_be_had_alone():
    signal = a_signal(a_plan())
    whole = format_markdown(signal)
    for part in (
        format_confluence_breakdown(signal),
        format_rationale(signal),
        format_risk_metrics(signal),
    ):
        assert part
        assert part in whole
    assert format_rationale(a_plan(rationale="")) == ""
    assert "Rationale" not in format_markdown(a_plan(rationale=""))


def test_given_evidence_is_told():
    text = plain_text(format_markdown(a_signal(evidence="Of 9 closed signals 4 made money.")))
    assert text.endswith("📊 Of 9 closed signals 4 made money.")


def test_what_matters_fits_a_caption():
    plan = a_plan(
        Direction.SHORT,
        symbol="1000000MOG/USDT:USDT",
        venue="binanceusdm",
        market=MarketKind.PERPETUAL,
        near="0.00012345",
        far="0.00012999",
        stop="0.00013579",
        targets=("0.00011111", "0.00010987", "0.00009876"),
        cost="0.00000001",
        timeframe=Timeframe.parse("15m"),
    )
    rationale = (
        "0.1 ATR beyond the swept high 0.00013468, past previous day's high 0.00013480, "
        "equal highs 0.00013501"
    )
    plan = replace(plan, stop_loss=replace(plan.stop_loss, rationale=rationale))
    instrument = an_instrument("1000000MOG/USDT:USDT", tick="0.00000001")
    approval = an_approval(plan, notional=Decimal(1234567), margin=Decimal("246913.40"))
    signal = a_signal(plan, decision=approval, instrument=instrument, is_practice=True)
    head, _, _ = plain_text(format_markdown(signal)).partition("Confluence Breakdown:")
    assert "Valid until" in head
    assert len(head) <= 1024


def test_titles_are_one_clean_line():
    assert title_of(a_signal()) == "SHORT BTC/USDT:USDT 72.0/100"
    assert title_of(a_digest()) == "Day 2024-06-07"
    assert title_of(PlainText(markdown="x", title="A\r\nBcc: b\x00\u202e")) == "A Bcc: b"


def test_the_public_names_are_these():
    assert formatters.__all__ == sorted(formatters.__all__)
    assert all(callable(getattr(formatters, name)) for name in formatters.__all__)
    assert len(formatters.__all__) == 13
