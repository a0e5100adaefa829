"""How executed trades, their orders and the doctor's findings are shown."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.executing import Executed, execute_plan
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.bootstrap.trade_views import TradeView, trades_of, views_of
from snipersight.cli.examining import print_findings, summary_of
from snipersight.cli.executed_text import executed_json, executed_lines, world_text
from snipersight.cli.order_views import order_json, print_orders, shown_orders
from snipersight.cli.position_views import print_trades, trade_json
from snipersight.domain.decision import Check
from snipersight.domain.execution import Mode
from snipersight.domain.venue import Environment, Finding, FindingLevel
from tests.builders.candles import rows
from tests.builders.execution_desk import (
    DeskClock,
    a_paper_plan,
    paper_execution,
    paper_world,
)
from tests.builders.paper import PERPETUAL, START_MS, STEP_MS, PaperBench

FILLED_THEN_FIRST_TARGET = rows("100 100.5 97.5 98.5 \n 98.5 105 98.5 104.5")


@pytest.fixture
def books(monkeypatch, tmp_path):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    with open_books(load_settings()[0], account_id="practice", clock=DeskClock()) as opened:
        yield opened


async def looked(books: Books, tmp_path, *, bars: int) -> TradeView:
    """Execute a plan, play so many bars, and return the trade with its price."""
    bench = PaperBench(folder=tmp_path, rows=FILLED_THEN_FIRST_TARGET)
    async with paper_execution(books, bench, DeskClock()) as execution:
        await execute_plan(execution, a_paper_plan())
        await execution.play(START_MS + bars * STEP_MS)
        quotes = {PERPETUAL: await execution.venue.quote(PERPETUAL)}
        listed = await execution.venue.instruments()
    return books.store.decisions.view(
        "practice",
        lambda unit: views_of(unit, trades_of(unit, everything=False, limit=5), listed, quotes)[0],
    )


def shown(print_it, *arguments, width: int) -> str:
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        print_it(*arguments, console)
    return capture.get()


async def test_a_position_shows_what_protects_it_and_what_it_earned(books, tmp_path):
    view = await looked(books, tmp_path, bars=2)
    table = shown(print_trades, [view], width=170)
    for part in ("LONG", "open", "protected", "104.00 ✓", "108.00 40 %", "unrealised +"):
        assert part in table
    assert view.targets_hit == 1
    assert view.unrealised is not None
    rate_free = (view.realised + view.unrealised) / view.trade.risk_quote
    assert view.r_multiple == rate_free
    assert view.covered == view.holding.held > 0


async def test_a_narrow_window_shows_the_same_on_wrapped_lines(books, tmp_path):
    view = await looked(books, tmp_path, bars=2)
    card = shown(print_trades, [view], width=60)
    assert max(map(len, card.splitlines())) <= 60
    for part in ("LONG BTC/USDT:USDT", "protected", "T1 104.00 ✓", "unrealised +"):
        assert part in card


async def test_a_trade_as_json_is_exact_and_complete(books, tmp_path):
    view = await looked(books, tmp_path, bars=2)
    values = json.loads(json.dumps(trade_json(view)))
    assert values["held"] == values["covered"]
    assert values["is_protected"] is True
    assert (values["targets_hit"], len(values["targets"])) == (1, 2)
    assert Decimal(values["unrealised"]) == view.unrealised
    assert values["created_at"] == "2024-01-01T00:00:00Z"
    assert values["ended_at"] is None


async def test_orders_say_what_they_are_for(books, tmp_path):
    view = await looked(books, tmp_path, bars=0)
    table = shown(print_orders, shown_orders([view], everything=False), width=150)
    for part in ("entry 1", "entry 3", "buy limit", "99.0", "98.5", "working", "-E0-0"):
        assert part in table
    card = shown(print_orders, shown_orders([view], everything=False), width=50)
    assert max(map(len, card.splitlines())) <= 50
    later = await looked_again(books)
    legs = {
        order_json(one, intent)["leg"] for one, intent in shown_orders([later], everything=True)
    }
    assert legs == {"entry"}


async def looked_again(books: Books) -> TradeView:
    return books.store.decisions.view(
        "practice",
        lambda unit: views_of(unit, trades_of(unit, everything=True, limit=5), {}, {})[0],
    )


async def test_orders_that_ended_are_shown_on_demand_only(books, tmp_path):
    view = await looked(books, tmp_path, bars=2)
    open_ones = [intent for _, intent in shown_orders([view], everything=False)]
    every = [intent for _, intent in shown_orders([view], everything=True)]
    assert all(one.state.is_open for one in open_ones)
    assert len(every) > len(open_ones) >= 2
    stop = next(one for one in open_ones if one.leg.name == "STOP")
    values = order_json(view, stop)
    assert (values["leg"], values["kind"], values["is_reducing"]) == ("stop", "stop_market", True)
    assert values["price"] is None


def test_a_refused_plan_says_every_reason():
    check = Check(code="killed", passed=False, sentence="cli pulled the kill switch: a test")
    executed = Executed(plan=a_paper_plan(), refused=(check,))
    lines = executed_lines(executed, paper_world())
    assert lines[0].startswith("Not executed: LONG BTC/USDT:USDT (plan ")
    assert lines[1] == "  killed: cli pulled the kill switch: a test"
    values = executed_json(executed, paper_world())
    assert (values["trade_id"], values["refused"][0]["code"]) == (None, "killed")


def test_where_orders_go_is_said_of_every_world():
    assert world_text(paper_world(Mode.DRY_RUN)) == "dry run, nothing is sent to sandbox"
    assert world_text(paper_world()) == "paper on the simulated venue at prices of sandbox"
    outside = replace(paper_world(), venue="bybit", environment=Environment.DEMO)
    assert world_text(outside) == "paper on bybit demo"


def test_findings_are_one_line_each_and_added_up():
    found = [
        Finding(name="store", level=FindingLevel.OK, sentence="opened"),
        Finding(name="state", level=FindingLevel.WARNING, sentence="halted"),
        Finding(name="venue", level=FindingLevel.FAILED, sentence="no keys; set them"),
    ]
    text = shown(print_findings, found, width=80)
    assert [line.split()[0] for line in text.splitlines()] == ["ok", "warning", "FAILED", "1"]
    assert summary_of(found) == "1 finding to put right, 1 warning."
    assert summary_of(found[:1]) == "Nothing is in the way."
