"""The door: who gets through, with what, and what everybody else is told."""

import asyncio
import json
from typing import Any

import pytest
from fastapi import FastAPI

from snipersight.bootstrap.access.keys import new_token
from snipersight.domain.access import Scope
from snipersight.web.security import limits
from snipersight.web.security.guard import Gatekeeping
from snipersight.web.security.origins import Place
from tests.fakes.dashboard_access import Door
from tests.fakes.guarded import OWN, Line, a_guarded_app, a_keeping, knocking, logins_of

PAGE = "text/html"


def guarded(door: Door, place: Place | None = None) -> tuple[FastAPI, Gatekeeping]:
    keeping = a_keeping(door, place)
    return a_guarded_app(keeping, logins_of(door)), keeping


def bearer(token: str) -> str:
    return f"Bearer {token}"


async def test_each_scope_reaches_what_it_covers_and_nothing_beyond(door):
    app, _ = guarded(door)
    tokens = {held: bearer(door.token(f"t-{held}", held)) for held in Scope}
    for held in Scope:
        async with knocking(app, authorization=tokens[held]) as client:
            for least in Scope:
                answer = await client.get(f"/{least}")
                assert answer.status_code == (200 if held.covers(least) else 403)
                if answer.status_code == 403:
                    assert f"has scope {held}, this needs {least}" in answer.text


async def test_nobody_gets_in_without_a_valid_token(door):
    app, _ = guarded(door)
    expired, revoked = door.token("expired", for_us=1), door.token("revoked")
    door.hands.us += 1
    door.revoke("revoked")
    wrong = ("", "Bearer", "Bearer x", bearer(expired), bearer(revoked), bearer(new_token()[1]))
    for shown in (*wrong, f"Basic {expired}"):
        async with knocking(app, authorization=shown) as client:
            answer = await client.get("/read")
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert answer.json()["detail"]["next_step"].endswith("log in at /login")


async def test_two_authorizations_are_none(door):
    app, _ = guarded(door)
    both = [("authorization", bearer(door.token())), ("authorization", "Bearer x")]
    async with knocking(app) as client:
        assert (await client.get("/read", headers=both)).status_code == 401


@pytest.mark.parametrize("path", ["/", "/read", "/nothing", "/api/v1/stream", "/login/", "/LOGIN"])
async def test_every_path_but_those_before_the_door_asks_who_is_there(door, path):
    app, _ = guarded(door)
    async with knocking(app) as client:
        assert (await client.get(path)).status_code == 401
        page = await client.get(path, headers={"accept": PAGE})
        assert (page.status_code, page.headers["location"]) == (303, f"/login?next={path}")


async def test_paths_before_the_door_are_open_and_tell_nothing(door):
    app, _ = guarded(door)
    door.token("laptop")
    async with knocking(app) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        login = await client.get("/login")
        assert login.status_code == 200
        assert "laptop," not in login.text


async def test_every_answer_carries_the_headers_that_keep_browsers_from_harm(door):
    app, _ = guarded(door)
    async with knocking(app, authorization=bearer(door.token())) as client:
        for path, is_login in (("/read", False), ("/fault", False), ("/login", True)):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "same-origin"
            policy = headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy
            assert "default-src 'none'" in policy
            assert ("script-src" in policy) is not is_login
            assert "http" not in policy


async def test_a_foreign_host_origin_or_path_is_refused_before_anybody_is_asked_who_they_are(door):
    app, _ = guarded(door)
    token = bearer(door.token())
    async with knocking(app, authorization=token) as client:
        assert (await client.get("/read", headers={"host": "evil.example"})).status_code == 421
        forged = {"origin": "http://evil.example"}
        assert (await client.post("/trade", headers=forged)).status_code == 403
        assert (await client.get("/%2e%2e/read")).status_code == 400
        assert (await client.post("/trade", headers={"origin": OWN})).status_code == 200


async def test_a_fault_is_told_without_what_was_in_it(door, capfd):
    app, _ = guarded(door)
    async with knocking(app, authorization=bearer(door.token())) as client:
        answer = await client.get("/fault")
        assert answer.status_code == 500
        assert answer.json()["detail"]["what"] == "a fault of the program stopped this"
        assert "sss" not in answer.text + "".join(capfd.readouterr())
        assert (await client.get("/read")).status_code == 200


