import base64
import hashlib
import hmac
import json
import logging
import socket

import pytest

from snipersight.bot.notifications.channels.http_guard import PointsInward
from snipersight.bot.notifications.channels.webhook import (
    WebhookNotifier,
    message_id_of,
    signature,
    wait_s,
)
from snipersight.domain.channels import (
    Body,
    Delivered,
    Rendered,
    SendOutcome,
    Stopped,
    TryAgain,
    Unsendable,
)
from snipersight.domain.errors import ConfigInvalid
from tests.fakes.scripted_http import Asked, Reply, ScriptedHttp

SECRET = "a secret of some length"
NOW_S = 1_700_000_000.5
DATA = {"schema": "snipersight.signal/1", "symbol": "BTC/USDT", "score": "92.3", "é": None}
BODY: Body = {"data": DATA}


async def posted(
    *replies: Reply, key: str = "signal:a:1", body: Body = BODY, timeout_s: float = 5.0
) -> tuple[SendOutcome, list[Asked]]:
    async with ScriptedHttp(*replies) as server:
        notifier = WebhookNotifier(
            f"{server.url}/hook/s3cret",
            SECRET,
            allow_private=True,
            timeout_s=timeout_s,
            clock=lambda: NOW_S,
        )
        outcome = await notifier.send("", body, key=key)
        await notifier.close()
    return outcome, server.asked


def verify(asked: Asked, key: bytes) -> object:
    """Do what a receiver does under Standard Webhooks, written anew."""
    names = {name.lower(): value for name, value in asked.headers.items()}
    signed = b".".join(
        (names["webhook-id"].encode(), names["webhook-timestamp"].encode(), asked.body)
    )
    version, _, given = names["webhook-signature"].partition(",")
    assert version == "v1"
    assert hmac.compare_digest(hmac.digest(key, signed, "sha256"), base64.b64decode(given))
    return json.loads(asked.body)


async def test_a_message_is_posted_as_signed_json() -> None:
    outcome, (asked,) = await posted(Reply(status=204))
    assert outcome == Delivered()
    assert verify(asked, SECRET.encode()) == DATA
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["webhook-id"] == "signal:a:1"
    assert asked.headers["webhook-timestamp"] == "1700000000"


def test_the_signature_is_that_of_the_standard_s_own_example() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert (
        signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


async def test_a_secret_with_the_standard_s_prefix_is_base64() -> None:
    async with ScriptedHttp(Reply()) as server:
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        notifier = WebhookNotifier(server.url, secret, allow_private=True)
        await notifier.send("", BODY, key="k")
        await notifier.close()
    assert verify(server.asked[0], base64.b64decode(secret.removeprefix("whsec_"))) == DATA


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Delivered()),
        (202, Delivered()),
        (408, TryAgain(error="127.0.0.1 answered 408")),
        (429, TryAgain(error="127.0.0.1 answered 429")),
        (500, TryAgain(error="127.0.0.1 answered 500", is_ambiguous=True)),
        (503, TryAgain(error="127.0.0.1 answered 503", is_ambiguous=True)),
        (400, Unsendable(error="127.0.0.1 answered 400")),
        (413, Unsendable(error="127.0.0.1 answered 413")),
        (422, Unsendable(error="127.0.0.1 answered 422")),
    ],
)
async def test_what_a_status_means(status: int, expected: SendOutcome) -> None:
    assert (await posted(Reply(status=status)))[0] == expected


@pytest.mark.parametrize("status", [301, 302, 307, 308, 401, 403, 404, 405, 410])
async def test_a_wrong_address_stops_and_loses_nothing(status: int) -> None:
    outcome, asked = await posted(Reply(status=status, headers={"location": "/elsewhere"}))
    assert isinstance(outcome, Stopped)
    assert "NOTIFY_WEBHOOK_URL" in outcome.error
    assert [one.path for one in asked] == ["/hook/s3cret"]  # no redirect was followed


