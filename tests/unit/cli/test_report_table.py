import io
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from snipersight.cli.refused_plans import refused_plans
from snipersight.cli.report_table import print_report
from snipersight.domain.decision import Check, Stage, TerminalReason
from snipersight.domain.direction import Direction
from snipersight.domain.units import Money
from snipersight.engine.report import RankedPlan, ScanReport
from tests.builders import a_plan
from tests.unit.cli.report_builders import (
    CLUSTER_CHECK,
    HALTED_CHECK,
    a_pepe_plan,
    a_ranked_plan,
    a_refusal,
    a_refused_plan,
    a_report,
    an_approval,
    unread,
)

THREE = [
    a_ranked_plan(a_pepe_plan(), 1, decision=an_approval(a_pepe_plan(), size="6369426")),
    a_ranked_plan(rank=2),
    a_ranked_plan(a_plan(Direction.SHORT), 3),
]
EVERY_NUMBER = [
    *(
        "1000PEPE/USDT:USDT",
        "0.00001234",
        "0.00001210",
        "0.00001290",
        "−4.34 %",
        "0.00001190",
        "−3.57 %",
    ),
    *("0.00001300", "0.00001350", "0.00001400", "6,369,426", "1000PEPE", "99.99 USDT", "1.00 %"),
    *("42,250", "42,050", "42,550", "41,750", "43,000", "1.32R", "50 %", "7,860.19 USDT"),
    *("81.5", "LONG", "SHORT", "spot", "perp", "2024-06-07", "18:00", "waiting", "2.22R"),
]


def shown(report: ScanReport, width: int = 140, plans: tuple[RankedPlan, ...] | None = None) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False, markup=False, emoji=False)
    print_report(report, report.plans if plans is None else plans, console)
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 140, 200])
def test_no_number_is_cut_off_at_any_width(width):
    text = shown(a_report(plans=THREE), width)
    assert [number for number in EVERY_NUMBER if number not in text] == []
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_the_size_shows_what_it_binds_and_the_plans_can_be_named():
    text = shown(a_report(plans=THREE), 140)
    for ranked in THREE:
        assert ranked.plan.plan_id in text
    assert "margin 7,860.19" in text
    assert "spot at 1x" in text
    narrow = shown(a_report(plans=THREE), 80)
    assert "margin 7,860.19 USDT at 1x" in narrow
    assert f"plan {THREE[1].plan.plan_id}" in narrow


REFUSED = [
    a_refused_plan(a_plan(score=61.0)),
    a_refused_plan(a_pepe_plan(), HALTED_CHECK, CLUSTER_CHECK),
]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 140, 200])
def test_every_refused_plan_shows_each_failed_limit_with_its_value(width):
    text = shown(a_report(plans=[], refusals=REFUSED), width)
    words = " ".join(text.split())
    for part in ("max_cluster", "812.5", "750", "halted", "61.0", "81.5", "1000PEPE/USDT:USDT"):
        assert part in words
    for refusal in REFUSED:
        assert refusal.plan is not None
        assert refusal.plan.plan_id in words
    assert "risk_budget" not in words  # passed: no reason
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_refused_plans_stand_best_first_and_gated_setups_are_not_among_them():
    refusals = [*REFUSED, a_refusal("ETH/USDT", plan=a_plan(symbol="ETH/USDT"))]
    found = refused_plans(a_report(plans=[], refusals=refusals))
    assert [plan.score for plan in found] == ["81.5", "61.0"]
    assert [row[0] for row in found[0].rows] == ["halted", "max_cluster"]
    assert found[0].rows[0][1:] == ("–", "–", "news at eight")


def test_a_size_below_the_venues_minimum_is_the_gates_refusal_too():
    check = Check(code="below_minimum", passed=False, measured=Decimal(0), sentence="too small")
    refusal = a_refused_plan(
        None, check, reason=TerminalReason(stage=Stage.DECLINED, name="below_minimum")
    )
    assert len(refused_plans(a_report(refusals=[refusal]))) == 1
    planners = a_refusal(stage=Stage.DECLINED, name="no_target", plan=None)
    assert refused_plans(a_report(refusals=[planners])) == []


def test_an_unknown_equity_is_said_instead_of_a_figure():
    account = replace(
        a_report().account, equity=Money(Decimal("NaN")), source="no present price of BTC/USDT"
    )
    text = shown(a_report(plans=[], account=account))
    assert (
        "The equity of account simulated is not known, so nothing is approved: no present price of"
        in text
    )


def test_a_wide_window_gets_a_table_and_a_narrow_one_cards():
    report = a_report(plans=THREE)
    assert "Entry zone" in shown(report, 140)
    narrow = shown(report, 80)
    assert "Entry zone" not in narrow
    assert " 1. LONG 1000PEPE/USDT:USDT perp" in narrow


def test_the_funnel_adds_up_to_every_candidate():
    refusals = [a_refusal()] * 12 + [a_refusal("SOL/USDT", Stage.NO_SETUP, "")] * 30
    text = shown(a_report(plans=THREE, refusals=[*refusals, unread("X/USDT")]))
    _, _, funnel = text.partition("How every candidate ended")
    counts = {row.split()[0]: int(row.split()[1]) for row in funnel.splitlines()[1:6]}
    together = counts.pop("together")
    assert counts == {"no_data": 1, "no_setup": 30, "gated:min_score": 12, "approved": 3}
    assert together == sum(counts.values()) == 46


def test_a_scan_without_plans_says_so():
    assert "No plan passed every gate." in shown(a_report(plans=[]))


def test_hidden_plans_are_counted():
    report = a_report(plans=THREE)
    assert "2 more plans are not shown (--top 1)." in shown(report, plans=report.plans[:1])


def test_the_notes_name_account_time_venue_profile_and_warnings():
    text = shown(a_report(warnings=("BTC's state is unknown",)))
    assert "sandbox · as of 2024-06-07 10:00 UTC · profile testing (4h/1h/15m)" in text
    assert "Account simulated: sized for 10,000.00 USDT from DEFAULT_ACCOUNT_BALANCE" in text
    assert "Note: BTC's state is unknown" in text
    assert "Market states: range 1, trend 2." in text


def test_left_out_symbols_are_counted_by_reason():
    dropped = tuple((f"X{n}/USDT", f"rank {n} by 24-hour volume") for n in range(21, 44))
    text = shown(a_report(dropped=(*dropped, ("USDC/USDT", "money against money"))))
    assert "Left out 24 symbols: 23 (a lower rank by 24-hour volume); USDC/USDT (money" in text


def test_markup_in_a_text_of_the_engine_is_only_text():
    assert "[bold]tag[/bold]" in shown(a_report(warnings=("[bold]tag[/bold]",)))


def test_a_price_at_whole_ticks_keeps_the_decimals_of_its_neighbours():
    plan = a_plan(near="42250.10", far="42050.00", stop="41750.00")
    text = shown(a_report(plans=[a_ranked_plan(plan, last_price=Decimal("42300.00"))]))
    for price in ("42,250.1", "42,050.0", "41,750.0", "42,300.0"):
        assert price in text
