"""Sends requests to the venue and stores what came back; a stuck one holds nobody else up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from snipersight.bot.executor.books import TradeBooks
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.evidence import Answered, Fact, NotFound, Observed
from snipersight.bot.executor.trade_file import Changes
from snipersight.bot.executor.venue_health import VenueHealth
from snipersight.domain.errors import VenueStopped, VenueUnavailable
from snipersight.domain.execution import Leg, OrderIntent, TradeId
from snipersight.domain.orders import ClientOrderId
from snipersight.domain.venue import Answer, ProblemClass, Reason

_SECOND_US: Final = 1_000_000


class Courier:
    """Carries requests on tasks of their own.

    What is sent was journaled before. Every answer is stored before its task ends, and whoever
    waits for an answer decides how long.

    Args:
        desk: where to, and what time it is.
        books: what answers are stored in.
        health: of the venue.
        on_news: called with the trade once an answer about it is stored.
    """

    def __init__(
        self,
        desk: Desk,
        books: TradeBooks,
        health: VenueHealth,
        *,
        on_news: Callable[[TradeId], object] = lambda _trade_id: None,
    ) -> None:
        self._desk: Final = desk
        self._books: Final = books
        self._health: Final = health
        self._on_news: Final = on_news
        self._underway: Final[dict[tuple[str, ClientOrderId], asyncio.Task[None]]] = {}
        self._failures: Final[list[BaseException]] = []

    def is_placing(self, client_id: ClientOrderId) -> bool:
        """Return whether the request that places an order has not been answered yet."""
        return ("place", client_id) in self._underway

    def place(self, intents: tuple[OrderIntent, ...]) -> asyncio.Task[None]:
        """Send one order, or target and stop as one list; they are journaled as sent already."""
        return self._start("place", intents[0], self._place(intents), also=intents[1:])

    def cancel(self, intent: OrderIntent) -> asyncio.Task[None]:
        """Ask the venue to cancel an order, and see what became of it."""
        return self._start("cancel", intent, self._cancel(intent))

    def look_up(self, intent: OrderIntent) -> asyncio.Task[None]:
        """Ask the venue what became of an order."""
        return self._start("look", intent, self._look_up(intent))

    async def settle(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Wait for requests as long as the desk's patience lasts; what is stuck goes on."""
        pending = [task for task in tasks if not task.done()]
        if pending:
            await asyncio.wait(pending, timeout=self._desk.patience_us / _SECOND_US)
        self.raise_failure()

    def raise_failure(self) -> None:
        """Raise what kept an answer from being stored, once.

        Raises:
            LeaseLost: another executor has taken over.
        """
        if self._failures:
            raise self._failures.pop(0)

    async def close(self) -> None:
        """Wait for every request; none lasts longer than a request may."""
        while self._underway:
            await asyncio.wait(list(self._underway.values()))
        self.raise_failure()

    def _start(
        self,
        what: str,
        intent: OrderIntent,
        work: Coroutine[Any, Any, None],
        *,
        also: tuple[OrderIntent, ...] = (),
    ) -> asyncio.Task[None]:
        keys = [(what, one.client_id) for one in (intent, *also)]
        running = self._underway.get(keys[0])
        if running is not None:
            work.close()
            return running
        task = asyncio.create_task(work, name=f"{what} {intent.client_id}")
        for key in keys:
            self._underway[key] = task
        task.add_done_callback(lambda done: self._ended(done, keys, intent.trade_id))
        return task

    def _ended(
        self, task: asyncio.Task[None], keys: list[tuple[str, ClientOrderId]], trade_id: TradeId
    ) -> None:
        for key in keys:
            self._underway.pop(key, None)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._failures.append(error)
        self._on_news(trade_id)

    async def _place(self, intents: tuple[OrderIntent, ...]) -> None:
        venue, requests = self._desk.venue, [one.request for one in intents]
        if len(requests) == 1:
            answer = await venue.submit(requests[0])
        else:
            answer = await venue.submit_pair(*_target_and_stop(intents))
        facts = tuple(
            Answered(client_id=one.client_id, answer=_of(answer, one, is_one=len(intents) == 1))
            for one in intents
        )
        await self._store(intents[0].trade_id, facts, answer)

    async def _cancel(self, intent: OrderIntent) -> None:
        request = intent.request
        answer = await self._desk.venue.cancel(
            request.symbol, intent.client_id, is_conditional=request.kind.is_conditional
        )
        order = answer.order
        is_sure = order is not None and not order.status.is_open
        facts: tuple[Fact, ...] = ()
        if order is not None and is_sure and order.client_id == intent.client_id:
            facts = (Observed(client_id=intent.client_id, order=order),)
        elif answer or _is_gone(answer):
            # An acknowledgement proves nothing, and what is not open may have been filled.
            facts = await self._found(intent)
        await self._store(intent.trade_id, facts, answer)

    async def _look_up(self, intent: OrderIntent) -> None:
        facts = await self._found(intent)
        if facts:
            at_us = self._desk.clock()
            self._health.note_well(at_us=at_us)
            await self._books.write(Changes(trade_id=intent.trade_id, at_us=at_us, facts=facts))

    async def _found(self, intent: OrderIntent) -> tuple[Fact, ...]:
        request = intent.request
        try:
            order = await self._desk.venue.order(
                request.symbol, intent.client_id, is_conditional=request.kind.is_conditional
            )
        except VenueStopped as error:
            at_us = self._desk.clock()
            told = self._health.note_refusal(error, at_us=at_us)
            changes = Changes(trade_id=intent.trade_id, at_us=at_us)
            await self._books.write(changes, alarms=told)
            return ()
        except VenueUnavailable:
            return ()  # it is asked again at the pace of look-ups
        if order is None:
            return (NotFound(client_id=intent.client_id),)
        return (Observed(client_id=intent.client_id, order=order),)

    async def _store(self, trade_id: TradeId, facts: tuple[Fact, ...], answer: Answer) -> None:
        at_us = self._desk.clock()
        alarms = self._health.note(answer, at_us=at_us)
        if facts or alarms:
            changes = Changes(trade_id=trade_id, at_us=at_us, facts=facts)
            await self._books.write(changes, alarms=alarms)


def _of(answer: Answer, intent: OrderIntent, *, is_one: bool) -> Answer:
    """Return what an answer says of one of the orders that it is about."""
    order = answer.order
    if order is None or is_one or order.client_id == intent.client_id:
        return answer
    return Answer(problem=answer.problem)


def _target_and_stop(intents: tuple[OrderIntent, ...]) -> tuple[Any, Any]:
    target, stop = sorted(intents, key=lambda one: one.leg is Leg.STOP)
    return target.request, stop.request


def _is_gone(answer: Answer) -> bool:
    problem = answer.problem
    return problem is not None and (
        problem.reason is Reason.NOT_FOUND or problem.kind is ProblemClass.HARMLESS
    )
