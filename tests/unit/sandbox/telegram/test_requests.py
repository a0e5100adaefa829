"""Paths, tokens, bodies and the wording of requests, over real connections."""

import json
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from snipersight.domain.errors import ConfigInvalid, VenueUnavailable
from snipersight.sandbox.telegram import RateLimits, SandboxChat, TelegramSandbox

ME = "1001"


@asynccontextmanager
async def talking():
    """Offer a sandbox and a function that asks it for a method."""
    limits = RateLimits(overall_per_s=999, chat_per_s=999, group_per_min=999)
    async with TelegramSandbox(limits=limits) as server, aiohttp.ClientSession() as client:

        async def ask(method, http="POST", **body):
            url = f"{server.url}/bot{server.token}/{method}"
            async with client.request(http, url, **body) as answer:
                return answer.status, json.loads(await answer.text())

        yield server, client, ask


def why(answer: tuple[int, Any]) -> str:
    """Return the description of a failure without its kind."""
    assert answer[0] == answer[1]["error_code"]
    return str(answer[1]["description"]).removeprefix("Bad Request: ")


async def test_form_multipart_json_and_query_say_the_same():
    async with talking() as (server, _, ask):
        values = {"chat_id": ME, "text": "hello"}
        form = aiohttp.FormData(values, default_to_multipart=True)
        for body in ({"data": values}, {"json": {**values, "chat_id": 1001}}, {"data": form}):
            assert (await ask("sendMessage", **body))[0] == 200
        assert (await ask("SENDMESSAGE", "GET", params=values))[0] == 200
    assert [message.text for message in server.messages] == ["hello"] * 4


async def test_success_and_failure_keep_the_order_of_the_bot_api():
    async with talking() as (_, _, ask):
        status, body = await ask("sendMessage", json={"chat_id": ME, "text": "x"})
        assert (status, list(body)) == (200, ["ok", "result"])
        assert list(body["result"]) == ["message_id", "from", "chat", "date", "text"]
        status, body = await ask("sendMessage", json={"chat_id": "5", "text": "x"})
        assert (status, list(body)) == (400, ["ok", "error_code", "description"])


async def test_a_flood_is_told_in_the_body_and_in_a_header():
    async with TelegramSandbox() as server, aiohttp.ClientSession() as client:
        url = f"{server.url}/bot{server.token}/sendMessage"
        async with client.post(url, json={"chat_id": ME, "text": "x"}) as answer:
            assert answer.status == 200
        async with client.post(url, json={"chat_id": ME, "text": "x"}) as answer:
            body, headers = await answer.text(), answer.headers
    assert headers["Retry-After"] == "1"
    assert body == (
        '{"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1", '
        '"parameters": {"retry_after": 1}}'
    )


@pytest.mark.parametrize(
    ("path", "code", "description"),
    [
        ("/botnocolon/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot0123:abc/getMe", 401, "Unauthorized: invalid token specified"),
        (f"/bot1:{'a' * 79}/getMe", 401, "Unauthorized: invalid token specified"),
        ("/botx:abc/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot/getMe", 401, "Unauthorized: invalid token specified"),
        (f"/bot{1 << 54}:a/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot77:abc/getMe", 401, "Unauthorized"),
        ("/bot77:abc", 404, "Not Found"),
        ("/elsewhere", 404, "Not Found"),
        ("/bot77:abc/getMe/more", 404, "Not Found"),
    ],
)
async def test_paths_and_tokens_are_refused_as_telegram_refuses_them(path, code, description):
    async with talking() as (server, client, _), client.get(server.url + path) as answer:
        assert answer.status == code
        assert await answer.json() == {"ok": False, "error_code": code, "description": description}


