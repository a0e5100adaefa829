"""A chat service that answers what a test says, and remembers what it was told."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from snipersight.bot.notifications.markup.formatted_text import FormattedText
from snipersight.bot.operator.commands import BotCommand
from snipersight.bot.operator.talk import LateRows, PollTrouble, Rows, rows_now
from snipersight.bot.operator.updates import Update
from snipersight.domain.channels import Delivered, SendOutcome

Polled = tuple[Update, ...] | PollTrouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that was sent."""

    address: str
    text: FormattedText
    rows: Rows
    reply_to: str


class ScriptedTalk:
    """Serves polls in order, then waits; each sending has the next outcome, then arrives."""

    def __init__(
        self,
        polls: Sequence[Polled] = (),
        outcomes: Sequence[SendOutcome] = (),
        *,
        on_idle: Callable[[], None] = lambda: None,
    ) -> None:
        self.polls = list(polls)
        self.outcomes = list(outcomes)
        self.name: str | PollTrouble = "our_bot"
        self.asked: list[tuple[int, int]] = []
        self.tried: list[Told] = []
        self.answered: list[tuple[str, str, bool]] = []
        self.buttons: list[Rows] = []
        self.menus: dict[str, list[str]] = {}
        self.is_closed = False
        self._on_idle = on_idle

    async def updates(self, *, offset: int, wait_s: int) -> Polled:
        self.asked.append((offset, wait_s))
        if self.polls:
            return self.polls.pop(0)
        self._on_idle()
        if wait_s:
            await asyncio.sleep(wait_s)
        return ()

    async def username(self) -> str | PollTrouble:
        return self.name

    async def say(
        self,
        address: str,
        text: FormattedText,
        *,
        rows: Rows | LateRows = (),
        reply_to: str = "",
    ) -> SendOutcome:
        told = Told(address=address, text=text, rows=rows_now(rows), reply_to=reply_to)
        self.tried.append(told)
        return self._outcome()

    async def answer_press(
        self, query_id: str, text: str = "", *, is_alert: bool = False
    ) -> SendOutcome:
        self.answered.append((query_id, text, is_alert))
        return self._outcome()

    async def replace_buttons(self, address: str, message_id: str, rows: Rows) -> SendOutcome:
        self.buttons.append(rows)
        return self._outcome()

    async def show_commands(self, address: str, commands: Sequence[BotCommand]) -> SendOutcome:
        self.menus[address] = [one.name for one in commands]
        return Delivered()

    async def close(self) -> None:
        self.is_closed = True

    def _outcome(self) -> SendOutcome:
        return self.outcomes.pop(0) if self.outcomes else Delivered()


class RecordingHealth:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.beats = 0
        self.troubles: list[str] = []
        self.is_well = True

    def beat(self) -> None:
        self.beats += 1

    def trouble(self, sentence: str) -> None:
        self.is_well = False
        if sentence not in self.troubles:
            self.troubles.append(sentence)

    def well(self) -> None:
        self.is_well = True


async def until(condition: Callable[[], bool], *, within_s: float = 10.0) -> None:
    """Wait until something has happened."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + within_s
    while not condition():
        assert loop.time() < until_s, "it did not happen"
        await asyncio.sleep(0.005)
