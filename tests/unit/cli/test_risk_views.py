"""The views of an account, at every width, with numbers worked by hand."""

import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from snipersight.bootstrap.limit_words import duration_text, limit_rows, value_text
from snipersight.bootstrap.loss_figures import losses_of
from snipersight.bootstrap.taking import ClosedTrade, Taken
from snipersight.cli.hand_trades import closed_line, taken_line, warnings_of
from snipersight.cli.risk_limits import limits_json, print_limits
from snipersight.cli.risk_positions import entry_json, print_positions
from snipersight.cli.risk_status import breaker_line, print_status, status_json
from snipersight.domain.account import AccountState
from snipersight.domain.decision import Check, Rejected
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import NOTHING
from snipersight.domain.ledger import EntryState, LedgerEntry
from snipersight.domain.standing import (
    AccountStanding,
    BreakerName,
    Cooldown,
    TradingState,
    TrippedBreaker,
)
from snipersight.domain.units import Currency, Money, Price, Size, Symbol
from snipersight.risk.audit.codec import RecordedDecision
from snipersight.risk.breakers.standing import mark
from snipersight.risk.manager import RiskStatus
from tests.builders import a_plan, a_profile
from tests.builders.gating import gate_inputs
from tests.builders.ledger import DECIDED_AT_US, a_policy, an_entry

USDT = Currency("USDT")
DAY_US = 86_400_000_000
HALT = TrippedBreaker(
    name=BreakerName.OPERATOR,
    state=TradingState.HALTED,
    tripped_us=DECIDED_AT_US,
    until_us=None,
    sentence="news",
)


def a_standing(**changes: Any) -> AccountStanding:
    marked = mark(
        AccountStanding(starting_balance=Money(Decimal(10_000))),
        equity=Decimal(10_000),
        at_us=DECIDED_AT_US,
        policy=a_policy(),
    )
    return replace(
        mark(marked, equity=Decimal(9_850), at_us=DECIDED_AT_US, policy=a_policy()), **changes
    )


def a_status(*entries: LedgerEntry, at_us: int = DECIDED_AT_US, **changes: Any) -> RiskStatus:
    return RiskStatus(
        account=AccountState(account_id="main", currency=USDT, equity=Money(Decimal("NaN"))),
        state=TradingState.ACTIVE,
        standing=a_standing(**changes),
        total=NOTHING,
        entries=entries,
        policy=a_policy(),
        at_us=at_us,
    )


def printed(show: Any, *arguments: Any, width: int = 120) -> str:
    stream = io.StringIO()
    show(*arguments, Console(file=stream, width=width, highlight=False, markup=False, emoji=False))
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 100, 160])
def test_a_status_shows_what_holds_and_every_figure(width):
    cooldown = Cooldown(
        symbol=Symbol("BTC/USDT"), direction=Direction.LONG, until_us=DECIDED_AT_US + DAY_US
    )
    status = a_status(an_entry(), tripped=(HALT,), cooldowns=(cooldown,), loss_streak=2)
    text = " ".join(printed(print_status, status, width=width).split())
    for part in (
        "9,850.00 USDT (marked 2024-06-07 10:00 UTC)",
        "balance 10,000.00",
        "operator HALTED since 2024-06-07 10:00 UTC",
        "no LONG in the asset of BTC/USDT until 2024-06-08 10:00 UTC",
        "1.50 %",
        "3.00 %",
        "985.00",
    ):
        assert part in text


def test_yesterdays_loss_is_not_todays():
    today, week, high = losses_of(a_status())
    assert (today.now, week.now, high.now) == (Decimal("0.015"),) * 3
    tomorrow = losses_of(a_status(at_us=DECIDED_AT_US + DAY_US))
    assert [loss.now for loss in tomorrow] == [0, Decimal("0.015"), Decimal("0.015")]


def test_the_json_of_a_status_knows_the_equity_that_was_marked():
    values = status_json(a_status(an_entry()))
    assert (values["equity"], values["balance"], values["state"]) == ("9850", "10000", "ACTIVE")
    (asset,) = [row for row in values["used"] if row["code"] == "max_per_asset"]
    assert (asset["used"], asset["limit"], asset["left"]) == ("100", "492.5", "392.5")


@pytest.mark.parametrize(
    ("name", "until_us", "words"),
    [
        (BreakerName.OPERATOR, None, "risk resume`"),
        (BreakerName.DRAWDOWN, None, "risk resume --rearm`"),
        (BreakerName.UNPROTECTED, None, "until the position is protected"),
        (BreakerName.DAILY_LOSS, DECIDED_AT_US + DAY_US, "until 2024-06-08 10:00 UTC"),
    ],
)
def test_a_breaker_says_when_it_lets_go(name, until_us, words):
    line = breaker_line(replace(HALT, name=name, until_us=until_us))
    assert words in line
    assert line.endswith(": news")


