"""The loop: fetch what people did, answer it, confirm it; once, in one process, whatever fails."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

from snipersight.bot.notifications.markup.formatted_text import FormattedText
from snipersight.bot.operator.commands import commands_of
from snipersight.bot.operator.conversation import Conversation
from snipersight.bot.operator.freshness import Freshness, IsFresh
from snipersight.bot.operator.hearing import Hearing
from snipersight.bot.operator.talk import PollTrouble, Talk
from snipersight.bot.operator.updates import ButtonPress, Said
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.channels import Delivered
from snipersight.domain.errors import SniperSightError, StateUnavailable
from snipersight.domain.people import Roster

WAIT_S: Final = 8  # of one long poll; the lease lasts longer
LEASE_US: Final = 20_000_000
MOST_UPDATES: Final = 100
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 60.0
_LASTING_PAUSE_S: Final = 300.0
_IDLE_S: Final = 5.0
_BEAT_S: Final = 5.0
# What takes longer is answered while others are heard.
_SETTLE_S: Final = 0.5
_LAST_ANSWERS_S: Final = 2.0
_FAREWELL_S: Final = 3.0
_BROKEN: Final = "Something went wrong here; the log says what. Look at /status before you go on."
_STAGE: Final = "operator"
T = TypeVar("T")


class Lease(Protocol):
    """The right to be the only one who reads a bot's messages. Methods block."""

    def keep(self) -> bool:
        """Take it, or keep it for its time; False while another one has it."""
        ...

    def give_back(self) -> None:
        """Let another one have it at once."""
        ...


class Health(Protocol):
    """Who is told how it goes."""

    def beat(self) -> None:
        """Take note that it goes on."""
        ...

    def trouble(self, sentence: str) -> None:
        """Take note of what is wrong."""
        ...

    def well(self) -> None:
        """Take note that nothing is wrong."""
        ...


