import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from snipersight.bot.telemetry import masking
from snipersight.bot.telemetry.masking import mask, mask_fields, register_secrets

BOT_TOKEN = "1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawX"
EXCHANGE_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch):
    monkeypatch.setattr(masking, "_known", set())


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"POST https://api.telegram.org/bot{BOT_TOKEN}/sendMessage", BOT_TOKEN),
        ("GET /api/v3/order?symbol=BTCUSDT&signature=c8db5682&timestamp=1", "c8db5682"),
        ("{'X-MBX-APIKEY': 'abcDEF123'}", "abcDEF123"),
        ('{"X-BAPI-SIGN": "9f8e7d"}', "9f8e7d"),
        ('{"apiKey": "abc123", "secret": "def456"}', "abc123"),
        ('{"apiKey": "abc123", "secret": "def456"}', "def456"),
        ("BINANCE_API_SECRET=s3cr3tvalue", "s3cr3tvalue"),
        ("Authorization: Bearer eyJhbGciOi", "eyJhbGciOi"),
        ("http://user:hunter2@proxy.example:8080/", "hunter2"),
        (f"key {EXCHANGE_KEY} refused", EXCHANGE_KEY),
        ("wss://host/private/ws?listenKey=pqia91ma19a5s61cv6a81va65", "pqia91ma19a5s61cv6a81va65"),
    ],
)
def test_a_secret_is_known_by_its_shape(text, secret):
    shown = mask(text)
    assert secret not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "text",
    [
        "BTC/USDT:USDT scored 92.3 at 42150.50",
        "https://api.binance.com/api/v3/klines?symbol=BTCUSDT&interval=5m&limit=1000",
        "policy e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "2024-06-07T10:00:00Z gated:min_score 1717754400000:12",
        "C:/Users/me: no such folder",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert mask(text) == text


@given(st.text(min_size=6, alphabet=st.characters(categories=["L", "N"])), st.text(), st.text())
def test_a_registered_value_never_stands_in_a_text(secret, before, after):
    register_secrets([secret])
    shown = mask(f"{before}{secret}{after}")
    assert secret in "***" or secret not in shown.replace("***", "\n")


def test_short_values_are_not_registered_since_they_would_hide_words():
    register_secrets(["USDT"])
    assert mask("BTC/USDT") == "BTC/USDT"


def test_the_longer_of_two_overlapping_secrets_leaves_no_rest():
    register_secrets(["abcdef", "abcdefghij"])
    assert mask("x abcdefghij y") == "x *** y"


def test_fields_are_masked_by_type_by_name_and_inside_other_fields():
    fields = {
        "key": SecretStr("hidden-by-type"),
        "api_key": "hidden-by-name",
        "nested": {"password": "hidden-inside", "list": ["token=hidden-in-list", 5]},
        "symbol": "BTC/USDT",
    }
    shown = mask_fields(fields)
    assert "hidden" not in json.dumps(shown)
    assert shown["symbol"] == "BTC/USDT"


def test_fields_become_what_json_can_hold():
    shown = mask_fields({"a": float("nan"), "b": {1: (2, 3)}, "c": None, "d": True, "e": object})
    assert json.loads(json.dumps(shown, allow_nan=False)) == {
        "a": "nan",
        "b": {"1": [2, 3]},
        "c": None,
        "d": True,
        "e": "<class 'object'>",
    }
