"""Messages say what plan and verdict say, to whom it concerns, as it was written."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications import formatters
from snipersight.bot.notifications.formatters import (
    format_alert,
    format_confluence_breakdown,
    format_digest,
    format_json,
    format_markdown,
    format_rationale,
    format_risk_metrics,
    format_summary,
    format_update,
    title_of,
)
from snipersight.domain.channels import ChatRole
from snipersight.domain.confluence import Confluence, Factor
from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind
from snipersight.domain.notices import PlainText, Severity, Signal, SignalEvent
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Money, Symbol
from tests.builders import a_plan, an_instrument
from tests.builders.decisions import a_refusal, an_approval
from tests.builders.notices import (
    a_digest,
    a_signal,
    a_summary,
    an_alert,
    an_update,
    approvals,
    plain_text,
    signals,
)

PUBLIC = ChatRole.PUBLIC
PRICE = r"\$?(?P<{}>[\d,.]+)"
# Every character but those that a message leaves out: controls, half characters, separators of
# lines, and what turns the direction of text.
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ORDINARY = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters=TURNING)
MARKUP = st.sampled_from(
    "**·__·`·~~·[x](http://y)·<b>·&amp;·\\·# ·> ·- ·1. ·1) ·{{ 7*7 }}·{% x %}·---·===·    ·|·![·]"
    "·<!--·*·שלום·مرحبا".split("·")
)
WRITTEN = st.lists(ORDINARY | MARKUP, min_size=1, max_size=12).map("".join)
WORDS = WRITTEN.map(lambda text: " ".join(text.split())).filter(bool)


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


# The numbers


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


# Conditional sections


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


# What a public chat sees


@given(st.data())
def test_the_public_message_of_a_plan_is_the_same_whatever_the_account_is(data):
    one = data.draw(signals())
    approval = data.draw(approvals(one.decision.plan))
    kept = {"leverage": one.decision.leverage, "risk_fraction": one.decision.risk_fraction}
    equity = Money(data.draw(st.decimals("1", "1E+9", places=2)))
    other = replace(one, decision=replace(approval, **kept), equity=equity, account_id="other")
    for words in (format_markdown, format_risk_metrics, format_json):
        assert words(one, role=PUBLIC) == words(other, role=PUBLIC)
    scans = [a_summary(signal) for signal in (one, other)]
    assert format_summary(scans[0], role=PUBLIC) == format_summary(scans[1], role=PUBLIC)
    assert format_json(scans[0], role=PUBLIC) == format_json(scans[1], role=PUBLIC)


def test_private_numbers_are_told_in_private_and_nowhere_in_public():
    approval = an_approval(
        a_plan(),
        size=Decimal("0.77123"),
        notional=Decimal("71234.56"),
        margin=Decimal("61234.57"),
        risk=Decimal("517.31"),
    )
    signal = a_signal(decision=approval, equity=Money(Decimal("51737.77")))
    private, public = format_markdown(signal), format_markdown(signal, role=PUBLIC)
    for amount in ("0.77123", "71,234.56", "61,234.57", "517.31"):
        assert amount in plain_text(private)
        assert amount not in plain_text(public)
    told = str(format_json(signal))
    hidden = str(format_json(signal, role=PUBLIC)) + str(
        format_json(a_summary(signal), role=PUBLIC)
    )
    for amount in ("0.77123", "71234.56", "61234.57", "517.31", "51737.77"):
        assert amount in told
        assert amount not in hidden
    assert "Risk: 1.00 % | R:R: 1:2.19 | Leverage: 1x" in plain_text(public)


def test_a_public_chat_learns_nothing_of_the_accounts_limits():
    refused = a_signal(decision=a_refusal())
    text = plain_text(format_markdown(refused, role=PUBLIC))
    assert "REFUSED" in text
    assert "max_total" not in text
    assert format_json(refused, role=PUBLIC)["checks"] == []
    reasons = [row["reason"] for row in format_json(a_summary(), role=PUBLIC)["funnel"]]
    assert reasons == ["no_setup", "gated", "declined", "rejected", "approved"]


def test_a_public_digest_tells_results_and_nothing_of_the_account():
    richer = a_digest(
        equity=Money(Decimal(7)),
        change=None,
        open_positions=9,
        account_id="x",
        trades=3,
        trades_net_r=Decimal(2),
    )
    for words in (format_digest, format_json):
        assert words(a_digest(), role=PUBLIC) == words(richer, role=PUBLIC)
        assert words(a_digest()) != words(richer)


def test_a_public_update_of_a_position_gives_no_detail():
    update = an_update(is_actual=True, detail="0.5 BTC of 10,000 USDT")
    assert "0.5 BTC" in plain_text(format_update(update))
    assert "0.5 BTC" not in plain_text(format_update(update, role=PUBLIC))
    assert format_json(update, role=PUBLIC)["detail"] == ""
    by_candles = an_update(detail="the stop was hit")
    assert "the stop was hit" in plain_text(format_update(by_candles, role=PUBLIC))


# Text from elsewhere


def with_texts(text: str) -> Signal:
    factor = Factor(name="x", value=1, weight=72, contribution=72, sentence=f"F{text}F")
    plan = a_plan(rationale=f"R{text}R", venue=f"V{text}V")
    plan = replace(
        plan,
        symbol=Symbol(f"S{text}S"),
        confluence=replace(plan.confluence, factors=(factor,)),
        stop_loss=replace(plan.stop_loss, rationale=f"L{text}L"),
    )
    return a_signal(plan, evidence=f"E{text}E")


@given(WORDS)
def test_symbols_and_reasons_arrive_as_written(text):
    plain = plain_text(format_markdown(with_texts(text)))
    for letter in "FRVSLE":
        assert f"{letter}{text}{letter}" in plain


@given(WORDS)
def test_a_text_that_stands_alone_arrives_as_written(text):
    plan = replace(a_plan(rationale=text), symbol=Symbol(text))
    check = Check(code="x", passed=False, measured=text, limit=text, sentence=text)
    signal = a_signal(plan, decision=a_refusal(plan, checks=(check,)), evidence=text)
    lines = [
        line.strip("\u2068\u2069") for line in plain_text(format_markdown(signal)).splitlines()
    ]
    assert lines.count(text) >= 2  # the check's sentence and the rationale
    assert text in plain_text(format_summary(a_summary(signal)))
    assert text in plain_text(format_update(an_update(signal=signal, detail=text)))
    alert = plain_text(format_alert(an_alert(title=text, text=f"{text}\n{text}", subject=text)))
    assert alert.count(text) >= 4


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_whatever_is_in_a_text_it_hides_nothing_and_turns_nothing(text):
    signal = with_texts(text)
    shown = format_markdown(signal) + format_update(an_update(signal=signal, detail=text))
    shown.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066\u2067]", shown)
    assert shown.count("\u2068") == shown.count("\u2069")
    quiet = with_texts("")
    assert len(format_markdown(signal).splitlines()) == len(format_markdown(quiet).splitlines())


def test_a_text_from_right_to_left_cannot_swap_the_numbers_beside_it():
    plan = replace(a_plan(), symbol=Symbol("שלום/USDT"))
    assert "LONG \u2068שלום/USDT\u2069 | Score" in plain_text(format_markdown(plan))


def test_a_name_of_which_nothing_is_left_is_a_question_mark():
    signal = a_signal(replace(a_plan(), symbol=Symbol("\u202e\x00 ")))
    assert "LONG ? | Score" in plain_text(format_markdown(signal))
    assert "LONG ? | 72.0/100" in plain_text(format_summary(a_summary(signal)))
    assert "LONG ?\n" in plain_text(format_update(an_update(signal=signal)))
    assert "CRITICAL: ?\n" in plain_text(format_alert(an_alert(title="\x00", trigger="")))


def test_a_text_is_no_template():
    plain = plain_text(format_markdown(a_plan(rationale="{{ 7*7 }} {% for %} {{ s.__class__ }}")))
    assert "{{ 7*7 }} {% for %} {{ s.__class__ }}" in plain


# Events, alerts, scans, days


@pytest.mark.parametrize(
    ("event", "fields", "title"),
    [
        (SignalEvent.APPROACHING, {"net_r": None}, "👀 Near the entry zone"),
        (SignalEvent.ENTERED, {"net_r": None}, "📥 Entered"),
        (SignalEvent.TARGET_HIT, {"target": 2}, "🎯 Target 2 hit"),
        (SignalEvent.STOP_MOVED, {}, "🛡 Stop moved"),
        (SignalEvent.CLOSED, {"net_r": Decimal("-1.004")}, "🏁 Closed with −1.00R net"),
        (SignalEvent.MISSED, {"net_r": None}, "💨 Missed"),
        (SignalEvent.INVALIDATED, {"net_r": None}, "❌ Invalid"),
        (SignalEvent.EXPIRED, {"net_r": None, "price": None}, "⌛ Expired"),
    ],
)
def test_every_event_has_its_words(event, fields, title):
    update = an_update(event, **fields)
    lines = plain_text(format_update(update)).splitlines()
    assert lines[0] == f"{title} | SHORT BTC/USDT:USDT"
    assert lines[1].endswith(".")
    assert lines[-1] == "2024-06-07 11:00 UTC, by the candles"
    assert title_of(update) == f"{title[2:]}: SHORT BTC/USDT:USDT"
    assert ("41,500" in "\n".join(lines)) is (update.price is not None)


def test_an_update_tells_price_and_result_and_whose_they_are():
    hit = an_update(SignalEvent.TARGET_HIT, target=1, price=Decimal("41500.125"), is_actual=True)
    lines = plain_text(format_update(hit)).splitlines()
    assert lines[2] == "at $41,500.125 | +1.25R net so far"
    assert lines[1] == "The plan closes 50 % there."
    assert lines[-1] == "2024-06-07 11:00 UTC, your own position"
    entered = plain_text(format_update(an_update(SignalEvent.ENTERED, is_actual=True)))
    assert entered.splitlines()[1:3] == ["The position is open.", "at $41,500"]
    closed = plain_text(format_update(an_update(SignalEvent.CLOSED, net_r=Decimal(2))))
    assert closed.count("2.00R") == 1
    moved = plain_text(format_update(an_update(SignalEvent.STOP_MOVED, net_r=None)))
    assert "\nto $41,500\n" in moved
    endless = an_update(price=Decimal(1) / Decimal(3))
    assert "at $0.3333\n" in plain_text(format_update(endless))


@pytest.mark.parametrize(("severity", "emoji"), list(zip(Severity, "ℹ⚠❗🚨", strict=True)))
def test_an_alert_says_how_much_it_matters_and_keeps_its_lines(severity, emoji):
    text = plain_text(format_alert(an_alert(severity=severity)))
    assert text.startswith(emoji)
    assert f"{severity.upper()}: Daily loss\nNo entries until 00:00 UTC.\nLook at: sniper" in text
    assert text.endswith("main · 2024-06-07 10:00 UTC")
    assert title_of(an_alert(severity=severity)) == f"{severity.upper()}: Daily loss"
    assert "breaker" in plain_text(format_alert(an_alert(title="", subject="")))


def test_a_summary_lists_the_best_by_score_and_counts_the_rest():
    scores = (61.0, 80.5, 72.0, 90.0)
    found = [a_signal(a_plan(symbol=f"C{score:.0f}/USDT", score=score)) for score in scores]
    text = plain_text(format_summary(a_summary(*found), top=3))
    assert re.findall(r"^(\d)\. 🟢 LONG (\w+)/USDT \| ([\d.]+)/100", text, re.M) == [
        ("1", "C90", "90.0"),
        ("2", "C80", "80.5"),
        ("3", "C72", "72.0"),
    ]
    assert "and 1 more" in text
    assert "more" not in plain_text(format_summary(a_summary(*found), top=4))
    assert "C90" not in plain_text(format_summary(a_summary(*found), top=0))
    with pytest.raises(ValueError, match="-1"):
        format_summary(a_summary(*found), top=-1)


def test_a_summary_counts_the_way_of_the_candidates_and_the_markets():
    text = plain_text(format_summary(a_summary()))
    assert text.startswith("📋 1 new signal | balanced | binanceusdm\n2024-06-07 10:00 UTC")
    assert "Scan: 20 symbols, 25 candidates, 5 past the quality gates" in text
    assert "• without a setup: 12\n• stopped at a quality gate: 8\n" in text
    assert "• refused by the risk gate: 1\n• approved: 3" in text
    assert text.endswith("Market: trend 16, range 3, unknown 1")
    assert "Risk 1.00 % (100.00 USDT) | Size 0.2 BTC" in text
    plan = a_signal().decision.plan
    prices = " · ".join(f"${target.price:,.0f}" for target in plan.targets)
    assert f"\nTargets {prices}\nRisk" in text
    assert "Risk 1.00 %\n" in plain_text(format_summary(a_summary(), role=PUBLIC))
    assert title_of(a_summary()) == "1 new signal on binanceusdm"


def test_a_scan_that_found_nothing_says_so():
    empty = replace(a_summary(), signals=(), funnel=(), regimes={}, scanned=0)
    text = plain_text(format_summary(empty))
    assert text.startswith("📋 no new signal | ")
    assert "Scan: 0 symbols, 0 candidates, 0 past" in text
    assert "Market" not in text


def test_a_digest_tells_the_day():
    assert plain_text(format_digest(a_digest())).splitlines() == [
        "📅 2024-06-07 | main",
        "• Signals told: 5",
        "• entered: 4",
        "• closed: 3",
        "• missed: 1",
        "",
        "Closed: +2.30R net, 2 of 3 with a gain by the candles",
        "",
        "Still open: 1",
        "Equity: 10,250.50 USDT (−120.25 USDT without deposits and withdrawals)",
    ]
    quiet = a_digest(told=0, events={}, net_r=None, hits=0, equity=None, change=None)
    assert plain_text(format_digest(quiet)).splitlines() == [
        "📅 2024-06-07 | main",
        "• Signals told: 0",
        "",
        "Still open: 1",
    ]


def test_a_digest_tells_apart_what_was_really_traded_and_practice():
    day = a_digest(trades=2, trades_net_r=Decimal("-0.5"), is_practice=True)
    lines = plain_text(format_digest(day)).splitlines()
    assert lines[0] == "PRACTICE · the built-in market, nothing to trade"
    assert "Your trades: 2 closed, −0.50R net" in lines
    assert "Your trades: 1 closed" in plain_text(format_digest(a_digest(trades=1)))
    public = plain_text(format_digest(day, role=PUBLIC))
    assert "PRACTICE" in public
    assert "trades" not in public


def test_titles_are_one_clean_line():
    assert title_of(a_signal()) == "SHORT BTC/USDT:USDT 72.0/100"
    assert title_of(a_digest()) == "Day 2024-06-07"
    assert title_of(PlainText(markdown="x", title="A\r\nBcc: b\x00\u202e")) == "A Bcc: b"


def test_the_public_names_are_these():
    assert formatters.__all__ == sorted(formatters.__all__)
    assert all(callable(getattr(formatters, name)) for name in formatters.__all__)
    assert len(formatters.__all__) == 13
