from decimal import Decimal
from pathlib import Path

import pytest

from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.domain.errors import ConfigInvalid


def test_the_defaults_are_those_of_the_specification():
    settings, warnings = load_settings()
    assert settings.default_account_balance == Decimal("10000.0")
    assert settings.max_risk_per_trade == Decimal("0.01")
    assert settings.max_total_exposure == Decimal("0.10")
    assert settings.max_per_asset_exposure == Decimal("0.05")
    assert settings.max_leverage == 5
    assert settings.account_currency == "USDT"
    assert settings.binance_testnet is True
    assert settings.log_level == "INFO"
    assert settings.analytics_enabled is True
    assert not settings.has_telegram
    assert warnings == ()


def test_the_settings_file_of_the_home_is_read_and_the_environment_wins(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".env").write_text("MAX_LEVERAGE=3\nLOG_LEVEL=debug\n")
    monkeypatch.setenv("MAX_LEVERAGE", "2")
    settings, _ = load_settings()
    assert settings.max_leverage == 2
    assert settings.log_level == "DEBUG"
    assert settings.snipersight_home == home


def test_a_named_file_is_read_instead_of_the_one_in_the_home(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".env").write_text("MAX_LEVERAGE=3\n")
    (tmp_path / "desk.env").write_text("ACCOUNT_CURRENCY= eur\n")
    settings, _ = load_settings(tmp_path / "desk.env")
    assert settings.account_currency == "EUR"
    assert settings.max_leverage == 5


def test_every_impossible_value_is_named_at_once(monkeypatch):
    monkeypatch.setenv("MAX_RISK_PER_TRADE", "1%")
    monkeypatch.setenv("MAX_LEVERAGE", "0")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(ConfigInvalid) as caught:
        load_settings()
    for part in ("MAX_RISK_PER_TRADE", "'1%'", "MAX_LEVERAGE", "LOG_LEVEL", "'LOUD'"):
        assert part in caught.value.what


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEFAULT_ACCOUNT_BALANCE", "nan"),
        ("DEFAULT_ACCOUNT_BALANCE", "0"),
        ("MAX_RISK_PER_TRADE", "0.06"),
        ("MAX_RISK_PER_TRADE", "-0.01"),
        ("MAX_TOTAL_EXPOSURE", "inf"),
        ("MAX_LEVERAGE", "126"),
        ("ACCOUNT_CURRENCY", "US DT"),
        ("BINANCE_TESTNET", "perhaps"),
        ("DATABASE_URL", "mysql://host/snipersight"),
        ("DATABASE_URL", "sqlite:///beside-me.db"),
        ("DATABASE_URL", "postgresql://[::1/desk"),
        ("AUDIT_RETENTION_DAYS", "0"),
        ("QUEUE_RETENTION_DAYS", "0.5"),
    ],
)
def test_a_value_outside_its_range_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigInvalid, match=name):
        load_settings()


def test_a_placeholder_is_no_secret_and_its_text_is_not_repeated(monkeypatch):
    monkeypatch.setenv("BINANCE_API_KEY", "<my key abc>")
    with pytest.raises(ConfigInvalid, match=r"BINANCE_API_KEY.*placeholder") as caught:
        load_settings()
    assert "abc" not in f"{caught.value} {caught.value.__cause__}"  # --debug shows the cause


def test_secrets_are_hidden_in_texts_and_listed_for_the_log(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:hidden-token")
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "-100")
    settings, warnings = load_settings()
    assert settings.has_telegram
    assert "hidden-token" not in f"{settings!r} {settings}"
    assert settings.secrets() == ("123456:hidden-token",)
    assert warnings == ()


