"""The stream over a real connection: told as it happens, to many, and ended by whoever leaves."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.operations import halt_entries
from snipersight.domain.access import Scope
from tests.fakes.dashboard_home import api_app, as_caller, dashboard_home, services_of

CLIENTS = 8
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with (
        dashboard_home(tmp_path_factory.mktemp("streamed")) as settings,
        services_of(settings) as services,
    ):
        app = as_caller(api_app(services))
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        until_s = time.monotonic() + PATIENCE_S
        while not server.started and time.monotonic() < until_s:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield settings, f"http://127.0.0.1:{port}/api/v1"
        server.should_exit = True
        thread.join(PATIENCE_S)


def client(url: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {Scope.READ}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE_S)


async def events(response: httpx.Response) -> AsyncIterator[tuple[str, dict]]:
    name = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


async def test_many_clients_hear_of_a_halt_while_it_is_news(served):
    settings, url = served
    ready = asyncio.Barrier(CLIENTS + 1)

    async def listen() -> dict:
        async with (
            client(url) as asking,
            asking.stream("GET", "/stream?topic=exposure&topic=audit") as response,
        ):
            assert response.headers["content-type"].startswith("text/event-stream")
            heard = events(response)
            name, _ = await anext(heard)
            assert name == "hello"
            await ready.wait()
            async for name, data in heard:
                if name == "exposure" and "changes" in data:
                    return data
        raise AssertionError("the stream ended")

    def halt() -> None:
        with open_books(settings, account_id="practice") as books:
            halt_entries(books.ports, reason="news", actor="cli")

    async with asyncio.timeout(PATIENCE_S):
        listening = [asyncio.create_task(listen()) for _ in range(CLIENTS)]
        await ready.wait()
        await asyncio.to_thread(halt)
        heard = await asyncio.gather(*listening)
    assert len({json.dumps(one) for one in heard}) == 1  # worded once, the same for all
    assert (heard[0]["revision"], heard[0]["changes"]) == (2, [])


async def test_an_unknown_topic_is_refused_before_anything_is_streamed(served):
    _, url = served
    async with client(url) as asking:
        response = await asking.get("/stream?topic=gossip")
    assert response.status_code == 422
    assert response.json()["detail"]["where"].startswith("query.topic")
