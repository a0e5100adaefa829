"""What goes on beside the executor: begun again after a fault, which is said and kept in mind."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from snipersight.bootstrap.running import supervising
from snipersight.bootstrap.running.companions import Companion, Companions
from snipersight.bootstrap.running.vitals import Vitals
from snipersight.domain.errors import LeaseLost


class Desk:
    """Companions, and what they said."""

    def __init__(self) -> None:
        self.vitals = Vitals()
        self.said: list[str] = []
        self.tries = 0
        self.companions = Companions(self.vitals, say=self.said.append)

    def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.companions.start(Companion(name="teller", what="trade is told of", work=work))

    async def fails_until(self, count: int) -> None:
        self.tries += 1
        if self.tries < count:
            raise ZeroDivisionError("a bug")
        await asyncio.Event().wait()

    @property
    def troubled(self) -> list[str]:
        return [part.trouble for part in self.vitals.health().troubled]


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "_FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(supervising, "_WELL_S", 0.05)


async def until(seen: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110  nobody is told
            await asyncio.sleep(0.005)


@pytest.mark.usefixtures("_quick")
async def test_a_fault_begins_the_work_again_and_is_said_once():
    desk = Desk()
    desk.start(lambda: desk.fails_until(4))
    await until(lambda: desk.tries == 4)
    assert desk.troubled == ["no trade is told of: ZeroDivisionError, see the log"]
    assert len(desk.said) == 1
    await until(lambda: not desk.troubled)
    await desk.companions.end()


@pytest.mark.usefixtures("_quick")
async def test_the_end_leaves_neither_work_nor_trouble_behind():
    desk = Desk()
    desk.start(lambda: desk.fails_until(10**9))
    await until(lambda: desk.troubled)
    await desk.companions.end()
    assert desk.troubled == []
    tries = desk.tries
    await asyncio.sleep(0.1)
    assert desk.tries == tries


@pytest.mark.usefixtures("_quick")
async def test_a_lost_lease_is_for_the_executor_to_meet():
    desk = Desk()

    async def work() -> None:
        desk.tries += 1
        raise LeaseLost("another process executes")

    desk.start(work)
    await until(lambda: desk.tries)
    await asyncio.sleep(0.1)
    assert (desk.tries, desk.said, desk.troubled) == (1, [], [])
    await desk.companions.end()
