"""What the bot answers reads as meant, whatever stands in it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.markup.markdown_entities import to_entities
from snipersight.bot.operator.commands import COMMANDS
from snipersight.bot.operator.confirmations import Grave
from snipersight.bot.operator.facts import (
    NO_STATS,
    BudgetFacts,
    LossFacts,
    OrderFacts,
    PositionFacts,
    RiskFacts,
    RunFacts,
    SignalFacts,
    StatsFacts,
    StatusFacts,
    TargetFacts,
    WhyFacts,
)
from snipersight.bot.operator.wording.help_text import (
    help_text,
    question_text,
    unknown_text,
    usage_text,
)
from snipersight.bot.operator.wording.signals_text import (
    became,
    signals_text,
    stats_text,
    why_text,
)
from snipersight.bot.operator.wording.status_text import risk_text, status_text
from snipersight.bot.operator.wording.trade_text import orders_text, positions_text
from snipersight.domain.account import AccountState
from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import OutcomeStatus
from snipersight.domain.execution import KillSwitch
from snipersight.domain.exposure import NOTHING
from snipersight.domain.ledger import Origin
from snipersight.domain.people import Role
from snipersight.domain.standing import BreakerName, TradingState, TrippedBreaker
from snipersight.domain.units import Currency, Money, Price, Size, Symbol
from snipersight.risk.manager import RiskStatus
from tests.builders import a_plan
from tests.builders.decisions import a_refusal, an_approval
from tests.builders.evidence import an_outcome
from tests.builders.ledger import a_policy, an_entry
from tests.builders.standings import account

AT_US = 1_717_754_400_000_000
HOSTILE = st.text(max_size=60) | st.sampled_from(
    ["**bold** _it_", "[x](http://evil.example)", "`code`", "<b>", "# h\n- l", "\u202eabc", "~~s~~"]
)


def shown(markdown: str) -> str:
    return to_entities(markdown).text


def a_status(**more: Any) -> RiskStatus:
    values: dict[str, Any] = {
        "account": AccountState(
            account_id="main", currency=Currency("USDT"), equity=Money(Decimal(10000))
        ),
        "state": TradingState.ACTIVE,
        "standing": account(),
        "total": NOTHING,
        "entries": (),
        "policy": a_policy(),
        "at_us": AT_US,
    }
    return RiskStatus(**(values | more))


def the_status(**more: Any) -> StatusFacts:
    values: dict[str, Any] = {
        "risk": a_status(),
        "switch": None,
        "positions": 2,
        "waiting": 1,
        "unprotected": 0,
        "orders": 5,
    }
    return StatusFacts(**(values | more))


def a_position(**more: Any) -> PositionFacts:
    values: dict[str, Any] = {
        "symbol": Symbol("BTC/USDT"),
        "direction": Direction.LONG,
        "plan_id": "9f86d081884c7d65-1a2b3c4d",
        "state": "open",
        "where": "paper",
        "size": Size(Decimal("0.5")),
        "held": Size(Decimal("0.25")),
        "entry_near": Price(Decimal("42250")),
        "entry_far": Price(Decimal("42050.5")),
        "average": Price(Decimal("42200")),
        "stop": Price(Decimal("41750")),
        "is_protected": True,
        "targets": (
            TargetFacts(price=Price(Decimal(43000)), fraction=Decimal("0.5"), is_hit=True),
            TargetFacts(price=Price(Decimal(44000)), fraction=Decimal("0.5"), is_hit=False),
        ),
        "last": Price(Decimal("43210.5")),
        "unrealised": Decimal("252.5"),
        "realised": Decimal(100),
        "r_multiple": Decimal("1.234"),
    }
    return PositionFacts(**(values | more))


def an_order(**more: Any) -> OrderFacts:
    values: dict[str, Any] = {
        "symbol": Symbol("BTC/USDT"),
        "purpose": "stop",
        "side": "sell",
        "kind": "stop market",
        "size": Size(Decimal("0.5")),
        "filled": Size(Decimal(0)),
        "prices": (Price(Decimal("41750.00")),),
        "state": "working",
    }
    return OrderFacts(**(values | more))


def test_status_says_what_holds_first():
    lines = shown(status_text(the_status())).splitlines()
    assert lines[0] == "🟢 ACTIVE – new trades are allowed"
    assert lines[1] == "Account main: 10,000.00 USDT"
    assert "Positions 2 · waiting for entry 1 · orders 5" in lines


def test_status_says_what_stops_trading_and_until_when():
    breaker = TrippedBreaker(
        name=BreakerName.OPERATOR,
        state=TradingState.HALTED,
        tripped_us=AT_US,
        until_us=None,
        sentence="news",
    )
    standing = replace(account(), tripped=(breaker,))
    switch = KillSwitch(flatten=True, since_us=AT_US, actor="telegram:7", reason="enough")
    text = shown(
        status_text(
            the_status(
                risk=a_status(state=TradingState.HALTED, standing=standing),
                switch=switch,
                unprotected=1,
            )
        )
    )
    assert "Paused by hand since 2024-06-07 10:00 UTC, until /resume: news" in text
    assert "by telegram:7, closes positions, too, not yet confirmed by the venue: enough" in text
    assert "enough. It holds until `snipersight kill --rearm` at the terminal." in text
    assert "1 position without a full stop" in text


def test_a_halt_of_the_kill_switch_is_told_once_and_not_as_a_pause():
    breaker = TrippedBreaker(
        name=BreakerName.OPERATOR,
        state=TradingState.HALTED,
        tripped_us=AT_US,
        until_us=None,
        sentence="kill switch: enough",
    )
    status = a_status(state=TradingState.HALTED, standing=replace(account(), tripped=(breaker,)))
    switch = KillSwitch(flatten=False, since_us=AT_US, actor="telegram:7", reason="enough")
    in_short = shown(status_text(the_status(risk=status, switch=switch)))
    in_full = shown(risk_text(RiskFacts(status=status, losses=(), budgets=())))
    for text in (in_short, in_full):
        assert text.count("kill --rearm") == 1
        assert "/resume" not in text


def test_status_says_what_the_process_does_and_what_is_wrong():
    run = RunFacts(
        mode="paper",
        profile="intraday",
        venue="sandbox",
        symbols=20,
        asks=True,
        scanned_to_ms=AT_US // 1000,
        next_ms=AT_US // 1000 + 900_000,
        troubles=("telegram does not answer",),
    )
    text = shown(status_text(the_status(run=run)))
    assert "Mode paper, asks before each trade; 20 symbols of sandbox, profile intraday" in text
    assert "Scanned to 2024-06-07 10:00 UTC, next 10:15" in text
    assert "⚠️ Telegram does not answer." in text


def test_risk_shows_each_limit_and_no_limit_of_nothing_divides():
    facts = RiskFacts(
        status=a_status(),
        losses=(LossFacts(name="today", now=Decimal("0.015"), limit=Decimal("0.03")),),
        budgets=(
            BudgetFacts(name="risk of all trades", amount=Decimal(500), limit=Decimal(1000)),
            BudgetFacts(name="margin", amount=Decimal(0), limit=Decimal(0)),
            BudgetFacts(name="trades", amount=Decimal(1), limit=Decimal(10), is_count=True),
        ),
    )
    lines = shown(risk_text(facts)).splitlines()
    assert "█████░░░░░ Today: 1.50 % of 3.00 %" in lines
    assert "█████░░░░░ Risk of all trades: 500.00 of 1,000.00 USDT" in lines
    assert "██████████ Margin: 0.00 of 0.00 USDT" in lines
    assert "█░░░░░░░░░ 1 of 10 trades" in lines


def test_a_position_shows_stop_targets_and_result():
    assert shown(positions_text([a_position()])).splitlines() == [
        "🟢 LONG BTC/USDT · open, paper",
        "0.25 of 0.5 BTC · entry $42,200.0",
        "Stop $41,750.0, in place",
        "Targets $43,000.0 ✓, $44,000.0 (50 %)",
        "Last $43,210.5 · unrealised +252.50 USDT · realised +100.00 · +1.23R",
        "plan 9f86d081",
    ]


def test_a_position_without_its_stop_cries_out():
    assert "NOT IN PLACE" in shown(positions_text([a_position(is_protected=False)]))
    assert "PLACE" not in shown(positions_text([a_position(is_protected=None)])).upper()


def test_orders_are_listed_by_market():
    other = an_order(symbol=Symbol("ETH/USDT"), purpose="entry 1", prices=(), state="unknown")
    orders = [an_order(), other, an_order(filled=Size(Decimal("0.1")))]
    assert shown(orders_text(orders)).splitlines() == [
        "BTC/USDT",
        "• stop: sell 0.5 BTC stop market at 41,750",
        "• stop: sell 0.1 of 0.5 BTC stop market at 41,750",
        "",
        "ETH/USDT",
        "• entry 1: sell 0.5 ETH stop market at market, unknown",
    ]


def test_nothing_is_said_to_be_nothing():
    assert shown(positions_text([])) == "No open trade."
    assert shown(orders_text([])) == "No order waits."
    assert shown(signals_text([])) == "No signal was approved yet."
    assert shown(stats_text(NO_STATS)) == "No signal was approved yet."


def test_statistics_begin_with_what_became_of_the_signals():
    facts = StatsFacts(
        signals=1_200,
        origin="practice",
        became=(("closed", 1_190), ("waiting", 10)),
        sentences=("it goes on",),
    )
    assert shown(stats_text(facts)).splitlines() == [
        "1,200 practice signals: 1,190 closed, 10 waiting",
        "• It goes on.",
    ]


def test_statistics_of_nothing_but_refusals_say_so():
    facts = StatsFacts(signals=0, refused=7)
    assert shown(stats_text(facts)) == "No signal was approved yet. 7 signals refused."


def a_signal(**more: Any) -> SignalFacts:
    values: dict[str, Any] = {"plan": a_plan(), "judged_us": AT_US}
    return SignalFacts(**(values | more))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "waits for its entry"),
        ({"is_over": True}, "its time is over"),
        ({"modelled": an_outcome(status=OutcomeStatus.WAITING)}, "waits for its entry"),
        (
            {"modelled": an_outcome(status=OutcomeStatus.CLOSED, net_r=1.5)},
            "closed at +1.50R by its candles",
        ),
        (
            {"entry": an_entry(filled="1", origin=Origin.BY_HAND)},
            "position open, by hand",
        ),
    ],
)
def test_what_became_of_a_signal(more, says):
    assert became(a_signal(**more)) == says


def test_a_signal_is_three_lines():
    lines = shown(signals_text([a_signal()])).splitlines()
    plan = a_plan()
    assert lines[0].startswith("🟢 LONG BTC/USDT")
    assert "stop $41,750" in lines[1]
    assert lines[2] == f"2024-06-07 10:00 UTC · waits for its entry · {plan.plan_id[:8]}"


@pytest.mark.parametrize(
    ("measured", "limit", "says"),
    [
        (Decimal("99.99996"), Decimal(500), "100, limit 500"),
        (0.8648058, 0.7465, "0.8648, limit 0.7465"),
        (Decimal("4947.91"), Decimal(15690800), "4,948, limit 15,690,800"),
        (Decimal("0.00012345"), 1e-05, "0.0001234, limit 0.00001"),
        (Decimal(0), float("inf"), "0, limit"),
        (Decimal("100.004"), Decimal(100), "100.004, limit 100"),
    ],
)
def test_numbers_of_checks_have_the_digits_that_a_person_compares(measured, limit, says):
    check = Check(code="c", passed=True, sentence="s", measured=measured, limit=limit)
    facts = WhyFacts(decision=replace(an_approval(a_plan()), checks=(check,)), judged_us=AT_US)
    assert f"✓ s: {says}" in shown(why_text(facts))


def test_why_shows_failed_checks_in_full_and_telling_ones_that_passed():
    checks = (
        Check("min_rr", False, 1.1, 1.5, "the reward is too small"),
        Check("halted", False, None, None, "news"),
        Check("max_total", True, Decimal(100), Decimal(1000), "within max_total"),
        Check("complete", True, None, None, "the plan is complete"),
    )
    refused = replace(a_refusal(a_plan()), checks=checks)
    lines = shown(why_text(WhyFacts(decision=refused, judged_us=AT_US))).splitlines()
    assert lines[0].startswith("⛔ REFUSED 🟢 LONG BTC/USDT")
    assert "✗ the reward is too small: 1.1, limit 1.5" in lines
    assert "✗ news" in lines
    assert "2 checks passed" in lines
    assert "✓ within max_total: 100, limit 1,000" in lines
    assert not any("complete" in line for line in lines)


def test_why_of_an_approval_shows_size_and_what_became_of_it():
    approved = an_approval(a_plan())
    facts = WhyFacts(decision=approved, judged_us=AT_US, became=a_signal(is_over=True))
    text = shown(why_text(facts))
    assert "Its time is over." in text
    assert "Size " in text
    for factor in approved.plan.confluence.factors:
        assert factor.sentence in text


def test_help_names_what_a_role_may_say_and_nothing_else():
    viewers = shown(help_text(Role.VIEWER))
    admins = shown(help_text(Role.ADMIN))
    assert "/kill" not in viewers
    assert all(one.usage in admins for one in COMMANDS)


def test_questions_say_what_happens():
    assert "close every position" in shown(question_text(Grave.KILL_AND_FLATTEN))
    assert "keep their stops" in shown(question_text(Grave.KILL))
    assert shown(usage_text(COMMANDS[0])) == "Write /status"


@given(HOSTILE)
def test_whatever_text_comes_from_elsewhere_arrives_as_text(text):
    run = RunFacts(mode=text, profile=text, venue=text, symbols=1, troubles=(text,))
    for markdown in (
        status_text(the_status(run=run)),
        positions_text([a_position(note=text, state=text, where=text, plan_id=text)]),
        orders_text([an_order(problem=text, purpose=text)]),
        unknown_text(text),
        stats_text(StatsFacts(signals=1, origin=text, sentences=(text,))),
    ):
        formatted = to_entities(markdown)
        assert {one.kind.value for one in formatted.entities} <= {"bold", "code"}
        assert "\u202e" not in formatted.text
