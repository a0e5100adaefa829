import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from snipersight.bot.telemetry import masking
from snipersight.bot.telemetry.masking import mask, mask_fields, register_secrets
from snipersight.bot.telemetry.secret_shapes import SHAPES

BOT_TOKEN = "1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawX"
EXCHANGE_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch):
    monkeypatch.setattr(masking, "_known", [])


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


# As libraries write them into errors and logs: {secret} is what must not be there.
WRITTEN = {
    "a signed query of binance": "binance GET https://fapi.binance.com/fapi/v1/order?symbol=BTCUSDT"
    "&timestamp=1717754400000&recvWindow=10000&signature={secret} 400 Bad Request",
    "a signed body": "POST /fapi/v1/order timestamp=1&recvWindow=5000&apiKey={secret}&side=BUY",
    "the headers of bybit": "{{'X-BAPI-API-KEY': 'k', 'X-BAPI-SIGN': '{secret}', 'n': '1'}}",
    "bytes": "{{b'X-MBX-APIKEY': b'{secret}'}}",
    "pairs": "[('Authorization', 'Bearer {secret}'), ('Accept', '*/*')]",
    "pairs of bytes": "[(b'authorization', b'{secret}')]",
    "JSON in JSON": '{{"body": "{{\\"secretKey\\": \\"{secret}\\"}}"}}',
    "a percent-encoded address": "/login?next=%2Fws%3FlistenKey%3D{secret}",
    "a quoted value of two words": 'password="{secret} horse"',
    "basic authorization": "authorization=Basic {secret}",
    "a bearer without its header": "sent Bearer {secret}{secret} to it",
    "a cookie": "Cookie: a=1; session={secret}",
    "the sign-in of a stream": '{{"op": "auth", "args": ["{secret}", 1717754400000, "{secret}"]}}',
    "a camel-cased name": "botToken={secret}",
    "a web hook of slack": "https://hooks.slack.com/services/T00000000/B00000000/{secret}",
    "a web hook of discord": "https://discord.com/api/webhooks/112233445566778899/{secret}",
    "the address of a private stream": "wss://stream.binance.com:9443/ws/{secret}{secret}",
    "our own signature": "X-SniperSight-Signature: sha256={secret}",
    "a private key": "-----BEGIN EC PRIVATE KEY-----\n{secret}\n-----END EC PRIVATE KEY-----",
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_secret_is_known_however_libraries_write_it(how):
    secret = "pqia91ma19a5s61cv6"
    shown = mask(WRITTEN[how].format(secret=secret))
    assert secret not in shown
    assert "***" in shown


def test_what_stands_around_a_secret_can_still_be_read():
    shown = mask(WRITTEN["a signed query of binance"].format(secret="c8db5682"))
    assert "symbol=BTCUSDT&timestamp=1717754400000&recvWindow=10000&signature=*** 400" in shown


PIECES = st.sampled_from(
    [
        *(
            "apiKey",
            "SECRET",
            "signature",
            "token",
            "pwd",
            "Bearer ",
            "\u017fecret",
            "listen\u212aey",
        ),
        *("=", ": ", '"', "'", "&", "://", "@", "op", "auth", "args", "[", "]", "x1" * 16, "7" * 9),
        *(
            "/ws/",
            "cookie",
            "-----BEGIN PRIVATE KEY-----",
            "\\",
            "%3D",
            " ",
            "BTC/USDT:USDT",
            EXCHANGE_KEY,
        ),
    ]
)


@example("\u017fecret=x")
@example("pwd=x")
@example("://a:b@")
@example(f"123456:{'x' * 30}")
@example(f"Basic {'x' * 16}")
@example(f"/ws/{'x' * 20}")
@example(EXCHANGE_KEY)
@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join))
def test_hints_spare_work_and_change_nothing(text):
    thorough = text
    for shape in SHAPES:
        thorough = shape.hide(thorough)
    assert mask(text) == thorough


@pytest.mark.parametrize(
    "text", ["a-" * 20_000 + "key", "key" * 20_000, "token" * 9000 + "\\" * 9000]
)
def test_no_text_takes_long(text):
    began_s = time.perf_counter()
    mask(text)
    assert time.perf_counter() - began_s < 2


@pytest.mark.parametrize(
    "text",
    [
        "BTC/USDT:USDT scored 92.3 at 42150.50",
        "https://api.binance.com/api/v3/klines?symbol=BTCUSDT&interval=5m&limit=1000",
        "policy e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "2024-06-07T10:00:00Z gated:min_score 1717754400000:12",
        "C:/Users/me: no such folder",
        "no key is set; the monkey passed a token to the authority",
        "https://api.bybit.com/v5/market/kline?category=linear&symbol=BTCUSDT&interval=5",
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