async def test_an_unknown_method_is_not_found():
    async with talking() as (_, _, ask):
        assert (await ask("sendPigeon"))[1]["description"] == "Not Found: method not found"


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": ME}, "message text is empty"),
        ({"chat_id": ME, "text": "x", "message_thread_id": 5}, "message thread not found"),
        ({"chat_id": ME, "text": " \n "}, "text must be non-empty"),
        ({"chat_id": ME, "text": "<b></b>", "parse_mode": "html"}, "text must be non-empty"),
        ({"chat_id": ME, "text": "x" * 4097}, "message is too long"),
        ({"chat_id": ME, "text": "x", "parse_mode": "Markdown3"}, "unsupported parse_mode"),
        ({"chat_id": ME, "text": "x", "entities": "{"}, "can't parse entities JSON object"),
        (
            {"chat_id": ME, "text": "x", "reply_markup": "{"},
            "can't parse reply keyboard markup JSON object",
        ),
        ({"chat_id": ME, "text": "x", "reply_markup": "7"}, "object expected as reply markup"),
        (
            {"chat_id": ME, "text": "1.5", "parse_mode": "MarkdownV2"},
            "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
    ],
)
async def test_a_message_that_cannot_be_sent_says_why(body, description):
    async with talking() as (server, _, ask):
        assert why(await ask("sendMessage", json=body)) == description
    assert server.messages == ()


async def test_text_is_counted_in_characters_after_parsing():
    async with talking() as (_, _, ask):
        text = {"chat_id": ME, "parse_mode": "HTML", "text": f"<b>{'🏟' * 4000}</b>{'&lt;' * 96}"}
        assert (await ask("sendMessage", data=text))[0] == 200
        text["text"] += "x"
        assert why(await ask("sendMessage", data=text)) == "message is too long"


async def test_only_the_first_hundred_entities_are_honoured():
    entities = [{"type": "bold", "offset": 2 * n, "length": 1} for n in range(101)]
    async with talking() as (server, _, ask):
        await ask("sendMessage", json={"chat_id": ME, "text": "a " * 101, "entities": entities})
    assert len(server.messages[0].entities) == 100


@pytest.mark.parametrize(
    ("photo", "description"),
    [
        ("", "there is no photo in the request"),
        ("photo99", "wrong file identifier/HTTP URL specified"),
        ("https://example.org/x.png", "failed to get HTTP URL content"),
    ],
)
async def test_a_picture_that_is_not_uploaded_is_refused(photo, description):
    async with talking() as (_, _, ask):
        assert why(await ask("sendPhoto", data={"chat_id": ME, "photo": photo})) == description


async def test_a_caption_has_a_limit_of_its_own():
    async with talking() as (_, _, ask):
        too_long = {"chat_id": ME, "caption": "x" * 1025}
        assert why(await ask("sendPhoto", data=too_long)) == "message caption is too long"


async def test_bodies_that_cannot_be_read_are_refused():
    async with talking() as (_, _, ask):
        as_json = {"Content-Type": "application/json"}
        for body in (b"{", b"[]"):
            answer = await ask("sendMessage", data=body, headers=as_json)
            assert why(answer) == "can't parse JSON object"
        multipart = {"Content-Type": "multipart/form-data"}
        answer = await ask("sendMessage", data=b"x", headers=multipart)
        assert why(answer) == "can't read the body of the request"


async def test_a_body_over_fifty_megabytes_is_too_large():
    async with talking() as (_, _, ask):
        answer = await ask("sendPhoto", data={"photo": BytesIO(bytes(51 * 1024 * 1024))})
        assert answer == (
            413,
            {"ok": False, "error_code": 413, "description": "Request Entity Too Large"},
        )


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"text": "a", "callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "url": "javascript:x"}, "BUTTON_URL_INVALID"),
        (
            {"text": "a"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"callback_data": "x"}, "can't parse inline keyboard button: Can't find field \"text\""),
    ],
)
async def test_buttons_are_checked(button, description):
    async with talking() as (_, _, ask):
        body = {"chat_id": ME, "text": "x", "reply_markup": {"inline_keyboard": [[button]]}}
        assert why(await ask("sendMessage", json=body)) == description


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "example.org", ""])
def test_a_host_that_others_reach_is_refused(host):
    with pytest.raises(ConfigInvalid, match="others could write to its chats"):
        TelegramSandbox(host=host)


async def test_a_taken_port_and_an_impossible_token_are_told():
    async with TelegramSandbox() as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(VenueUnavailable, match=f"port {port} of 127.0.0.1 cannot be used"):
            async with TelegramSandbox(port=port):
                pass
    with pytest.raises(ConfigInvalid, match="impossible shape"):
        TelegramSandbox(token="x", chats=[SandboxChat(id=1)])
