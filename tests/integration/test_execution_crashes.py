"""The process dies after every single step of an order's life; another one ends it correctly."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.executor.client_ids import is_ours
from snipersight.domain.execution import Leg, TradeState
from tests.fakes.crash_points import Crash, CrashingStore, CrashingVenue, CrashPoints
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.scripted_venue import ACCOUNT

Story = tuple[tuple[str, str | None], ...]
# Half the near entry, all of it, the deep ones, the first target, back to break-even.
STORY: Story = (
    ("42240", "0.05"),
    ("42040", None),
    ("43010", None),
    ("42300", None),
    ("41700", None),
)
STOPPED = (("42240", None), ("41700", None), ("41690", None))
GAINED = (("42000", None), ("43010", None), ("43660", None), ("44360", None))
STORIES: dict[str, Story] = {"break-even": STORY, "stopped": STOPPED, "gained": GAINED}

STRIDES = {"break-even": 1, "stopped": 6, "gained": 6}  # the first story has every kind of step


class Life:
    """One trade's life, lived by as many executors as it takes.

    Args:
        story: prices and how much trades there.
        at: the step at which the first executor dies; None: it lives.
    """

    def __init__(self, story: Story, at: int | None = None, **options: Any) -> None:
        self.points = CrashPoints(at)
        self.desk = ExecutorDesk(**options)
        self.truth, self.kept = self.desk.venue, self.desk.store
        self.desk.venue = CrashingVenue(self.truth, self.points)  # type: ignore[assignment]
        self.desk.store = CrashingStore(self.kept, self.points)
        self.story = list(story)

    def live(self) -> None:
        """Live to the end; whoever dies is followed by another."""
        self._attempt(self._begin)
        while self.story:
            price, size = self.story.pop(0)
            self.desk.clock.advance(1)
            self.truth.price(self.desk.symbol, price, size=size)
            self._attempt(self._look_after)
        self._attempt(self._look_after)

    async def _begin(self) -> None:
        self.desk.restarted()
        await self.desk.put_on()

    async def _look_after(self) -> None:
        await self.desk.cycles(3)

    def _attempt(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run in a loop of its own, which ends with the process."""
        try:
            with asyncio.Runner() as runner:
                runner.run(work())
        except Crash:
            self._follow()

    def _follow(self) -> None:
        """Start another executor on what the dead one left."""
        self.desk.venue, self.desk.store = self.truth, self.kept
        self.desk.clock.advance(61)
        self.desk.restarted()

        async def begin() -> None:
            await self.desk.executor.start()
            await self.desk.cycles(8, seconds=4)

        with asyncio.Runner() as runner:
            runner.run(begin())

    def check(self) -> None:
        """No order twice, nothing naked, ledger equal to the venue's own books."""
        self.desk.venue, self.desk.store = self.truth, self.kept
        desk, engine = self.desk, self.truth.engine
        orders = [one for one in engine.orders(ACCOUNT, open_only=False) if is_ours(one.client_id)]
        assert max(Counter(one.client_id for one in orders).values(), default=0) <= 1
        assert desk.position() == 0
        assert engine.orders(ACCOUNT) == ()
        assert all(one.state is TradeState.DONE for one in desk.trades)
        realised = sum((desk.entry(one).realised for one in desk.trades), Decimal(0))
        (balance,) = [one.total for one in engine.balances(ACCOUNT) if one.currency == "USDT"]
        assert realised == balance - Decimal(1_000_000)
        for trade in desk.trades:
            entries = [one for one in desk.intents(trade) if one.leg is Leg.ENTRY]
            assert sum(one.filled_size for one in entries) <= trade.size
        live = self.kept.view(ACCOUNT, lambda unit: unit.live_entries())
        assert live == ()


def steps_of(story: Story, **options: Any) -> list[str]:
    """Return the steps of a life that nothing cuts short."""
    life = Life(story, **options)
    life.live()
    life.check()
    return life.points.steps


@pytest.mark.parametrize("spot", [False, True], ids=["perpetual", "spot"])
@pytest.mark.parametrize("name", STORIES)
def test_dying_after_every_step_of_an_order_s_life_ends_correctly(name, spot):
    story = STORIES[name]
    steps = steps_of(story, spot=spot)
    assert len(steps) > 20
    for at in range(1, len(steps) + 1, STRIDES[name]):
        life = Life(story, at, spot=spot)
        try:
            life.live()
            life.check()
        except BaseException as error:
            error.add_note(f"died at step {at} of {len(steps)}: {steps[at - 1]}")
            raise
