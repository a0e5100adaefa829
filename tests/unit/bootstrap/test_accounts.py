from decimal import Decimal
from pathlib import Path

import pytest

from snipersight.bootstrap.accounts import (
    account_secrets,
    environment_of,
    keys_of,
    load_accounts,
    own_settings,
    require_account,
    variables,
)
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.known_accounts import check_account
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.venue import Environment

DESK = """
[accounts.desk]
venue = "binanceusdm"
environment = "demo"
key = "DESK_API_KEY"
secret = "DESK_API_SECRET"

[accounts.desk.limits]
MAX_RISK_PER_TRADE = "0.005"
MAX_OPEN_POSITIONS = 3
DEFAULT_ACCOUNT_BALANCE = 2500
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def written(home: Path, text: str) -> None:
    (home / "accounts.toml").write_text(text)


def test_without_a_file_there_are_the_two_accounts_and_no_world_is_named():
    settings, _ = load_settings()
    accounts = load_accounts(settings)
    assert sorted(accounts) == ["main", "practice"]
    assert environment_of(settings, accounts["main"], "binanceusdm") is None


def test_the_general_world_is_that_of_every_account_but_practice(home, monkeypatch):
    written(home, DESK)
    monkeypatch.setenv("EXECUTION_ENVIRONMENT", "testnet")
    settings, _ = load_settings()
    accounts = load_accounts(settings)
    worlds = {name: environment_of(settings, one, "bybit") for name, one in accounts.items()}
    assert worlds == {
        "desk": Environment.DEMO,
        "main": Environment.TESTNET,
        "practice": None,
    }


def test_binance_keys_without_another_word_mean_its_demo(monkeypatch):
    monkeypatch.setenv("BINANCE_API_KEY", "a-key-of-some-length")
    monkeypatch.setenv("BINANCE_API_SECRET", "a-secret-of-some-length")
    settings, _ = load_settings()
    accounts = load_accounts(settings)
    assert environment_of(settings, accounts["main"], "binance") is Environment.DEMO
    assert environment_of(settings, accounts["main"], "bybit") is None
    assert environment_of(settings, accounts["practice"], "binance") is None
    monkeypatch.setenv("BINANCE_TESTNET", "false")
    settings, _ = load_settings()
    assert environment_of(settings, load_accounts(settings)["main"], "binance") is None


def test_an_account_uses_its_own_keys_and_limits_and_they_are_masked(home, monkeypatch):
    written(home, DESK)
    (home / ".env").write_text("DESK_API_KEY=desk-key\nDESK_API_SECRET=desk-secret\n")
    settings, _ = load_settings()
    accounts, held = load_accounts(settings), variables()
    keys = keys_of(settings, accounts["desk"], "binanceusdm", held)
    assert keys is not None
    assert keys.key.get_secret_value() == "desk-key"
    assert "desk-secret" not in repr(keys)
    assert set(account_secrets(accounts, held)) == {"desk-key", "desk-secret"}
    own = own_settings(settings, "desk")
    assert (own.max_risk_per_trade, own.max_open_positions) == (Decimal("0.005"), 3)
    assert own_settings(settings, "main") is settings


def test_an_account_begins_with_its_own_balance_and_is_held_to_its_own_limits(home):
    written(home, DESK)
    settings, _ = load_settings()
    with open_books(settings, account_id="desk") as books:
        assert books.ports.policy.max_risk_per_trade == Decimal("0.005")
        standing = books.store.decisions.view("desk", lambda unit: unit.account.standing)
    assert standing.starting_balance == Decimal(2500)
    assert books.moved == 0


def test_keys_that_are_named_and_not_set_are_an_error_once_they_are_needed(home):
    written(home, DESK)
    settings, _ = load_settings()
    with pytest.raises(ConfigInvalid, match="DESK_API_KEY and DESK_API_SECRET is not set"):
        keys_of(settings, load_accounts(settings)["desk"], "binanceusdm", {})


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[account.desk]\n", "unknown key account"),
        ("accounts = 3\n", "accounts is no table"),
        ('[accounts.Desk]\nvenue = "bybit"\n', "'Desk' is no name"),
        ('[accounts.desk]\nvenu = "bybit"\n', "accounts.desk.venu"),
        ('[accounts.desk]\nvenue = "kraken"\n', "venue 'kraken' takes no orders"),
        ('[accounts.desk]\nenvironment = "demo"\n', "needs the venue"),
        ('[accounts.desk]\nkey = "A"\n', "key and secret belong together"),
        ('[accounts.desk]\nenvironment = "real"\nvenue = "bybit"\n', "accounts.desk.environment"),
        ("[accounts.desk.limits]\nMAX_RISC = 1\n", "MAX_RISC is no limit"),
        ("[accounts.desk.limits]\nTELEGRAM_CHAT_ID = 1\n", "TELEGRAM_CHAT_ID is no limit"),
        ('[accounts.practice]\nenvironment = "demo"\nvenue = "bybit"\n', "built-in market alone"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_key(home, text, part):
    written(home, text)
    settings, _ = load_settings()
    with pytest.raises(ConfigInvalid) as caught:
        load_accounts(settings)
    assert part in caught.value.what
    assert caught.value.where.endswith("accounts.toml")


def test_limits_of_an_account_are_held_to_the_same_rules(home):
    written(home, "[accounts.desk.limits]\nMAX_DAILY_LOSS = 0.5\n")
    settings, _ = load_settings()
    with pytest.raises(
        ConfigInvalid, match=r"MAX_DAILY_LOSS 0\.5 exceeds MAX_WEEKLY_LOSS"
    ) as caught:
        own_settings(settings, "desk")
    assert "accounts.desk.limits" in caught.value.where


def test_a_live_account_contradicts_the_testnet_that_was_asked_for(home, monkeypatch):
    written(home, '[accounts.desk]\nvenue = "binance"\nenvironment = "live"\n')
    monkeypatch.setenv("BINANCE_TESTNET", "true")
    settings, _ = load_settings()
    with pytest.raises(ConfigInvalid, match="contradicts BINANCE_TESTNET=true"):
        load_accounts(settings)


def test_an_unknown_account_is_answered_with_those_there_are():
    with pytest.raises(ConfigInvalid, match="no account 'mian'") as caught:
        require_account("mian", {"main", "practice"})
    assert "main, practice" in caught.value.next_step


def test_an_account_that_traded_and_is_configured_no_more_exists(home):
    written(home, DESK)
    settings, _ = load_settings()
    open_books(settings, account_id="desk").close()
    (home / "accounts.toml").unlink()
    settings, _ = load_settings()
    assert check_account(settings, "desk") == "desk"
    assert check_account(settings, None) is None
    with pytest.raises(ConfigInvalid, match="no account 'dusk'"):
        check_account(settings, "dusk")
