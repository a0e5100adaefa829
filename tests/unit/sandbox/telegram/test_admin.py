"""The sandbox's own addresses, and who may use them."""

from contextlib import asynccontextmanager

import aiohttp
import pytest

from snipersight.sandbox.telegram import FaultKind, RateLimits, TelegramSandbox

FREE = RateLimits(overall_per_s=999, chat_per_s=999, group_per_min=999)


@asynccontextmanager
async def sandbox():
    """Offer a sandbox and functions that post to it and send through it."""
    async with TelegramSandbox(limits=FREE) as server, aiohttp.ClientSession() as client:

        async def post(name, **body):
            async with client.post(f"{server.url}/sandbox/{name}", json=body) as answer:
                return answer.status, await answer.json()

        async def send(chat_id=1001, text="x"):
            url = f"{server.url}/bot{server.token}/sendMessage"
            async with client.post(url, json={"chat_id": chat_id, "text": text}) as answer:
                return await answer.json()

        yield server, client, post, send


async def test_a_chat_is_added_and_blocked_from_outside():
    async with sandbox() as (_, _, post, send):
        assert (await send(-5))["description"] == "Bad Request: chat not found"
        assert (await post("chats", id=-5, title="Signals"))[0] == 200
        assert (await send(-5))["ok"]
        await post("chats", id=-5, standing="kicked")
        assert (await send(-5))["description"] == "Forbidden: bot was kicked from the group chat"
        await post("chats", id=-5, standing="upgraded", moved_to=-1005)
        assert (await send(-5))["parameters"] == {"migrate_to_chat_id": -1005}


async def test_faults_and_limits_change_while_it_runs():
    async with sandbox() as (server, _, post, send):
        await post("faults", rates={"flood": 1}, retry_after_s=9)
        assert (await send())["parameters"] == {"retry_after": 9}
        await post("faults", rates={})
        assert (await send())["ok"]
        assert server.report()["faults"] == {str(kind): int(kind == "flood") for kind in FaultKind}
        await post("limits", chat_per_s=1)
        await send()
        assert (await send())["description"] == "Too Many Requests: retry after 1"
        assert server.over_limit >= 1


async def test_the_report_lists_every_message_in_order_and_can_leave_them_out():
    async with sandbox() as (server, client, post, send):
        for text in ("one", " two "):
            await send(text=text)
        await post("text", chat_id=1001, text="three")
        async with client.get(f"{server.url}/sandbox/report") as answer:
            report = await answer.json()
        async with client.get(f"{server.url}/sandbox/report?messages=no") as answer:
            brief = await answer.json()
        async with client.get(f"{server.url}/sandbox/report?after=2") as answer:
            rest = await answer.json()
    told = [(m["number"], m["message_id"], m["text"], m["raw_text"]) for m in report["messages"]]
    assert told == [(1, 1, "one", "one"), (2, 2, "two", " two "), (3, 3, "three", "three")]
    assert [message["text"] for message in rest["messages"]] == ["three"]
    assert (report["delivered"], report["requests"]) == (2, {"sendmessage": 2})
    assert (report["answers"], report["pending_updates"]) == ({"200": 2}, 1)
    del report["messages"]
    assert brief == report


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("chats", {"id": "5"}),
        ("chats", {"id": 0}),
        ("chats", {"id": 5, "standing": "asleep"}),
        ("chats", {"id": 5, "colour": "red"}),
        ("faults", {"rates": {"fire": 1}}),
        ("faults", {"rates": {"reset": 2}}),
        ("faults", {"rates": []}),
        ("limits", {"chat_per_s": 0}),
        ("limits", {"chat_per_s": True}),
        ("text", {"chat_id": 1001, "text": " "}),
        ("text", {"chat_id": 9, "text": "x"}),
        ("press", {"chat_id": 1001, "message_id": 1, "data": "none"}),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_reason(name, body):
    async with sandbox() as (_, _, post, send):
        await send()
        status, answer = await post(name, **body)
        assert (status, list(answer)) == (400, ["error"])


@pytest.mark.parametrize("path", ["/", "/sandbox/report", "/sandbox/view"])
async def test_a_name_that_others_point_here_is_refused(path):
    async with sandbox() as (server, client, _, _):
        async with client.get(server.url + path, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
        async with client.get(server.url + path, headers={"Host": "localhost"}) as answer:
            assert answer.status == 200


async def test_a_page_of_another_origin_and_a_form_cannot_write():
    async with sandbox() as (server, client, _, _):
        url, body = f"{server.url}/sandbox/text", '{"chat_id": 1001, "text": "x"}'
        as_json = {"Content-Type": "application/json"}
        foreign = {**as_json, "Origin": "http://evil.example"}
        async with client.post(url, data=body, headers=foreign) as answer:
            assert answer.status == 403
        async with client.post(url, data=body, headers={"Content-Type": "text/plain"}) as answer:
            assert answer.status == 415
        assert server.messages == ()
        own = {**as_json, "Origin": server.url}
        async with client.post(url, data=body, headers=own) as answer:
            assert answer.status == 200


async def test_the_page_loads_nothing_from_elsewhere():
    async with sandbox() as (server, client, _, _):
        for path in ("/", "/sandbox/page.js", "/sandbox/page.css"):
            async with client.get(server.url + path) as answer:
                text = await answer.text()
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "://" not in text.replace(r":\/\/", "")
            assert "innerHTML" not in text
        async with client.get(f"{server.url}/sandbox/photos/none") as answer:
            assert answer.status == 404
