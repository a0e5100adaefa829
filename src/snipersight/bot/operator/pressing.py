"""What a known person presses: a decision on a plan, the answer to a question, or why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from snipersight.bot.notifications.wording.escaping import escape
from snipersight.bot.operator.asking import Asking
from snipersight.bot.operator.callbacks import CONFIRM, DISMISS, Pressed
from snipersight.bot.operator.confirmations import Grave, Question, read_question
from snipersight.bot.operator.deciding import DECISIONS, Deciding, Unstored, press_key
from snipersight.bot.operator.replies import Replies
from snipersight.bot.operator.updates import ButtonPress, Place
from snipersight.bot.operator.wording import help_text as words
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.people import Person

_KINDS: Final = {
    Grave.KILL: CommandKind.KILL,
    Grave.KILL_AND_FLATTEN: CommandKind.KILL,
    Grave.RESUME: CommandKind.RESUME,
}


class Pressing:
    """Does what buttons say, for people whose presses were let in before.

    Args:
        asking: looks things up.
        deciding: hands commands in.
        replies: answers presses and changes buttons.
        now_s: seconds UTC of real time.
    """

    def __init__(
        self,
        *,
        asking: Asking,
        deciding: Deciding,
        replies: Replies,
        now_s: Callable[[], float],
    ) -> None:
        self._asking: Final = asking
        self._deciding: Final = deciding
        self._replies: Final = replies
        self._now_s: Final = now_s

    async def answer(
        self, press: ButtonPress, pressed: Pressed, person: Person, place: Place
    ) -> None:
        """Do what was pressed, and say what came of it."""
        if pressed.action in DECISIONS:
            await self._decide(press, DECISIONS[pressed.action], pressed.subject, person)
        elif pressed.action in (CONFIRM, DISMISS):
            await self._confirm(press, pressed, person)
        else:
            await self._why(press, pressed.subject, place)

    async def _decide(
        self, press: ButtonPress, kind: CommandKind, plan_id: str, person: Person
    ) -> None:
        if person.role < kind.least_role:
            await self._replies.answer(press, words.needs(kind.least_role), is_alert=True)
            return
        answer = await self._deciding.submit(kind, person, key=press_key(press), subject=plan_id)
        if isinstance(answer, Unstored):
            await self._replies.answer(press, answer.sentence, is_alert=True)
            return
        is_alert = answer.state is CommandState.REFUSED or not answer.is_first
        await asyncio.gather(
            self._replies.answer(press, answer.sentence, is_alert=is_alert),
            self._replies.show_buttons(press, self._deciding.decided_rows(answer)),
        )

    async def _why(self, press: ButtonPress, plan_id: str, place: Place) -> None:
        told = await self._asking.why(plan_id)
        await asyncio.gather(
            self._replies.answer(press),
            self._replies.say(place.address, told, reply_to=press.message_id),
        )

    async def _confirm(self, press: ButtonPress, pressed: Pressed, person: Person) -> None:
        question = read_question(pressed.subject)
        if question is None:  # signed by a version whose questions we do not know
            await self._replies.answer(press, words.TOO_LATE, is_alert=True)
            return
        if question.user_id != person.user_id:
            await self._replies.answer(press, words.NOT_YOURS, is_alert=True)
            return
        if pressed.action == DISMISS:
            await self._close(press, words.NOTHING_DONE)
        elif self._now_s() > question.expires_s:
            await self._close(press, words.TOO_LATE)
        else:
            await self._do(press, question, person)

    async def _do(self, press: ButtonPress, question: Question, person: Person) -> None:
        kind = _KINDS[question.about]
        if person.role < kind.least_role:
            await self._close(press, words.needs(kind.least_role))
            return
        answer = await self._deciding.submit(
            kind,
            person,
            key=f"telegram:asked:{question.key}",
            arguments=_arguments(question.about),
        )
        if isinstance(answer, Unstored):
            await self._replies.answer(press, answer.sentence, is_alert=True)
            return
        await self._close(press, answer.sentence)
        if press.place is not None:  # what goes over the chat is gone in a moment
            sentence = escape(answer.sentence)
            await self._replies.say(press.place.address, sentence, reply_to=press.message_id)

    async def _close(self, press: ButtonPress, sentence: str) -> None:
        await asyncio.gather(
            self._replies.answer(press, sentence), self._replies.show_buttons(press, ())
        )


def _arguments(about: Grave) -> dict[str, str | bool]:
    if about is Grave.RESUME:
        return {}
    return {"flatten": about is Grave.KILL_AND_FLATTEN}
