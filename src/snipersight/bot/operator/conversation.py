"""Who may say what, where and how often: everything that comes in passes here, or goes nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from snipersight.bot.notifications.wording.escaping import clean, escape
from snipersight.bot.operator.callbacks import CONFIRM, WHY, Pressed, parse_callback
from snipersight.bot.operator.commands import Spoken, read_command
from snipersight.bot.operator.confirmations import read_question
from snipersight.bot.operator.facts import Stranger
from snipersight.bot.operator.freshness import IsFresh
from snipersight.bot.operator.hearing import Urgency
from snipersight.bot.operator.ports import StrangerBook
from snipersight.bot.operator.pressing import Pressing
from snipersight.bot.operator.rates import Pace, PersonRates, StrangerLog
from snipersight.bot.operator.replies import Replies
from snipersight.bot.operator.rooms import Rooms
from snipersight.bot.operator.speech import Speech
from snipersight.bot.operator.updates import ButtonPress, Place, Said, Sender
from snipersight.bot.operator.wording import help_text as words
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.errors import SniperSightError
from snipersight.domain.people import Person, Role, Roster

CHANNEL: Final = "telegram"
_KILL: Final = "kill"


class Conversation:
    """Lets in what may come in and hands it on; never raises for what people do.

    Args:
        roster: who may say anything.
        rooms: where they may.
        speech: answers commands.
        pressing: answers buttons.
        replies: says what is wrong.
        strangers: where attempts of others are recorded.
        secret: that buttons are signed with.
        monotonic_s: seconds of real time that only grow.
    """

    def __init__(
        self,
        *,
        roster: Roster,
        rooms: Rooms,
        speech: Speech,
        pressing: Pressing,
        replies: Replies,
        strangers: StrangerBook,
        secret: str,
        monotonic_s: Callable[[], float],
    ) -> None:
        self._roster: Final = roster
        self._rooms: Final = rooms
        self._speech: Final = speech
        self._pressing: Final = pressing
        self._replies: Final = replies
        self._strangers: Final = strangers
        self._secret: Final = secret
        self._rates: Final = PersonRates(monotonic_s)
        self._seldom: Final = StrangerLog(monotonic_s)
        self.bot_name = ""  # of this very bot, in small letters; empty until it is known

    def urgency_of(self, update: Said | ButtonPress) -> Urgency:
        """Return what something that somebody does has to wait for, whoever they are."""
        if isinstance(update, ButtonPress):
            pressed = parse_callback(update.data, secret=self._secret)
            if _stops(pressed):
                return Urgency.KILLS
            return Urgency.LOOKS if pressed is None or pressed.action == WHY else Urgency.ACTS
        spoken = read_command(update.text)
        command = None if spoken is None else spoken.command
        if command is None or command.least_role is Role.VIEWER:
            return Urgency.LOOKS
        # It only asks; a pause does not, and one that was lifted before must stay lifted.
        return Urgency.KILLS if command.name == _KILL else Urgency.ACTS

    async def hear(self, said: Said, is_fresh: IsFresh) -> None:
        """Answer a message if it is for us, from somebody who may, and where they may."""
        spoken = read_command(said.text)
        is_ours = spoken is not None and spoken.addressee in ("", self.bot_name)
        role = self._roster.role_of(said.sender.user_id)
        if role is None:
            if is_ours or said.place.is_private:
                await self._note(said.sender, said.place, "message")
            return
        if not said.is_own or not self._rooms.accepts(said.place, said.sender):
            return
        if spoken is not None and is_ours:
            await self._hear_command(said, spoken, role, is_fresh)
        elif spoken is None and said.text and said.place.is_private:
            await self._say(said, escape("Write a command; /help lists them."), stops=False)

    async def press(self, press: ButtonPress, is_fresh: IsFresh) -> None:
        """Answer a press of one of our buttons, by somebody who may, and where they may."""
        role = self._roster.role_of(press.sender.user_id)
        if role is None:
            await self._note(press.sender, press.place, "button")
            return
        pressed = parse_callback(press.data, secret=self._secret)
        pace = self._rates.say(press.sender.user_id, stops=_stops(pressed))
        if pace is Pace.WARN:
            await self._replies.answer(press, words.TOO_FAST, is_alert=True)
        elif pace is Pace.ANSWER:
            await self._press(press, pressed, role, is_fresh)

    async def _press(
        self, press: ButtonPress, pressed: Pressed | None, role: Role, is_fresh: IsFresh
    ) -> None:
        place = press.place
        if pressed is None or place is None or not self._rooms.accepts(place, press.sender):
            await self._note(press.sender, place, "button")
            await self._replies.answer(press)
        elif not is_fresh(None):
            await self._replies.answer(press, words.TOO_OLD, is_alert=True)
        else:
            await self._pressing.answer(press, pressed, _person(press.sender, role), place)

    async def _hear_command(
        self, said: Said, spoken: Spoken, role: Role, is_fresh: IsFresh
    ) -> None:
        command = spoken.command
        if command is None:
            await self._say(said, words.unknown_text(spoken.name), stops=False)
        elif not is_fresh(said.at_s):
            await self._say(said, escape(words.TOO_OLD), stops=command.stops)
        elif role < command.least_role:
            await self._say(said, escape(words.needs(command.least_role)), stops=False)
        elif await self._may_speak(said, stops=command.stops):
            await self._speech.answer(said, spoken, _person(said.sender, role), command)

    async def _say(self, said: Said, markdown: str, *, stops: bool) -> None:
        if await self._may_speak(said, stops=stops):
            await self._replies.say(said.place.address, markdown, reply_to=said.message_id)

    async def _may_speak(self, said: Said, *, stops: bool) -> bool:
        """Count something that would be answered; the first that is too much is told."""
        pace = self._rates.say(said.sender.user_id, stops=stops)
        if pace is Pace.WARN:
            too_fast = escape(words.TOO_FAST)
            await self._replies.say(said.place.address, too_fast, reply_to=said.message_id)
        return pace is Pace.ANSWER

    async def _note(self, sender: Sender, place: Place | None, what: str) -> None:
        """Record an attempt, if it is news; whoever made it learns nothing of that."""
        if not self._seldom.is_news(sender.user_id):
            return
        stranger = Stranger(
            actor=f"{CHANNEL}:{sender.user_id}",
            name=clean(sender.name),
            chat="" if place is None else place.address,
            what=what,
        )
        try:
            await asyncio.to_thread(self._strangers.record, stranger)
        except SniperSightError as error:
            log_structured(
                f"an attempt of a stranger was not recorded: {error}",
                level="WARNING",
                stage="operator",
                actor=stranger.actor,
            )


def _stops(pressed: Pressed | None) -> bool:
    if pressed is None or pressed.action != CONFIRM:
        return False
    question = read_question(pressed.subject)
    return question is not None and question.about.stops


def _person(sender: Sender, role: Role) -> Person:
    name = clean(sender.name) or sender.user_id
    return Person(channel=CHANNEL, user_id=sender.user_id, name=name, role=role)
