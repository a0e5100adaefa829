"""What people ask is looked up in the store as it is."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.executing import execute_plan
from snipersight.bootstrap.kill_switch import pull_switch
from snipersight.bootstrap.operating.answer_prices import Prices
from snipersight.bootstrap.operating.answers import SHOWN, AnswerSources, StoreAnswers
from snipersight.bootstrap.operating.operator_opening import StoredPolls
from snipersight.bootstrap.operations import halt_entries
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.bootstrap.taking import HandTrade, take_plan
from snipersight.bot.operator.facts import RunFacts, Unfound, WhyFacts
from snipersight.domain.decision import Approved, Rejected
from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryState
from snipersight.domain.orders import Quote
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.standing import TradingState
from snipersight.domain.units import Price, Symbol
from snipersight.risk.manager import RiskManager
from tests.builders import DECIDED_AT_MS, a_plan, an_instrument
from tests.builders.candles import rows
from tests.builders.evidence import a_scan, an_outcome
from tests.builders.evidence import a_signal as a_record
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution
from tests.builders.ledger import observations
from tests.builders.paper import PERPETUAL, START_MS, STEP_MS, PaperBench
from tests.fakes.memory_evidence import MemoryEvidence

PLAN = a_plan()
FILLED_THEN_FIRST_TARGET = rows("100 100.5 97.5 98.5 \n 98.5 105 98.5 104.5")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))


@pytest.fixture
def books() -> Iterator[Books]:
    with open_books(load_settings()[0], clock=lambda: DECIDED_AT_MS * 1000) as opened:
        yield opened


def answers(books: Books, **more: Any) -> StoreAnswers:
    return StoreAnswers(AnswerSources(books=books, **more))


def judge(plan: TradePlan = PLAN) -> object:
    manager = RiskManager()
    manager.observe(observations(an_instrument(plan.symbol)))
    return manager.validate_plan(plan)


def another(number: int) -> TradePlan:
    setup = SetupId(f"{number:016x}")
    return replace(PLAN, setup_id=setup, plan_id=PlanId(f"{setup}-00000000"))


def test_an_empty_account_has_a_status_and_nothing_else(books):
    run = RunFacts(mode="paper", profile="intraday", venue="sandbox", symbols=20)
    asked = answers(books, run=lambda: run)
    status = asked.status()
    assert status.risk.state is TradingState.ACTIVE
    assert (status.positions, status.waiting, status.orders, status.switch) == (0, 0, 0, None)
    assert status.run is run
    assert (asked.positions(), asked.orders(), asked.signals()) == ((), (), ())
    assert asked.stats().signals == 0


def test_halt_and_kill_switch_show_at_once(books):
    halt_entries(books.ports, reason="news", actor="telegram:7")
    pull_switch(books, flatten=True, reason="enough", actor="telegram:7")
    status = answers(books).status()
    assert status.risk.state is TradingState.HALTED
    assert status.switch is not None
    assert (status.switch.flatten, status.switch.reason) == (True, "enough")


@pytest.mark.parametrize("reason", ["enough", ""])
def test_a_halt_that_the_kill_switch_brought_is_known_as_one(books, reason):
    pull_switch(books, flatten=False, reason=reason, actor="telegram:7")
    (breaker,) = answers(books).status().risk.standing.tripped
    assert breaker.is_kill
    halt = replace(breaker, sentence="kill switches are for the weak")
    assert not halt.is_kill


def test_losses_and_budgets_stand_against_their_limits(books):
    judge()
    risk = answers(books).risk()
    assert [one.name for one in risk.losses] == ["today", "this week", "from the high"]
    assert all(one.now == 0 < one.limit for one in risk.losses)
    trades = next(one for one in risk.budgets if one.is_count)
    assert trades.amount == 0 < trades.limit


async def test_a_trade_and_its_orders_are_told_as_they_are(books, tmp_path):
    books.close()
    with open_books(load_settings()[0], account_id="practice", clock=DeskClock()) as practice:
        bench = PaperBench(folder=tmp_path, rows=FILLED_THEN_FIRST_TARGET)
        async with paper_execution(practice, bench, DeskClock()) as execution:
            plan = a_paper_plan()
            await execute_plan(execution, plan)
            waiting = answers(practice)
            assert waiting.status().waiting == 1
            assert {one.purpose for one in waiting.orders()} == {"entry 1", "entry 2", "entry 3"}
            await execution.play(START_MS + 2 * STEP_MS)
            quotes = {PERPETUAL: await execution.venue.quote(PERPETUAL)}
            listed = await execution.venue.instruments()
        prices = Prices(quotes=quotes, instruments=listed)
        asked = answers(practice, prices=lambda _symbols: prices)
        (position,) = asked.positions()
        status = asked.status()
        (signal,) = asked.signals()
    assert (position.plan_id, position.state, position.where) == (plan.plan_id, "open", "paper")
    assert position.is_protected is True
    assert [one.is_hit for one in position.targets] == [True, False]
    assert position.last == quotes[PERPETUAL].last
    assert position.r_multiple is not None
    assert position.r_multiple > 0
    assert (status.positions, status.waiting, status.unprotected) == (1, 0, 0)
    assert status.orders >= 2
    assert signal.entry is not None
    assert signal.entry.state is EntryState.OPEN


def test_a_trade_by_hand_is_a_position_without_a_stop_of_ours(books):
    judge()
    take_plan(books, PLAN.plan_id, HandTrade(size=Decimal("0.1"), price=Decimal(42200)))
    asked = answers(books)
    (position,) = asked.positions()
    assert (position.state, position.held, position.average) == (
        "by hand",
        Decimal("0.1"),
        Decimal(42200),
    )
    assert position.is_protected is None
    assert asked.status().positions == 1


def test_why_finds_a_plan_by_four_letters(books):
    verdict = judge()
    found = answers(books).why(PLAN.plan_id[:4].upper())
    assert isinstance(found, WhyFacts)
    assert isinstance(verdict, Approved)
    assert found.decision == verdict
    assert found.judged_us == DECIDED_AT_MS * 1000
    assert found.became is not None
    assert found.became.entry is None


def test_why_of_a_refusal_says_nothing_of_what_became_of_it(books):
    halt_entries(books.ports, reason="news", actor="cli")
    assert isinstance(judge(), Rejected)
    found = answers(books).why(PLAN.plan_id)
    assert isinstance(found, WhyFacts)
    assert found.became is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("000", "4 letters"),
        ("", "4 letters"),
        ("x" * 65, "4 letters"),
        ("ffff", "No plan"),
        ("%%%%", "No plan"),
        ("____", "No plan"),
        ("00000000", "2 plans begin with 00000000"),
    ],
)
def test_a_name_that_is_no_single_plan_is_explained(books, name, says):
    for number in (1, 2):
        judge(another(number))
    asked = answers(books)
    for found in (asked.why(name), asked.plan_id(name)):
        assert isinstance(found, Unfound)
        assert says in found.sentence


def test_the_whole_id_is_given_for_its_beginning(books):
    judge(another(1))
    assert answers(books).plan_id(another(1).plan_id[:15]) == another(1).plan_id


def test_the_newest_signals_are_one_a_setup_and_not_endless(books):
    for number in [*range(SHOWN + 2), SHOWN + 1]:
        judge(another(number))
    found = answers(books).signals()
    assert [one.plan.setup_id for one in found] == [
        another(number).setup_id for number in reversed(range(2, SHOWN + 2))
    ]


def test_what_candles_say_of_a_signal_stands_beside_it(books):
    judge()
    evidence = MemoryEvidence()
    record = a_record(key=f"main:{PLAN.plan_id}", plan_id=PLAN.plan_id)
    evidence.record(a_scan(), [record])
    evidence.save_outcomes([an_outcome(key=record.key)])
    (signal,) = answers(books, evidence=evidence).signals()
    assert signal.modelled == an_outcome(key=record.key)


def test_prices_are_asked_for_when_somebody_looks_at_positions_and_for_those_alone(books):
    asked: list[set[Symbol]] = []

    def prices(symbols: Collection[Symbol]) -> Prices:
        asked.append(set(symbols))
        return Prices()

    judge()
    take_plan(books, PLAN.plan_id, HandTrade(size=Decimal("0.1"), price=Decimal(42200)))
    looked = answers(books, prices=prices)
    looked.status()
    looked.orders()
    assert asked == []
    looked.positions()
    assert asked == [{PLAN.symbol}]


@pytest.mark.parametrize(("venue", "is_told"), [("", True), ("elsewhere", False)])
def test_a_trade_by_hand_shows_its_result_at_the_price_of_its_own_venue(books, venue, is_told):
    judge()
    take_plan(books, PLAN.plan_id, HandTrade(size=Decimal("0.1"), price=Decimal(42200)))
    (entry,) = books.ports.store.view(books.ports.account_id, lambda unit: unit.live_entries())
    price = Price(Decimal(42500))
    quote = Quote(symbol=PLAN.symbol, last=price, mark=price, at_us=0)
    prices = Prices(venue=venue or entry.venue, quotes={PLAN.symbol: quote})
    (position,) = answers(books, prices=lambda _symbols: prices).positions()
    assert PLAN.direction is Direction.LONG
    assert (position.last, position.unrealised) == (
        (price, Decimal(30)) if is_told else (None, None)
    )


def test_when_the_bot_had_everything_is_kept(books):
    polls = StoredPolls(books.store.key_values, "operator:telegram:1")
    assert polls.load_s() is None
    polls.save_s(1_700_000_000)
    assert polls.load_s() == 1_700_000_000
    books.store.key_values.put("operator:telegram:1", "nonsense")
    assert polls.load_s() is None
