"""The API of a real dashboard over a full store: how soon it answers, tells, and what it takes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from benchmarks.harness import Figure, at_most, percentile
from benchmarks.telemetry_stats import fill
from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.operations import halt_entries, resume_entries
from snipersight.bootstrap.settings import VARIABLES, load_settings

_PROGRAM: Final = Path(sys.executable).with_name("snipersight")
_RATE: Final = 50.0  # requests a second
_CLIENTS: Final = 20
_STARTS_S: Final = 60.0
_HEARS_S: Final = 10.0
_PATHS: Final = (
    "/signals?order=rank",
    "/signals",
    "/signals?state=closed&limit=50",
    "/signals?text=BTC",
    "/signals/{plan}",
    "/signals/funnel?since=2024-12-01T00:00:00Z",
    "/overview",
    "/positions",
    "/orders",
    "/exposure",
    "/risk",
    "/events",
    "/audit?limit=20",
    "/decisions?limit=20",
    "/changes",
)


@dataclass(slots=True)
class Served:
    """A dashboard that runs.

    Args:
        url: where.
        token: that may do anything.
        process: its process.
    """

    url: str
    token: str
    process: psutil.Process

    def client(self) -> httpx.AsyncClient:
        """Return a client that shows the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30)


@dataclass(slots=True)
class Told:
    """What the clients of the stream heard, and when, seconds after it happened."""

    delays_s: list[float] = field(default_factory=list)


def measure_api(scratch: Path, *, signals: int, seconds: float, rounds: int) -> list[Figure]:
    """Return the figures of the API.

    Args:
        scratch: an empty folder.
        signals: in the store.
        seconds: of requests.
        rounds: of events that are told.
    """
    home = scratch / "home"
    home.mkdir()
    environment = _environment(home)
    os.environ.update({name: environment[name] for name in ("SNIPERSIGHT_HOME", "RUN_LISTEN")})
    fill(home, signals)
    with (
        open_books(load_settings(None)[0], account_id="main") as books,
        serving(environment) as served,
    ):
        answers = asyncio.run(_ask(served, seconds=seconds))
        told = asyncio.run(_hear(served, books, rounds=rounds))
        used = served.process.memory_info().rss / 1e6
    return _figures(answers, told, used, signals=signals)


def _figures(answers: list[float], told: Told, used: float, *, signals: int) -> list[Figure]:
    note = f"{len(answers):,} requests of 15 kinds at {_RATE:g} a second, {signals:,} signals"
    return [
        Figure(
            name="api_p95_ms",
            value=1000 * percentile(answers, 95),
            unit="ms",
            target=at_most(50),
            note=note,
        ),
        Figure(name="api_p50_ms", value=1000 * percentile(answers, 50), unit="ms", note=note),
        Figure(
            name="stream_p95_ms",
            value=1000 * percentile(told.delays_s, 95),
            unit="ms",
            target=at_most(250),
            note=f"from before a breaker is stored until one of {_CLIENTS} clients has its figures",
        ),
        Figure(
            name="dashboard_mb",
            value=used,
            unit="MB",
            target=at_most(250),
            note="resident memory of the process after all of this",
        ),
    ]


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return {**kept, "SNIPERSIGHT_HOME": str(home), "RUN_LISTEN": "none"}


@contextlib.contextmanager
def serving(environment: dict[str, str]) -> Iterator[Served]:
    """Yield a dashboard of its own process; end it afterwards."""
    add = (str(_PROGRAM), "dashboard", "token", "add", "bench", "--scope", "admin")
    made = subprocess.run(add, env=environment, check=True, capture_output=True, text=True)
    token = made.stdout.split()[-1] if made.stdout.split() else ""
    run = (str(_PROGRAM), "dashboard", "--listen", "127.0.0.1:18321")
    with subprocess.Popen(run, env=environment, stdout=subprocess.DEVNULL) as child:
        served = Served("http://127.0.0.1:18321/api/v1", token, psutil.Process(child.pid))
        try:
            _await_answer(served)
            yield served
        finally:
            child.terminate()


def _await_answer(served: Served) -> None:
    until_s = time.monotonic() + _STARTS_S
    while True:
        try:
            headers = {"Authorization": f"Bearer {served.token}"}
            httpx.get(f"{served.url}/accounts", headers=headers).raise_for_status()
        except httpx.TransportError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.1)
        else:
            return


async def _ask(served: Served, *, seconds: float) -> list[float]:
    """Return how long each answer took; requests are sent when they are due, whoever waits."""
    dice, taken = random.Random(1), list[float]()
    async with served.client() as client:
        page = (await client.get("/signals?limit=200")).json()
        plans = [one["plan_id"] for one in page["signals"]]
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(seconds * _RATE)):
                await asyncio.sleep(max(0.0, began + number / _RATE - time.perf_counter()))
                path = _PATHS[number % len(_PATHS)].format(plan=dice.choice(plans))
                group.create_task(_timed(client, path, taken))
    return taken


async def _timed(client: httpx.AsyncClient, path: str, taken: list[float]) -> None:
    began = time.perf_counter()
    (await client.get(path)).raise_for_status()
    taken.append(time.perf_counter() - began)


async def _hear(served: Served, books: Books, *, rounds: int) -> Told:
    """Return how soon each of the clients heard of what happened."""
    told = Told()
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(_stream(served)) for _ in range(_CLIENTS)]
        await asyncio.sleep(1.0)
        for number in range(rounds):
            began = time.perf_counter()
            await asyncio.to_thread(_change, books, number)
            heard = await asyncio.gather(*(_next(client) for client in clients))
            told.delays_s += [at - began for at in heard]
            await asyncio.sleep(0.3)
    return told


def _change(books: Books, number: int) -> None:
    if number % 2:
        resume_entries(books.ports, rearm=False, actor="bench")
    else:
        halt_entries(books.ports, reason=f"round {number}", actor="bench")


@contextlib.asynccontextmanager
async def _stream(served: Served) -> AsyncIterator[AsyncIterator[str]]:
    async with (
        served.client() as client,
        client.stream("GET", "/stream?topic=exposure") as response,
    ):
        response.raise_for_status()
        lines = response.aiter_lines()
        await anext(lines)
        yield lines


async def _next(lines: AsyncIterator[str]) -> float:
    async with asyncio.timeout(_HEARS_S):
        async for line in lines:
            if line.startswith("data: ") and _has_rows(line):
                return time.perf_counter()
    raise RuntimeError("the stream has ended")


def _has_rows(line: str) -> bool:
    held: dict[str, Any] = json.loads(line.removeprefix("data: "))
    return "rows" in held
