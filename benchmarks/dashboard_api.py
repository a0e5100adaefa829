"""How soon the dashboard's API answers while it is asked at a steady rate."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Final

from benchmarks.harness import Figure, at_most, percentile

if TYPE_CHECKING:
    import httpx

    from benchmarks.dashboard_served import Served

RATE: Final = 50.0  # requests a second
PATHS: Final = (
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


async def measure_api(served: Served, *, signals: int, seconds: float) -> list[Figure]:
    """Return how long answers take, and what a request costs of a processor.

    Args:
        served: the dashboard.
        signals: in its store, for the note.
        seconds: of requests.
    """
    computed = served.computed_s()
    taken = await _ask(served, seconds=seconds)
    cost_ms = 1000 * (served.computed_s() - computed) / len(taken)
    note = (
        f"{len(taken):,} requests of {len(PATHS)} kinds at {RATE:g} a second, {signals:,} signals"
    )
    return [
        Figure(
            name="dashboard_api_p95_ms",
            value=1000 * percentile(taken, 95),
            unit="ms",
            target=at_most(50),
            note=note,
        ),
        Figure(
            name="dashboard_api_p50_ms", value=1000 * percentile(taken, 50), unit="ms", note=note
        ),
        Figure(
            name="dashboard_api_cpu_ms",
            value=cost_ms,
            unit="ms",
            note="processor time of the dashboard for each of these requests",
        ),
    ]


async def _ask(served: Served, *, seconds: float) -> list[float]:
    """Return how long each answer took; requests are sent when they are due, whoever waits."""
    dice, taken = random.Random(1), list[float]()
    async with served.client() as client:
        page = (await client.get("/signals?limit=200")).json()
        plans = [one["plan_id"] for one in page["signals"]]
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(seconds * RATE)):
                await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
                path = PATHS[number % len(PATHS)].format(plan=dice.choice(plans))
                group.create_task(_timed(client, path, taken))
    return taken


async def _timed(client: httpx.AsyncClient, path: str, taken: list[float]) -> None:
    began = time.perf_counter()
    (await client.get(path)).raise_for_status()
    taken.append(time.perf_counter() - began)
