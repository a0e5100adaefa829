import pytest

from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.orders import TriggerSource
from snipersight.domain.venue import Environment

KEY, SECRET = "a-key-of-some-length", "a-secret-of-some-length"


def with_environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    """Return the settings with these variables set."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()[0]


def test_by_default_no_world_is_named_and_nothing_may_trade_live():
    settings, warnings = load_settings()
    assert settings.environment is None
    assert settings.live_account == ()
    assert settings.gateway_address is None
    assert settings.stop_trigger is TriggerSource.MARK
    assert (settings.stop_deadline_us, settings.double_fire_minutes) == (10_000_000, 15)
    assert warnings == ()


def test_every_value_in_its_own_unit(monkeypatch, tmp_path):
    settings = with_environment(
        monkeypatch,
        EXECUTION_ENVIRONMENT="Demo",
        STOP_TRIGGER="LAST",
        STOP_DEADLINE_SECONDS="2.5",
        DOUBLE_FIRE_MINUTES="60",
        EXCHANGE_GATEWAY="127.0.0.1:8443",
        EXCHANGE_GATEWAY_CA=str(tmp_path / "ca.pem"),
        LIVE_ACCOUNT="main, desk",
    )
    assert settings.environment is Environment.DEMO
    assert settings.stop_trigger is TriggerSource.LAST
    assert (settings.stop_deadline_us, settings.double_fire_minutes) == (2_500_000, 60)
    assert settings.gateway_address == ("127.0.0.1", 8443)
    assert settings.live_account == ("main", "desk")


@pytest.mark.parametrize(
    ("variables", "part"),
    [
        ({"EXECUTION_ENVIRONMENT": "prod"}, "'testnet', 'demo' or 'live'"),
        ({"EXECUTION_ENVIRONMENT": "simulated"}, "EXECUTION_ENVIRONMENT"),
        (
            {"EXECUTION_ENVIRONMENT": "live", "BINANCE_TESTNET": "true"},
            "EXECUTION_ENVIRONMENT=live contradicts BINANCE_TESTNET=true",
        ),
        (
            {"EXECUTION_ENVIRONMENT": "demo", "BINANCE_TESTNET": "false"},
            "EXECUTION_ENVIRONMENT=demo contradicts BINANCE_TESTNET=false",
        ),
        (
            {
                "EXECUTION_ENVIRONMENT": "live",
                "EXCHANGE_GATEWAY": "127.0.0.1:1",
                "EXCHANGE_GATEWAY_CA": "/ca.pem",
            },
            "EXCHANGE_GATEWAY is for practice",
        ),
        ({"EXCHANGE_GATEWAY": "127.0.0.1:8443"}, "set both or none"),
        ({"EXCHANGE_GATEWAY_CA": "/ca.pem"}, "set both or none"),
        ({"EXCHANGE_GATEWAY": "exchange.example.org:443"}, "no address on this machine"),
        ({"EXCHANGE_GATEWAY": "127.0.0.1:99999"}, "no address on this machine"),
        ({"EXCHANGE_GATEWAY": "127.0.0.1.example.org:80"}, "no address on this machine"),
        ({"LIVE_ACCOUNT": "Main!"}, "Main! is no name of an account"),
        ({"STOP_TRIGGER": "index"}, "STOP_TRIGGER"),
        ({"STOP_DEADLINE_SECONDS": "0"}, "STOP_DEADLINE_SECONDS"),
        ({"DOUBLE_FIRE_MINUTES": "0"}, "DOUBLE_FIRE_MINUTES"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(monkeypatch, variables, part):
    with pytest.raises(ConfigInvalid) as caught:
        with_environment(monkeypatch, **variables)
    assert part in caught.value.what


def test_live_needs_no_word_about_the_testnet_that_was_never_mentioned(monkeypatch):
    settings = with_environment(monkeypatch, EXECUTION_ENVIRONMENT="live")
    assert settings.environment is Environment.LIVE


def test_every_key_is_masked_and_half_a_pair_is_told(monkeypatch):
    settings = with_environment(
        monkeypatch, BYBIT_API_KEY=KEY, BYBIT_API_SECRET=SECRET, BINANCE_API_KEY="binance-key"
    )
    assert {KEY, SECRET, "binance-key"} <= set(settings.secrets())
    assert KEY not in repr(settings)
    warnings = load_settings()[1]
    assert warnings == ("BINANCE_API_KEY is set but BINANCE_API_SECRET is not: neither is used",)


def test_a_placeholder_is_no_key(monkeypatch):
    with pytest.raises(ConfigInvalid, match="BYBIT_API_KEY: still holds its placeholder"):
        with_environment(monkeypatch, BYBIT_API_KEY="<key>")
