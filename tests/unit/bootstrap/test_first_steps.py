"""Values are possible one by one, and a secret is shown to nobody."""

import pytest

from snipersight.bootstrap.first_steps import Draft, fault_of, is_secret
from snipersight.bootstrap.first_steps_file import read_env_file
from snipersight.domain.errors import ConfigInvalid


@pytest.fixture
def draft(tmp_path):
    (tmp_path / ".env").write_text("MAX_LEVERAGE=3\nDATABASE_URL=postgresql://a:secret1@h/d\n")
    return Draft(file=read_env_file(tmp_path / ".env"))


def test_what_is_so_already_changes_nothing(draft):
    draft.take("MAX_LEVERAGE", "4")
    assert (draft.changes, draft.value("MAX_LEVERAGE")) == ({"MAX_LEVERAGE": "4"}, "4")
    draft.take("MAX_LEVERAGE", "3")
    assert (draft.changes, draft.value("MAX_LEVERAGE")) == ({}, "3")


def test_an_empty_value_unsets(draft):
    draft.take("DATABASE_URL", "")
    assert draft.value("DATABASE_URL") == ""
    draft.write()
    assert "DATABASE_URL=\n" in draft.file.path.read_text()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MAX_LEVERAGE", "0", "greater than or equal to 1"),
        ("DEFAULT_ACCOUNT_BALANCE", "much", "valid decimal"),
        ("TELEGRAM_ADMINS", "@ann", "no user id"),
        ("MAX_LEVERAG", "3", "did you mean MAX_LEVERAGE?"),
        ("SNIPERSIGHT_HOME", "/tmp", "export it"),
        ("DATABASE_URL", "mysql://a:secret2@h/d", "neither sqlite"),
    ],
)
def test_an_impossible_value_is_refused_with_the_reason(draft, name, value, told):
    with pytest.raises(ConfigInvalid) as caught:
        draft.take(name, value)
    assert told in str(caught.value)
    assert "secret2" not in str(caught.value)
    assert draft.changes == {}


def test_values_that_are_possible_alone_are_not_judged_together_yet():
    assert fault_of("EXECUTION_ENVIRONMENT", "live") is None
    assert fault_of("EXCHANGE_GATEWAY", "127.0.0.1:8443") is None


def test_the_settings_of_a_draft_are_those_of_file_and_changes(draft):
    draft.take("MAX_RISK_PER_TRADE", "0.02")
    settings = draft.settings()
    assert (settings.max_leverage, str(settings.max_risk_per_trade)) == (3, "0.02")
    draft.take("EXECUTION_ENVIRONMENT", "live")
    draft.take("BINANCE_TESTNET", "true")
    with pytest.raises(ConfigInvalid, match="contradicts"):
        draft.settings()


def test_tokens_keys_and_addresses_with_passwords_are_secret():
    for name in ("TELEGRAM_BOT_TOKEN", "BINANCE_API_SECRET", "DATABASE_URL", "NOTIFY_WEBHOOK_URL"):
        assert is_secret(name)
    for name in ("MAX_LEVERAGE", "TELEGRAM_ADMINS", "NO_SUCH_SETTING"):
        assert not is_secret(name)