@pytest.mark.parametrize(
    "url", ["sqlite:////var/lib/snipersight.db", "postgresql://me@host/desk", "postgresql:///desk"]
)
def test_both_kinds_of_database_are_taken(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    held = load_settings()[0].database_url
    assert held is not None
    assert held.get_secret_value() == url


def test_the_password_of_the_database_is_shown_nowhere(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:p%40ss-word@host/desk")
    settings, _ = load_settings()
    assert "ss-word" not in f"{settings!r} {settings}"
    assert settings.secrets() == ("p%40ss-word", "p@ss-word")
    monkeypatch.setenv("DATABASE_URL", "postgres://me:hidden@host/desk")
    with pytest.raises(ConfigInvalid, match="DATABASE_URL: is neither") as caught:
        load_settings()
    assert "hidden" not in f"{caught.value} {caught.value.__cause__}"


def test_half_a_pair_is_warned_about(monkeypatch):
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "-100")
    _, warnings = load_settings()
    assert warnings == ("TELEGRAM_CHAT_ID is set but TELEGRAM_BOT_TOKEN is not: neither is used",)


def test_an_empty_value_means_not_set(tmp_path):
    (tmp_path / "a.env").write_text("TELEGRAM_BOT_TOKEN=\nMAX_LEVERAGE=\n")
    settings, warnings = load_settings(tmp_path / "a.env")
    assert settings.telegram_bot_token is None
    assert settings.max_leverage == 5
    assert warnings == ()


def test_a_misspelt_name_in_the_file_is_refused_and_a_foreign_one_is_not(tmp_path):
    (tmp_path / "a.env").write_text("MAX_RISK_PER_TRADES=0.02\nREDIS_URL=x\nLOGLEVEL=DEBUG\n")
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(tmp_path / "a.env")
    assert "MAX_RISK_PER_TRADES" in caught.value.what
    assert "did you mean MAX_RISK_PER_TRADE?" in caught.value.what
    assert "LOGLEVEL" in caught.value.what
    assert "REDIS_URL" not in caught.value.what


def test_a_misspelt_limit_of_the_process_is_refused(monkeypatch):
    monkeypatch.setenv("MAX_DAILY_LOSSES", "0.01")
    with pytest.raises(ConfigInvalid, match="did you mean MAX_DAILY_LOSS"):
        load_settings()


def test_a_misspelt_name_of_ours_is_refused_wherever_it_stands(monkeypatch):
    monkeypatch.setenv("SNIPERSIGHT_HOMES", "/x")
    with pytest.raises(ConfigInvalid, match="did you mean SNIPERSIGHT_HOME"):
        load_settings()


def test_what_other_programs_call_almost_the_same_is_only_warned_about(monkeypatch):
    monkeypatch.setenv("LOGLEVEL", "loud")
    monkeypatch.setenv("SNIPERSIGHT_WALLPAPER", "blue")
    _, warnings = load_settings()
    assert len(warnings) == 2
    assert "did you mean LOG_LEVEL?" in warnings[0]
    assert "SNIPERSIGHT_WALLPAPER" in warnings[1]


def test_misspelt_impossible_and_contradictory_are_all_said_at_once(tmp_path):
    path = tmp_path / "a.env"
    path.write_text(
        "MAX_LEVERAGES=3\nMAX_DRAWDOWN=nan\nMAX_PER_ASSET_EXPOSURE=0.3\nMAX_DAILY_LOSS=0.5\n"
    )
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(path)
    for part in (
        "did you mean MAX_LEVERAGE?",
        "MAX_DRAWDOWN",
        "MAX_PER_ASSET_EXPOSURE 0.3 exceeds MAX_TOTAL_EXPOSURE 0.10",
        "MAX_DAILY_LOSS 0.5 exceeds MAX_WEEKLY_LOSS 0.06",
    ):
        assert part in caught.value.what


def test_an_unreadable_limit_contradicts_nothing(monkeypatch):
    monkeypatch.setenv("MAX_TOTAL_EXPOSURE", "a lot")
    monkeypatch.setenv("MAX_PER_ASSET_EXPOSURE", "0.3")
    with pytest.raises(ConfigInvalid) as caught:
        load_settings()
    assert "exceeds" not in caught.value.what


def test_the_example_file_lists_every_variable_with_its_default():
    example = Path(__file__).parents[3] / ".env.example"
    text = example.read_text()
    assert [name for name in VARIABLES if f"{name}=" not in text] == []
    shown, _ = load_settings(example)
    assert shown == load_settings()[0]
