"""A plan finds its account by itself, on the real store."""

from decimal import Decimal

import pytest

from snipersight.bootstrap.account_names import MAIN, PRACTICE, default_account
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.plan_accounts import account_of_plan
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.taking import HandTrade, take_plan
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.ledger import EntryId
from snipersight.domain.plan import PlanId, TradePlan
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.manager import RiskManager
from tests.builders import DECIDED_AT_MS, a_plan, an_instrument
from tests.builders.ledger import observations

TRADE = HandTrade(size=Decimal("0.1"), price=Decimal(42200))


def a_named_plan(name: str) -> TradePlan:
    return a_plan(plan_id=PlanId(name))


def judge(account_id: str, plan: TradePlan, *, takes: bool = False) -> EntryId | None:
    settings = load_settings()[0]
    with open_books(settings, account_id=account_id, clock=lambda: DECIDED_AT_MS * 1000) as books:
        manager = RiskManager()
        manager.observe(observations(an_instrument(plan.symbol)))
        manager.validate_plan(plan)
        return take_plan(books, plan.plan_id, TRADE).entry.entry_id if takes else None


def found(name: str) -> str | None:
    return account_of_plan(load_settings()[0], name)


def test_main_is_meant_where_it_exists_and_else_the_practice_account():
    assert default_account(()) == PRACTICE
    assert default_account((PRACTICE,)) == PRACTICE
    assert default_account((MAIN, PRACTICE)) == MAIN


def test_an_account_exists_once_it_is_needed():
    settings = load_settings()[0]
    with open_books(settings, account_id=None) as books:
        assert books.ports.account_id == PRACTICE
    with open_books(settings, account_id=MAIN) as books:
        assert [row.account_id for row in books.store.decisions.accounts()] == [MAIN, PRACTICE]
    with open_books(settings, account_id=None) as books:
        assert books.ports.account_id == MAIN


def test_a_practised_position_leaves_capacity_and_equity_of_main_alone():
    judge(PRACTICE, a_named_plan("practised-plan"), takes=True)
    with open_books(load_settings()[0], account_id=PRACTICE):
        assert ExposureManager().get_available_capacity() < Decimal(1000)
    with open_books(load_settings()[0], account_id=MAIN):
        assert ExposureManager().get_available_capacity() == Decimal(1000)
        account = RiskManager().observe(observations())
        assert (account.account_id, account.equity) == (MAIN, Decimal(10_000))


def test_both_accounts_follow_another_configured_balance(monkeypatch):
    for name in (MAIN, PRACTICE):
        open_books(load_settings()[0], account_id=name).close()
    monkeypatch.setenv("DEFAULT_ACCOUNT_BALANCE", "12500")
    for name in (MAIN, PRACTICE):
        with open_books(load_settings()[0], account_id=name) as books:
            assert books.moved == 2500


def test_a_plan_that_was_judged_or_taken_is_found_in_its_account():
    judge(PRACTICE, a_named_plan("practised-plan"))
    entry = judge(MAIN, a_named_plan("real-plan-42"), takes=True)
    assert found("practised-plan") == found("practi") == PRACTICE
    assert found("real-plan-42") == found("real-p") == found(str(entry)) == MAIN
    assert found("real-") is None
    assert found("unheard-of") is None


def test_what_is_held_wins_over_what_was_only_judged():
    plan = a_named_plan("the-same-plan")
    judge(MAIN, plan)
    judge(PRACTICE, plan, takes=True)
    assert found("the-same-plan") == PRACTICE
    assert found("the-sa") == PRACTICE


def test_a_plan_that_both_accounts_know_has_to_be_told_apart():
    for name in (MAIN, PRACTICE):
        judge(name, a_named_plan("the-same-plan"))
    with pytest.raises(ConfigInvalid, match=r"main and practice both know.*--account"):
        found("the-same-plan")


def test_a_whole_id_wins_over_the_beginning_of_another():
    judge(MAIN, a_named_plan("the-same-plan"))
    judge(PRACTICE, a_named_plan("the-same-plan-2"))
    assert found("the-same-plan") == MAIN
    with pytest.raises(ConfigInvalid, match="both know"):
        found("the-same")
