"""Trades made by hand, on the real store: found by their plan, counted, closed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.taking import (
    HandTrade,
    close_plan,
    find_decision,
    find_position,
    take_plan,
)
from snipersight.domain.decision import Approved, Rejected
from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.ledger import EntryState, Origin
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Currency
from snipersight.risk.manager import RiskManager
from tests.builders import DECIDED_AT_MS, a_plan, an_instrument
from tests.builders.ledger import market_facts, observations

PLAN = a_plan()


@pytest.fixture
def books():
    with open_books(load_settings()[0], clock=lambda: DECIDED_AT_MS * 1000) as opened:
        yield opened


def judge(plan: TradePlan = PLAN, *, reserve: Origin | None = None, **seen: Any) -> object:
    manager = RiskManager()
    manager.observe(observations(an_instrument(plan.symbol), **seen))
    return manager.validate_plan(plan, reserve=reserve)


def a_trade(size: str = "0.1", price: str = "42200", **more: Any) -> HandTrade:
    return HandTrade(size=Decimal(size), price=Decimal(price), **more)


def live(books: Books) -> int:
    return len(RiskManager().status().entries)


def test_a_judged_plan_is_taken_at_what_was_paid_and_counts(books):
    verdict = judge()
    assert isinstance(verdict, Approved)
    taken = take_plan(books, PLAN.plan_id, a_trade())
    entry = taken.entry
    assert (entry.state, entry.origin) == (EntryState.OPEN, Origin.BY_HAND)
    assert (entry.open_size, entry.fill_price) == (Decimal("0.1"), Decimal(42200))
    assert (entry.stop_price, entry.leverage) == (PLAN.stop_loss.price, verdict.leverage)
    # 0.1 × (42,200 − 41,750 + 37.7)
    assert entry.amounts.risk == Decimal("48.77")
    assert RiskManager().status().total.risk == Decimal("48.77")
    assert taken.breached == ()


def test_a_refused_plan_can_be_taken_and_its_refusal_is_known(books):
    assert isinstance(judge(facts={}, clock_skew_ms=None), Rejected)
    taken = take_plan(books, PLAN.plan_id, a_trade())
    assert isinstance(taken.decision.decision, Rejected)
    assert taken.entry.leverage == 1
    assert live(books) == 1


def test_what_a_person_says_of_stop_leverage_and_rate_counts(books):
    judge()
    said = a_trade(stop=Decimal(41000), leverage=Decimal(3), quote_rate=Decimal("0.9"))
    entry = take_plan(books, PLAN.plan_id, said).entry
    assert (entry.stop_price, entry.leverage, entry.quote_rate) == (
        Decimal(41000),
        Decimal(3),
        Decimal("0.9"),
    )


def test_the_rate_is_the_one_that_was_observed_or_has_to_be_said(books):
    euros = a_plan(symbol="BTC/EUR")
    rules = an_instrument("BTC/EUR")
    judge(euros, facts={euros.symbol: market_facts(rules, quote_rate="1.08")})
    assert take_plan(books, euros.plan_id, a_trade()).entry.quote_rate == Decimal("1.08")
    unknown = replace(euros, plan_id=type(euros.plan_id)("other-plan"), setup_id=PLAN.setup_id)
    judge(unknown, facts={euros.symbol: market_facts(rules, quote_rate=None)})
    with pytest.raises(ConfigInvalid, match=r"what one EUR is worth.*--rate"):
        take_plan(books, unknown.plan_id, a_trade())
    assert rules.quote == Currency("EUR")


def test_a_trade_beyond_limits_is_recorded_and_says_which(books):
    judge()
    taken = take_plan(books, PLAN.plan_id, a_trade(size="3"))
    assert {check.code for check in taken.breached} >= {"max_per_asset", "max_cluster"}
    assert live(books) == 1


def test_a_reservation_of_the_plan_is_filled_instead_of_counted_twice(books):
    verdict = judge(reserve=Origin.APPROVED)
    assert isinstance(verdict, Approved)
    taken = take_plan(books, PLAN.plan_id, a_trade(size=str(verdict.size), stop=Decimal(41800)))
    assert taken.entry.entry_id == verdict.reservation_id
    assert taken.entry.state is EntryState.OPEN
    assert taken.entry.pending_size == Decimal(0)
    assert taken.entry.stop_price == Decimal(41800)
    assert live(books) == 1


def test_more_than_was_reserved_is_no_fill_of_it(books):
    judge(reserve=Origin.APPROVED)
    with pytest.raises(ConfigInvalid, match="risk positions"):
        take_plan(books, PLAN.plan_id, a_trade(size="50"))


def test_a_plan_is_taken_once_and_again_after_it_has_ended(books):
    judge()
    first = take_plan(books, PLAN.plan_id, a_trade()).entry
    with pytest.raises(ConfigInvalid, match="taken before"):
        take_plan(books, PLAN.plan_id, a_trade())
    close_plan(books, PLAN.plan_id, price=Decimal(42300))
    second = take_plan(books, PLAN.plan_id, a_trade()).entry
    assert second.entry_id != first.entry_id


def test_the_newest_verdict_on_a_plan_counts_and_its_first_letters_will_do(books):
    judge(clock_skew_ms=None)
    judge()
    for name in (PLAN.plan_id, PLAN.plan_id[:6]):
        assert isinstance(find_decision(books, name).decision, Approved)
    for name in (PLAN.plan_id[:5], "unknown-plan", ""):
        with pytest.raises(ConfigInvalid, match="audit list"):
            find_decision(books, name)


def test_letters_that_begin_two_ids_are_no_name(books):
    judge()
    judge(replace(PLAN, plan_id=type(PLAN.plan_id)(f"{PLAN.plan_id[:10]}-x")))
    with pytest.raises(ConfigInvalid, match="the beginning of 2 ids"):
        find_decision(books, PLAN.plan_id[:8])
    assert find_decision(books, PLAN.plan_id).plan == PLAN


def test_a_whole_id_is_no_beginning_of_another(books):
    judge()
    judge(replace(PLAN, plan_id=type(PLAN.plan_id)(f"{PLAN.plan_id}-x")))
    assert find_decision(books, PLAN.plan_id).plan == PLAN


@pytest.mark.parametrize(
    ("direction", "price"), [(Direction.LONG, 42700), (Direction.SHORT, 41800)]
)
def test_a_close_earns_what_prices_and_costs_say(books, direction, price):
    plan = a_plan(direction)
    judge(plan)
    take_plan(books, plan.plan_id, a_trade(size="0.2", price="42250"))
    part = close_plan(
        books, plan.plan_id, price=Decimal(price), size=Decimal("0.1"), fees=Decimal(2)
    )
    gain = abs(Decimal(price) - 42250) * Decimal("0.1")
    assert part.earned == gain - 2
    assert part.entry.open_size == Decimal("0.1")
    rest = close_plan(books, plan.plan_id, price=Decimal(price))
    assert rest.earned == gain - Decimal("37.7") * Decimal("0.1")  # the plan's own costs
    assert rest.entry.state is EntryState.CLOSED
    assert RiskManager().status().standing.realised == part.earned + rest.earned


def test_a_stop_begins_a_cooldown_and_another_exit_does_not(books):
    judge()
    take_plan(books, PLAN.plan_id, a_trade())
    close_plan(books, PLAN.plan_id, price=Decimal(42000), size=Decimal("0.05"))
    assert RiskManager().status().standing.cooldowns == ()
    close_plan(books, PLAN.plan_id, price=Decimal(41750), by_stop=True)
    (cooldown,) = RiskManager().status().standing.cooldowns
    assert (cooldown.symbol, cooldown.direction) == (PLAN.symbol, Direction.LONG)


def test_a_position_is_found_by_plan_entry_or_first_letters(books):
    judge()
    entry = take_plan(books, PLAN.plan_id, a_trade()).entry
    for name in (PLAN.plan_id, entry.entry_id, PLAN.plan_id[:7]):
        assert find_position(books, name) == entry
    for name in (PLAN.plan_id[:3], "nothing-like-it"):
        with pytest.raises(ConfigInvalid, match="risk positions --all"):
            find_position(books, name)


def test_what_was_never_filled_cannot_be_closed(books):
    judge(reserve=Origin.APPROVED)
    with pytest.raises(ConfigInvalid, match="nothing of it was filled"):
        close_plan(books, PLAN.plan_id, price=Decimal(42300))


def test_more_than_is_open_cannot_be_closed(books):
    judge()
    take_plan(books, PLAN.plan_id, a_trade())
    with pytest.raises(ConfigInvalid, match="risk positions"):
        close_plan(books, PLAN.plan_id, price=Decimal(42300), size=Decimal("0.2"))
    assert find_position(books, PLAN.plan_id).open_size == Decimal("0.1")


def test_sizes_and_prices_that_no_trade_has_are_refused_and_nothing_is_recorded(books):
    judge()
    with pytest.raises(ConfigInvalid, match="more than the 1e"):
        take_plan(books, PLAN.plan_id, a_trade(size="1e14", price="1e14"))
    assert live(books) == 0


def test_a_close_at_a_price_that_no_trade_has_leaves_the_position_open(books):
    judge()
    take_plan(books, PLAN.plan_id, a_trade(size="10"))
    with pytest.raises(ConfigInvalid, match="realised is"):
        close_plan(books, PLAN.plan_id, price=Decimal("1e15"))
    assert live(books) == 1
    assert close_plan(books, PLAN.plan_id, price=Decimal(43000)).entry.state is EntryState.CLOSED
