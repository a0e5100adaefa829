"""Trouble is told to the chats once it lasts, each time of it once."""

import pytest

from snipersight.bootstrap.running.alarms import LASTS_S, Alarms
from snipersight.bootstrap.running.vitals import Vitals
from snipersight.domain.errors import StateUnavailable


class Desk:
    """Alarms on a clock of their own."""

    def __init__(self) -> None:
        self.vitals, self.now_s = Vitals(), 0.0
        self.raised: list[tuple[str, str]] = []
        self.is_away = False
        self.alarms = Alarms(self.vitals, raise_alarm=self._raise, monotonic_s=lambda: self.now_s)

    async def _raise(self, part: str, sentence: str) -> None:
        if self.is_away:
            raise StateUnavailable("the database is locked")
        self.raised.append((part, sentence))

    async def after(self, seconds: float) -> None:
        self.now_s += seconds
        await self.alarms.look()


async def test_trouble_that_passes_is_no_alarm():
    desk = Desk()
    desk.vitals.trouble("scans", "binance does not answer")
    await desk.after(0)
    await desk.after(LASTS_S - 1)
    desk.vitals.well("scans")
    await desk.after(10)
    desk.vitals.trouble("scans", "binance does not answer")
    await desk.after(LASTS_S - 1)
    assert desk.raised == []


async def test_trouble_that_lasts_is_an_alarm_once_each_time():
    desk = Desk()
    for _ in range(2):
        desk.vitals.trouble("scans", "binance does not answer")
        for _ in range(10):
            await desk.after(LASTS_S / 3)
        desk.vitals.well("scans")
        await desk.after(1)
    assert [part for part, _ in desk.raised] == ["scans", "scans"]
    assert "in trouble for 3 minutes: binance does not answer" in desk.raised[0][1]


async def test_an_alarm_that_cannot_be_stored_is_raised_again():
    desk = Desk()
    desk.vitals.trouble("desk", "the database is locked")
    await desk.after(0)
    desk.is_away = True
    with pytest.raises(StateUnavailable):
        await desk.after(LASTS_S)
    desk.is_away = False
    await desk.after(5)
    assert len(desk.raised) == 1