def test_a_halt_of_the_kill_switch_says_that_resuming_does_not_end_it():
    line = breaker_line(replace(HALT, sentence="kill switch: enough"))
    assert "until you say `snipersight kill --rearm`" in line


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_positions_show_every_amount_at_any_width(width):
    pending = an_entry("ETH/USDT:USDT", entry_id="pending-entry", pending="3", leverage="2")
    ended = replace(
        an_entry("SOL/USDT", entry_id="ended-entry", filled="5"),
        state=EntryState.CLOSED,
        open_size=Size(Decimal(0)),
        ended_us=DECIDED_AT_US,
        realised=Money(Decimal("-12.5")),
    )
    text = printed(
        print_positions,
        [an_entry(filled="10", fill="105"), pending, ended],
        "main",
        USDT,
        width=width,
    )
    words = " ".join(text.split())
    for part in ("150.00", "1,050.00", "3 ETH pending", "30.00", "−12.50 USDT", "plan-ended-entry"):
        assert part in words
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_nothing_held_is_said():
    assert "Nothing is reserved or open in account practice." in printed(
        print_positions, [], "practice", USDT
    )


def test_the_json_of_an_entry_is_text_where_it_is_exact():
    values = entry_json(an_entry(filled="10", fill="105"))
    assert (values["risk"], values["notional"], values["margin"]) == ("150", "1050", "1050")
    assert values["opened_at"] == "2024-06-07T10:00:00Z"
    assert values["ended_at"] is None


@pytest.mark.parametrize(
    ("name", "limits", "text"),
    [
        ("max_total", {}, "10 %"),
        ("max_cluster", {}, "7.5 %"),
        ("slippage_fraction", {}, "0.02 %"),
        ("max_leverage", {}, "5x"),
        ("cooldown_us", {}, "4 h"),
        ("max_unprotected_us", {}, "30 s"),
        ("max_clock_skew_ms", {}, "1000 ms"),
        ("restricted", {}, "none"),
        ("restricted", {"restricted": ("LUNA", "PEPE")}, "LUNA, PEPE"),
        ("basis", {}, "risk"),
        ("max_positions", {}, "10"),
    ],
)
def test_a_limit_is_told_in_its_unit(name, limits, text):
    assert value_text(name, a_policy(**limits)) == text


@pytest.mark.parametrize(
    ("time_us", "text"),
    [(0, "0 s"), (90_000_000, "90 s"), (120_000_000, "2 min"), (500_000, "0.5 s")],
)
def test_a_duration_is_told_in_its_largest_whole_unit(time_us, text):
    assert duration_text(time_us) == text


def test_every_limit_of_the_policy_is_shown_with_who_sets_it():
    policy = a_policy(min_rr="1.5")
    rows = {row.name: row for row in limit_rows(policy, a_profile(planner={"min_rr": 1.5}))}
    assert set(rows) == set(policy.as_json())
    assert rows["min_rr"].setter == "profile testing"
    assert rows["risk_fraction"].setter == "profile testing"
    assert rows["max_total"].setter == "MAX_TOTAL_EXPOSURE"
    stricter = limit_rows(a_policy(min_rr="2"), a_profile(planner={"min_rr": 1.5}))
    assert next(row for row in stricter if row.name == "min_rr").setter == "MIN_RISK_REWARD"
    assert "risk_fraction" not in {row.name for row in limit_rows(policy, None)}
    values = limits_json(policy, None, ["main"])["limits"]
    assert all(value["variable"] for value in values)
    text = printed(print_limits, list(rows.values()), ["main", "practice"], width=60)
    assert max(map(len, text.splitlines())) <= 60


def test_a_taken_trade_says_what_it_risks_and_what_is_odd_about_it():
    plan = a_plan()
    entry = an_entry(filled="10", fill="105", stop="110")
    refused = RecordedDecision(
        inputs=gate_inputs(),
        decision=Rejected(plan=plan, checks=(Check(code="halted", passed=False),)),
        policy_hash="",
        code_hash="",
        is_reserved=False,
    )
    breached = Check(code="max_total", passed=False, sentence="risk would be 1,200")
    warnings = warnings_of(Taken(entry=entry, decision=refused, breached=(breached,)))
    assert "halted" in warnings[0]
    assert "losing side" in warnings[1]
    assert warnings[2] == "beyond max_total: risk would be 1,200"
    line = taken_line(an_entry(filled="10", fill="105"), "USDT")
    assert "LONG 10 BTC of BTC/USDT:USDT at 105, stop 90; risk 150.00, notional 1,050.00" in line


@pytest.mark.parametrize(("left", "words"), [("4", "4 BTC stay open"), ("0", "nothing stays open")])
def test_a_close_says_the_result_and_what_is_left(left, words):
    before = an_entry(filled="10")
    is_open = left != "0"
    after = replace(
        before,
        open_size=Size(Decimal(left)),
        fill_price=Price(Decimal(100)),
        state=EntryState.OPEN if is_open else EntryState.CLOSED,
        ended_us=None if is_open else DECIDED_AT_US,
    )
    line = closed_line(ClosedTrade(before=before, entry=after, earned=Decimal("12.5")), "USDT")
    assert words in line
    assert "+12.50 USDT" in line