class Operator:
    """Reads what people say to one bot, and has it answered.

    An update is confirmed once it was answered, so that a crash only repeats it; what is done is
    done once under the update's key.

    Args:
        talk: the way to people; closed at the end.
        conversation: answers.
        freshness: says what is too old to be done.
        lease: one process reads.
        roster: who gets a menu of commands.
        health: told how it goes.
        now_s: seconds UTC of real time.
        wait_s: of one long poll.
        first_pause_s: after the first failure; it doubles.
        idle_s: between two looks at a lease that another one has.
    """

    def __init__(
        self,
        *,
        talk: Talk,
        conversation: Conversation,
        freshness: Freshness,
        lease: Lease,
        roster: Roster,
        health: Health,
        now_s: Callable[[], float],
        wait_s: int = WAIT_S,
        first_pause_s: float = _FIRST_PAUSE_S,
        idle_s: float = _IDLE_S,
    ) -> None:
        self._talk: Final = talk
        self._conversation: Final = conversation
        self._freshness: Final = freshness
        self._lease: Final = lease
        self._roster: Final = roster
        self._health: Final = health
        self._now_s: Final = now_s
        self._wait_s: Final = wait_s
        self._first_pause_s: Final = first_pause_s
        self._idle_s: Final = idle_s
        self._pause_s = 0.0
        self._hearing: Final = Hearing(conversation.urgency_of)
        self._said = ""
        self._is_introduced = False
        self._is_ours = False
        self._is_loaded = False
        self._has_all = False

    async def run(self, stop: asyncio.Event) -> None:
        """Answer people until it is stopped; an answer under way is finished.

        An answer that waits for its turn in a full chat keeps nobody else waiting. Expected
        failures are told to `health`, and tried again after growing pauses.
        """
        try:
            while not stop.is_set():
                self._health.beat()
                try:
                    pause_s = await self._round(stop)
                except SniperSightError as error:
                    pause_s = self._failed(str(error))
                await self._sleep(pause_s, stop)
        finally:
            await self._end()

    async def _round(self, stop: asyncio.Event) -> float:
        """Fetch and answer once, and return how long to wait before the next time."""
        if not await self._hold():
            return self._idle_s
        trouble = await self._introduce()
        if trouble is not None:
            return self._troubled(trouble)
        asked_s = self._now_s()
        # Nothing is waited for until all that was left behind is had: only what comes after that
        # is known to be young. What is being answered comes again at once.
        waits = self._has_all and not self._hearing.is_busy
        polled = self._talk.updates(
            offset=self._hearing.offset, wait_s=self._wait_s if waits else 0
        )
        found = await _unless_stopped(polled, stop)
        if found is None:
            return 0.0
        if isinstance(found, PollTrouble):
            return self._troubled(found)
        self._well()
        self._has_all = len(found) < MOST_UPDATES
        self._freshness.fetched(asked_s=asked_s, has_all=self._has_all)
        is_fresh = self._freshness.of_last_answer()
        self._hearing.take(found, lambda update: self._answer(update, is_fresh))
        await self._hearing.settle(within_s=_SETTLE_S)
        if not self._hearing.is_busy:
            await asyncio.to_thread(self._freshness.keep)
        return 0.0

    async def _hold(self) -> bool:
        """Take or keep the lease; whoever takes it anew knows nothing of what was before."""
        self._is_ours = await asyncio.to_thread(self._lease.keep)
        if not self._is_ours:
            self._hearing.begin_anew()
            self._is_loaded, self._has_all = False, False
            self._well()
        elif not self._is_loaded:
            await asyncio.to_thread(self._freshness.load)
            self._is_loaded = True
        return self._is_ours

    async def _introduce(self) -> PollTrouble | None:
        """Learn the bot's name, without which no command in a group is known to be for us."""
        if self._is_introduced:
            return None
        name = await self._talk.username()
        if isinstance(name, PollTrouble):
            return name
        self._conversation.bot_name, self._is_introduced = name, True
        await asyncio.gather(*(self._menu(user_id) for user_id in self._roster.roles))
        return None

    async def _menu(self, user_id: str) -> None:
        role = self._roster.role_of(user_id)
        if role is None:
            return
        outcome = await self._talk.show_commands(user_id, commands_of(role))
        if not isinstance(outcome, Delivered):
            reason = getattr(outcome, "error", "the chat has moved")
            log_structured(
                "somebody gets no menu of commands",
                level="INFO",
                stage=_STAGE,
                user=user_id,
                reason=reason,
            )

    async def _answer(self, update: Said | ButtonPress, is_fresh: IsFresh) -> None:
        try:
            if isinstance(update, Said):
                await self._conversation.hear(update, is_fresh)
            else:
                await self._conversation.press(update, is_fresh)
        except Exception as error:  # noqa: BLE001 - what one person sends ends nothing
            await self._apologise(update, error)

    async def _apologise(self, update: Said | ButtonPress, error: Exception) -> None:
        """Log a bug, and let those who may speak know: the update must not come for ever."""
        trace = "".join(traceback.format_exception(error))
        log_structured(
            f"an update could not be answered: {error!r}", level="ERROR", stage=_STAGE, trace=trace
        )
        if update.place is not None and self._roster.role_of(update.sender.user_id) is not None:
            await self._talk.say(update.place.address, FormattedText(text=_BROKEN))

    def _troubled(self, trouble: PollTrouble) -> float:
        pause_s = self._failed(trouble.sentence)
        if trouble.is_lasting:
            return _LASTING_PAUSE_S
        return pause_s if trouble.after_s is None else max(trouble.after_s, self._first_pause_s)

    def _failed(self, sentence: str) -> float:
        """Say once what is wrong, and return how long to wait before the next try."""
        self._has_all = False
        if sentence != self._said:
            log_structured(sentence, level="WARNING", stage=_STAGE)
        self._said = sentence
        self._health.trouble(sentence)
        self._pause_s = min(max(self._pause_s * 2, self._first_pause_s), _LONGEST_PAUSE_S)
        return self._pause_s

    def _well(self) -> None:
        if self._said:
            log_structured("people are heard again", level="INFO", stage=_STAGE)
        self._said, self._pause_s = "", 0.0
        self._health.well()

    async def _sleep(self, pause_s: float, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + pause_s
        while not stop.is_set() and (left_s := until_s - loop.time()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(left_s, _BEAT_S))
            self._health.beat()

    async def _end(self) -> None:
        await self._hearing.end(within_s=_LAST_ANSWERS_S)
        if self._is_ours and self._hearing.offset:
            with suppress(TimeoutError):  # unconfirmed updates are answered once more
                async with asyncio.timeout(_FAREWELL_S):
                    await self._talk.updates(offset=self._hearing.offset, wait_s=0)
        if self._is_ours:
            with suppress(StateUnavailable):  # it runs out by itself
                await asyncio.to_thread(self._lease.give_back)
        await self._talk.close()


async def _unless_stopped(fetch: Coroutine[Any, Any, T], stop: asyncio.Event) -> T | None:
    """Return what is fetched, or None if it was stopped before."""
    fetching, stopping = asyncio.ensure_future(fetch), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((fetching, stopping), return_when=asyncio.FIRST_COMPLETED)
        return fetching.result() if fetching.done() else None
    finally:
        fetching.cancel()
        stopping.cancel()
        await asyncio.gather(fetching, stopping, return_exceptions=True)
