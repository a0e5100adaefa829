"""The account on its real store: open, registered, followed, closed."""

from decimal import Decimal
from functools import partial

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.operations import move_money, resume_entries
from snipersight.bootstrap.session import unfollowed_sentence
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.risk import registry
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.manager import RiskManager
from snipersight.storage.audit_log import AuditLog
from tests.builders.ledger import DECIDED_AT_US


def test_whoever_opens_the_account_may_leave_the_ports_out():
    with open_books(load_settings()[0]) as books:
        assert registry.defaults() is books.ports
        assert RiskManager().status().account.equity == Decimal(10000)
        assert ExposureManager().get_available_capacity() == Decimal(1000)
    assert registry.defaults() is None


def test_another_configured_balance_is_followed_and_said(monkeypatch):
    with open_books(load_settings()[0]) as books:
        assert books.moved == 0
    monkeypatch.setenv("DEFAULT_ACCOUNT_BALANCE", "12500")
    with open_books(load_settings()[0]) as books:
        assert books.moved == 2500
        assert RiskManager().status().account.equity == Decimal(12500)
    with open_books(load_settings()[0]) as books:
        assert books.moved == 0


@pytest.mark.parametrize("configured", ["12500", "1"])
def test_a_balance_that_is_not_followed_is_told_and_nothing_is_recorded(monkeypatch, configured):
    with open_books(load_settings()[0]) as books:
        move_money(books.ports, Decimal(-9000), reason="", actor="cli")
    monkeypatch.setenv("DEFAULT_ACCOUNT_BALANCE", configured)
    with open_books(load_settings()[0], follows_balance=False) as books:
        assert books.moved == 0
        assert books.unfollowed == Decimal(configured) - 10000
        assert "began with 10000; a scan" in unfollowed_sentence(books)
        assert RiskManager().status().account.equity == Decimal(1000)
        head = books.store.decisions.view("main", lambda unit: unit.account.head)
        assert head.seq == 1  # the withdrawal


def test_a_preview_follows_the_balance_without_recording_it(monkeypatch):
    open_books(load_settings()[0]).close()
    monkeypatch.setenv("DEFAULT_ACCOUNT_BALANCE", "12500")
    with open_books(load_settings()[0], is_preview=True):
        assert RiskManager().status().account.equity == Decimal(12500)
    monkeypatch.setenv("DEFAULT_ACCOUNT_BALANCE", "10000")
    with open_books(load_settings()[0]) as books:
        assert books.moved == 0  # nobody recorded the other one
        assert books.sign() is None
        head = books.store.decisions.view("main", lambda unit: unit.account.head)
        assert head.seq == 0


def test_an_audit_whose_times_go_back_once_is_signed_and_verifies():
    settings, year_us = load_settings()[0], 365 * 86_400_000_000
    for clock_us in (DECIDED_AT_US + 6 * year_us, DECIDED_AT_US):
        with open_books(settings, clock=partial(int, clock_us)) as books:
            resume_entries(books.ports, rearm=False, actor="cli", accepts_clock=True)
            assert books.sign() is None
            row = books.store.decisions.view("main", lambda unit: unit.account)
            assert row.last_us == clock_us
            assert AuditLog(books.store.database).verify("main")


def test_what_keeps_the_audit_from_being_signed_is_returned(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("no key")
    (tmp_path / "key").chmod(0o600)
    monkeypatch.setenv("AUDIT_KEY_FILE", str(tmp_path / "key"))
    with open_books(load_settings()[0]) as books:
        problem = books.sign()
    assert isinstance(problem, StateUnavailable)


def test_an_account_in_another_currency_is_refused(monkeypatch):
    open_books(load_settings()[0]).close()
    monkeypatch.setenv("ACCOUNT_CURRENCY", "EUR")
    with pytest.raises(ConfigInvalid, match="USDT"):
        open_books(load_settings()[0])
    assert registry.defaults() is None


def test_a_home_that_is_a_file_is_a_state_that_cannot_be_used(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "file"))
    with pytest.raises(StateUnavailable):
        open_books(load_settings()[0])
