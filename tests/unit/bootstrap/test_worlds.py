import pytest

from snipersight.bootstrap.accounts import TradingAccount, load_accounts
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.bootstrap.worlds import World, choose_world
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Mode
from snipersight.domain.venue import Environment

BINANCE = {"BINANCE_API_KEY": "binance-key", "BINANCE_API_SECRET": "binance-secret"}
LIVE = {
    "EXECUTION_ENVIRONMENT": "live",
    "BINANCE_TESTNET": "false",
    "LIVE_ACCOUNT": "main",
    **BINANCE,
}


def settings_with(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()[0]


def chosen(
    settings: Settings,
    venue: str = "binanceusdm",
    *,
    account: str = "main",
    mode: Mode = Mode.PAPER,
    confirmed: str | None = None,
) -> World:
    found: TradingAccount = load_accounts(settings)[account]
    return choose_world(settings, found, venue, mode=mode, held={}, confirmed=confirmed)


def test_paper_without_a_word_of_the_world_is_the_simulated_venue(monkeypatch):
    world = chosen(settings_with(monkeypatch))
    assert (world.environment, world.keys) == (Environment.SIMULATED, None)


def test_paper_with_keys_of_binance_is_its_demo(monkeypatch):
    world = chosen(settings_with(monkeypatch, **BINANCE))
    assert world.environment is Environment.DEMO
    assert world.keys is not None


def test_practice_stays_on_the_built_in_market_whatever_the_settings_say(monkeypatch):
    settings = settings_with(monkeypatch, **LIVE)
    world = chosen(settings, "sandbox", account="practice")
    assert world.environment is Environment.SIMULATED


def test_a_dry_run_goes_nowhere_and_needs_no_key(monkeypatch):
    world = chosen(settings_with(monkeypatch, EXECUTION_ENVIRONMENT="demo"), mode=Mode.DRY_RUN)
    assert (world.environment, world.keys) == (Environment.SIMULATED, None)


def test_live_with_every_word_said_is_live(monkeypatch):
    world = chosen(settings_with(monkeypatch, **LIVE), mode=Mode.LIVE, confirmed="main")
    assert world.environment is Environment.LIVE
    assert world.keys is not None
    assert world.keys.key_name == "BINANCE_API_KEY"


@pytest.mark.parametrize(
    ("without", "confirmed", "part"),
    [
        ((), None, "live orders of account main are not confirmed"),
        ((), "desk", "'desk' is not the account whose orders are live, main"),
        (("LIVE_ACCOUNT",), "main", "LIVE_ACCOUNT does not name it"),
        (
            ("EXECUTION_ENVIRONMENT",),
            "main",
            "need EXECUTION_ENVIRONMENT=live, and it is empty",
        ),
        (
            ("EXECUTION_ENVIRONMENT", "BINANCE_TESTNET"),
            "main",
            "its keys are those of the demo world",
        ),
        (("BINANCE_API_SECRET",), "main", "it has no keys for binanceusdm live"),
    ],
)
def test_live_is_refused_as_long_as_one_word_is_missing(monkeypatch, without, confirmed, part):
    said = {name: value for name, value in LIVE.items() if name not in without}
    settings = settings_with(monkeypatch, **said)
    with pytest.raises(ConfigInvalid) as caught:
        chosen(settings, mode=Mode.LIVE, confirmed=confirmed)
    assert part in caught.value.what
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("variables", "venue", "account", "mode", "part"),
    [
        (LIVE, "binanceusdm", "main", Mode.PAPER, "paper orders never go to the live world"),
        ({}, "sandbox", "main", Mode.PAPER, "traded by the account practice alone"),
        ({}, "binance", "practice", Mode.PAPER, "it trades the built-in market alone"),
        ({}, "sandbox", "practice", Mode.LIVE, "sandbox has no live world"),
        (
            {"EXECUTION_ENVIRONMENT": "demo", **BINANCE},
            "kraken",
            "main",
            Mode.PAPER,
            "no orders can be sent to kraken",
        ),
        (
            {"EXECUTION_ENVIRONMENT": "demo", **BINANCE},
            "bybit",
            "main",
            Mode.PAPER,
            "BYBIT_API_KEY and BYBIT_API_SECRET are not set",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(monkeypatch, variables, venue, account, mode, part):
    settings = settings_with(monkeypatch, **variables)
    confirmed = account if mode is Mode.LIVE else None
    with pytest.raises(ConfigInvalid) as caught:
        chosen(settings, venue, account=account, mode=mode, confirmed=confirmed)
    assert part in caught.value.what


def test_an_account_of_one_venue_trades_at_no_other(monkeypatch, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "accounts.toml").write_text('[accounts.desk]\nvenue = "bybit"\n')
    with pytest.raises(ConfigInvalid, match="lets it trade at bybit, and this is binance"):
        chosen(settings_with(monkeypatch), "binance", account="desk")


@pytest.mark.parametrize("mode", [Mode.DRY_RUN, Mode.PAPER])
def test_a_confirmation_of_real_orders_is_refused_where_none_are_asked_for(monkeypatch, mode):
    with pytest.raises(ConfigInvalid, match="--confirm main is for real orders"):
        chosen(settings_with(monkeypatch), mode=mode, confirmed="main")
