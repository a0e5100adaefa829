"""Detectors are compiled beside the loop, and whoever ends the bot does not wait for that."""

import asyncio
import time
from typing import Any

import pytest

from snipersight.bootstrap.running import warming
from snipersight.bootstrap.running.warming import is_compiling, warm_up

PROFILE: Any = None


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