async def test_a_body_is_as_large_as_it_may_be_and_no_larger(door):
    app, _ = guarded(door)
    most = limits.MOST_BODY

    async def chunks(size: int) -> Any:
        for _ in range(size // 1024):
            yield b"x" * 1024

    async with knocking(app, authorization=bearer(door.token())) as client:
        assert (await client.post("/size", content=b"x" * most)).json() == {"size": most}
        told = await client.post("/size", content=b"x" * (most + 1))
        untold = await client.post("/size", content=chunks(most + 1024))
        for refused in (told, untold):
            assert refused.status_code == 413
            assert refused.json()["detail"]["what"] == "the request is too large"
        lying = await client.post("/size", content=b"", headers={"content-length": "-1"})
        assert lying.status_code == 413


async def test_a_body_that_does_not_come_is_not_waited_for(door, monkeypatch):
    monkeypatch.setattr(limits, "BODY_S", 0.05)
    app, _ = guarded(door)

    async def silent() -> Any:
        yield b"x"
        await asyncio.sleep(5)

    async with knocking(app, authorization=bearer(door.token())) as client:
        assert (await client.post("/size", content=silent())).status_code == 408


async def test_wrong_tokens_are_throttled_and_those_who_are_in_are_not_kept_waiting(door):
    app, _ = guarded(door)
    inside, later = bearer(door.token("inside")), bearer(door.token("later"))
    async with knocking(app) as client:

        async def status(token: str) -> int:
            answer = await client.get("/read", headers={"authorization": token})
            return answer.status_code

        assert await status(inside) == 200
        found = [await status(bearer(new_token()[1])) for _ in range(12)]
        assert found == [401] * 10 + [429] * 2
        assert (await status(inside), await status(later)) == (200, 429)
        door.hands.pass_s(60)
        assert await status(later) == 200


async def test_another_address_is_not_kept_waiting_for_the_wrong_tokens_of_one(door):
    app, _ = guarded(door)
    token = bearer(door.token())
    async with knocking(app, address="10.0.0.9", authorization="Bearer x") as client:
        answers = [await client.get("/read") for _ in range(11)]
    last = answers[-1]
    assert last.status_code == 429
    assert 0 < int(last.headers["retry-after"]) <= 60
    async with knocking(app, address="10.0.0.8", authorization=token) as client:
        assert (await client.get("/read")).status_code == 200


async def test_a_store_that_is_away_is_told_and_recovered_from(door):
    app, _ = guarded(door)
    token = bearer(door.token())
    door.close_files()
    moved = door.database_file.rename(door.database_file.with_suffix(".away"))
    async with knocking(app, authorization=token) as client:
        refused = await client.get("/read")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        page = await client.get("/read", headers={"accept": PAGE})
        assert page.status_code == 503
        assert 'http-equiv="refresh"' in page.text
        moved.rename(door.database_file)
        assert (await client.get("/read")).status_code == 200


async def test_a_websocket_is_for_our_own_pages_and_known_callers(door):
    app, _ = guarded(door)
    token = bearer(door.token())
    for headers in (
        {},
        {"authorization": "Bearer x"},
        {"authorization": token, "origin": "http://evil.example"},
        {"authorization": token, "cookie": "a=b"},
        {"authorization": token, "host": "evil.example"},
    ):
        refused = Line(app, **headers)
        assert (await refused.heard())["type"] == "websocket.close"
    line = Line(app, authorization=token, origin=OWN)
    assert (await line.heard())["type"] == "websocket.accept"
    line.say("hello")
    assert (await line.heard())["text"] == "hello"
    await line.leave()


async def test_a_websocket_ends_when_its_token_is_revoked(door):
    app, _ = guarded(door)
    line = Line(app, authorization=bearer(door.token()))
    await line.heard()
    door.revoke("laptop")
    door.hands.pass_s(3)
    assert await line.heard() == {"type": "websocket.close", "code": 1008}
    await line.ended()
    assert app.state.left == 1008


async def test_a_stream_ends_when_its_token_is_revoked(door):
    app, _ = guarded(door)
    async with knocking(app, authorization=bearer(door.token())) as client:
        streaming = asyncio.ensure_future(client.get("/api/v1/stream"))
        await asyncio.sleep(0.1)
        assert not streaming.done()
        door.revoke("laptop")
        door.hands.pass_s(3)
        answer = await asyncio.wait_for(streaming, 5)
        assert b": tick" in answer.content


async def test_everything_that_lasts_ends_with_the_process(door):
    app, keeping = guarded(door)
    line = Line(app, authorization=bearer(door.token()))
    await line.heard()
    keeping.lasting.end_all()
    assert (await line.heard())["type"] == "websocket.close"
    await line.ended()


async def test_a_token_holds_so_many_connections_and_others_have_their_own(door, monkeypatch):
    monkeypatch.setattr(limits, "_OF_ONE", 2)
    app, _ = guarded(door)
    first, second = bearer(door.token("first")), bearer(door.token("second"))
    lines = [Line(app, authorization=first) for _ in range(3)]
    assert [(await one.heard())["type"].rpartition(".")[2] for one in lines] == [
        *("accept", "accept", "close"),
    ]
    async with knocking(app, authorization=first) as client:
        assert (await client.get("/api/v1/stream")).status_code == 429
    other = Line(app, authorization=second)
    assert (await other.heard())["type"] == "websocket.accept"
    await lines[0].leave()
    again = Line(app, authorization=first)
    assert (await again.heard())["type"] == "websocket.accept"
    for line in (lines[1], other, again):
        await line.leave()


async def test_no_answer_shows_a_token(door):
    app, _ = guarded(door)
    token = door.token()
    async with knocking(app, authorization=bearer(token)) as client:
        for path in ("/", "/read", "/fault", "/nothing"):
            answer = await client.get(path)
            assert token not in answer.text + json.dumps(dict(answer.headers))
