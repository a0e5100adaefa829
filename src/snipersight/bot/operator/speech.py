"""What a known person writes in a room of theirs: looked up, done, or asked about first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from snipersight.bot.notifications.wording.escaping import clean, escape
from snipersight.bot.operator.asking import Asking
from snipersight.bot.operator.callbacks import CONFIRM, DISMISS, callback_data
from snipersight.bot.operator.commands import BotCommand, Spoken
from snipersight.bot.operator.confirmations import VALID_S, Grave, Question
from snipersight.bot.operator.deciding import Deciding, message_key
from snipersight.bot.operator.facts import Unfound
from snipersight.bot.operator.replies import Replies
from snipersight.bot.operator.talk import Rows
from snipersight.bot.operator.trade_words import read_trade
from snipersight.bot.operator.updates import Said
from snipersight.bot.operator.wording import help_text as words
from snipersight.domain.channels import Button
from snipersight.domain.commands import CommandKind
from snipersight.domain.people import Person

_LONGEST_REASON: Final = 200
_FLATTEN: Final = "flatten"


class Speech:
    """Answers commands of people whose right to give them was asked before.

    Args:
        asking: looks things up.
        deciding: hands commands in.
        replies: says the answer.
        secret: that buttons are signed with.
        now_s: seconds UTC of real time.
    """

    def __init__(
        self,
        *,
        asking: Asking,
        deciding: Deciding,
        replies: Replies,
        secret: str,
        now_s: Callable[[], float],
    ) -> None:
        self._asking: Final = asking
        self._deciding: Final = deciding
        self._replies: Final = replies
        self._secret: Final = secret
        self._now_s: Final = now_s
        self._acts: Final[dict[str, Callable[[Said, Spoken, Person], Awaitable[None]]]] = {
            "why": self._why,
            "took": self._took,
            "pause": self._pause,
            "resume": self._resume,
            "kill": self._kill,
            "help": self._help,
        }

    async def answer(self, said: Said, spoken: Spoken, person: Person, it: BotCommand) -> None:
        """Do or look up what was said, and say what came of it."""
        if self._asking.knows(it.name):
            await self._reply(said, await self._asking.look(it.name))
        else:
            await self._acts[it.name](said, spoken, person)

    async def _help(self, said: Said, _spoken: Spoken, person: Person) -> None:
        await self._reply(said, words.help_text(person.role))

    async def _why(self, said: Said, spoken: Spoken, _person: Person) -> None:
        if len(spoken.words) != 1:
            await self._reply(said, escape("Write /why ID"))
            return
        await self._reply(said, await self._asking.why(spoken.words[0]))

    async def _took(self, said: Said, spoken: Spoken, person: Person) -> None:
        trade = read_trade(spoken.words)
        if isinstance(trade, str):
            await self._reply(said, escape(trade))
            return
        plan_id = await self._asking.plan_id(trade.plan)
        if isinstance(plan_id, Unfound):
            await self._reply(said, escape(plan_id.sentence))
            return
        await self._do(said, person, CommandKind.TOOK, subject=plan_id, arguments=trade.numbers)

    async def _pause(self, said: Said, spoken: Spoken, person: Person) -> None:
        reason = clean(spoken.rest)[:_LONGEST_REASON]
        await self._do(said, person, CommandKind.PAUSE, arguments={"reason": reason})

    async def _resume(self, said: Said, _spoken: Spoken, _person: Person) -> None:
        await self._ask(said, Grave.RESUME)

    async def _kill(self, said: Said, spoken: Spoken, _person: Person) -> None:
        wanted = [word.lower() for word in spoken.words]
        if wanted not in ([], [_FLATTEN]):
            await self._reply(said, escape("Write /kill, or /kill flatten to close positions too."))
            return
        await self._ask(said, Grave.KILL_AND_FLATTEN if wanted else Grave.KILL)

    async def _do(
        self,
        said: Said,
        person: Person,
        kind: CommandKind,
        *,
        subject: str = "",
        arguments: Mapping[str, str] | None = None,
    ) -> None:
        answer = await self._deciding.submit(
            kind, person, key=message_key(said), subject=subject, arguments=arguments
        )
        await self._reply(said, escape(answer.sentence))

    async def _ask(self, said: Said, about: Grave) -> None:
        def rows() -> Rows:
            # Its minute begins as it leaves: in a busy chat that takes a while.
            question = Question(
                about=about,
                user_id=said.sender.user_id,
                expires_s=int(self._now_s()) + VALID_S,
                update_id=said.update_id,
            )
            return (
                (Button(text=words.yes_text(about), data=self._data(CONFIRM, question)),),
                (Button(text="No", data=self._data(DISMISS, question)),),
            )

        await self._replies.say(
            said.place.address, words.question_text(about), rows=rows, reply_to=said.message_id
        )

    def _data(self, action: str, question: Question) -> str:
        return callback_data(action, question.subject, secret=self._secret)

    async def _reply(self, said: Said, markdown: str) -> None:
        await self._replies.say(said.place.address, markdown, reply_to=said.message_id)
