"""Detectors are compiled beside the loop, and whoever ends the bot does not wait for that."""

import asyncio
import time
from typing import Any

import pytest

from snipersight.bootstrap.running import warming
from snipersight.bootstrap.running.warming import is_compiling, warm_up, warm_up_following
from snipersight.domain.direction import Direction
from snipersight.domain.timeframe import Timeframe
from snipersight.matching.outcomes import model_outcomes
from snipersight.matching.outcomes.walk import walk_all
from tests.builders.outcomes import KEY, KNOWN_MS, bars, mirrored_terms, signal_terms

PROFILE: Any = None
ROWS = [(100.0, 101.0, 97.0, 99.0), (99.0, 109.0, 98.0, 108.0)]


def compiling(monkeypatch: pytest.MonkeyPatch, *, seconds: float, fault: str = "") -> None:
    """Let a compiler take its time, as no event can break it off."""

    async def scan(_profile: Any) -> None:
        time.sleep(seconds)  # noqa: ASYNC251  as a compiler does
        if fault:
            raise ValueError(fault)

    monkeypatch.setattr(warming, "_scan", scan)


async def test_what_was_compiled_is_told_of(monkeypatch):
    compiling(monkeypatch, seconds=0.05)
    assert await warm_up(PROFILE, stop=asyncio.Event())


async def test_an_end_meanwhile_is_not_held_up(monkeypatch):
    compiling(monkeypatch, seconds=1.0)
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, stop.set)
    began_s = time.monotonic()
    assert not await warm_up(PROFILE, stop=stop)
    assert time.monotonic() - began_s < 0.8
    assert is_compiling()
    await asyncio.sleep(1.2)
    assert not is_compiling()


async def test_a_fault_of_the_compiler_is_raised(monkeypatch):
    compiling(monkeypatch, seconds=0.0, fault="no room")
    with pytest.raises(ValueError, match="no room"):
        await warm_up(PROFILE, stop=asyncio.Event())


@pytest.mark.parametrize("direction", list(Direction))
async def test_signals_that_are_followed_find_everything_compiled(direction):
    assert await warm_up_following(stop=asyncio.Event())
    before = list(walk_all.signatures)  # type: ignore[attr-defined]  # of a compiled function
    terms = signal_terms()
    if direction is Direction.SHORT:
        terms = mirrored_terms(terms, around=200.0)
    coarse, finer = bars(ROWS), bars(ROWS * 5, step=Timeframe.parse("1m"))
    model_outcomes([(KEY, terms)], coarse, finer=finer, shifts={KNOWN_MS: direction})
    assert list(walk_all.signatures) == before  # type: ignore[attr-defined]


async def test_what_is_followed_waits_for_the_compiler_beside_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warming, "_follow", lambda: time.sleep(0.3))
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.02)

    beating = asyncio.create_task(beat())
    assert await warm_up_following(stop=asyncio.Event())
    beating.cancel()
    assert beats > 3