@pytest.mark.parametrize("status", [429, 503])
async def test_the_time_asked_for_is_kept(status: int) -> None:
    outcome, _ = await posted(Reply(status=status, headers={"Retry-After": "17"}))
    assert isinstance(outcome, TryAgain)
    assert outcome.after_s == 17.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", None),
        ("0", 0.0),
        ("120", 120.0),
        ("999999", 3600.0),
        ("-5", None),
        ("soon", None),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 59.5),
        ("Tue, 14 Nov 2023 22:14:20 -0000", 59.5),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("Tue, 14 Nov 2033 22:00:00 GMT", 3600.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str, seconds: float | None) -> None:
    assert wait_s(header, now_s=NOW_S) == seconds


async def test_an_answer_that_never_comes_is_ambiguous() -> None:
    for reply in (Reply(hang_up=True), Reply(after_s=2.0)):
        outcome, _ = await posted(reply, timeout_s=0.3)
        assert isinstance(outcome, TryAgain)
        assert outcome.is_ambiguous


async def test_a_server_that_is_down_is_not() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        notifier = WebhookNotifier(url, SECRET, allow_private=True)
        outcome = await notifier.send("", BODY, key="k")
        await notifier.close()
    assert isinstance(outcome, TryAgain)
    assert not outcome.is_ambiguous


async def test_a_name_that_comes_to_point_inward_stops_before_a_connection() -> None:
    async with ScriptedHttp(Reply()) as server:
        notifier = WebhookNotifier(f"https://0x7f.1:{server.port}/x", SECRET)
        outcome = await notifier.send("", BODY, key="k")
        await notifier.close()
    assert isinstance(outcome, Stopped)
    assert "0x7f.1 points to this machine" in outcome.error
    assert server.asked == []


async def test_a_host_that_no_client_reads_stops() -> None:
    notifier = WebhookNotifier("https://127.1/hook", SECRET)
    outcome = await notifier.send("default", BODY, key="k")
    await notifier.close()
    assert isinstance(outcome, Stopped)
    assert "127.1 is no host" in outcome.error


async def test_each_connection_looks_its_name_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def rebinding(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    notifier = WebhookNotifier("https://hooks.example.com/x", SECRET)
    outcomes = [await notifier.send("", BODY, key="k") for _ in range(2)]
    await notifier.close()
    assert all(isinstance(outcome, Stopped) for outcome in outcomes)
    assert asked == ["hooks.example.com"] * 2


async def test_what_is_stored_by_somebody_else_is_unsendable() -> None:
    outcome, asked = await posted(Reply(), body={"text": "a"})
    assert isinstance(outcome, Unsendable)
    assert asked == []


def test_a_rendering_without_data_is_told_as_text() -> None:
    notifier = WebhookNotifier("https://hooks.example.com", SECRET)
    assert notifier.prepare(Rendered(title="t", markdown="*a*", data=DATA)) == (BODY,)
    assert notifier.prepare(Rendered(title="t", markdown="*a*")) == (
        {"data": {"schema": "snipersight.text/1", "title": "t", "markdown": "*a*"}},
    )


@pytest.mark.parametrize("key", ["a.b", "a b", "signal:ä", "x" * 129, "", "a\r\nb: c"])
def test_a_key_that_no_header_carries_becomes_its_hash(key: str) -> None:
    assert message_id_of(key) == f"msg_{hashlib.sha256(key.encode()).hexdigest()}"


def test_a_plain_key_stays_as_it_is() -> None:
    assert message_id_of("signal:main:p-1|webhook:x|1") == "signal:main:p-1|webhook:x|1"


@pytest.mark.parametrize("secret", ["", "short", "x" * 15, "whsec_no base64!!"])
def test_a_secret_that_protects_nothing_is_refused(secret: str) -> None:
    with pytest.raises(ConfigInvalid, match="NOTIFY_WEBHOOK_SECRET") as caught:
        WebhookNotifier("https://hooks.example.com", secret)
    assert not secret or secret not in str(caught.value)


def test_an_address_that_points_inward_is_refused_at_once() -> None:
    with pytest.raises(PointsInward):
        WebhookNotifier("https://192.168.1.1/hook", SECRET)


async def test_neither_secret_nor_path_shows(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = repr(WebhookNotifier("https://hooks.example.com/s3cret", SECRET))
    for reply in (Reply(status=404), Reply(status=500), Reply(hang_up=True)):
        shown += repr((await posted(reply))[0])
    assert "hooks.example.com" in shown
    assert "s3cret" not in shown + caplog.text
    assert SECRET not in shown + caplog.text
