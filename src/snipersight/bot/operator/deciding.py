"""What is to be done: handed to the desk, and answered with what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from snipersight.bot.notifications.wording.escaping import clean
from snipersight.bot.operator.callbacks import APPROVE, REJECT, TOOK, WHY, callback_data
from snipersight.bot.operator.offer_buttons import buttons_of
from snipersight.bot.operator.updates import ButtonPress, Said
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.channels import Button
from snipersight.domain.commands import (
    Command,
    CommandAnswer,
    CommandDesk,
    CommandKind,
    CommandState,
)
from snipersight.domain.errors import SniperSightError
from snipersight.domain.people import Person

DECISIONS: Final = {
    APPROVE: CommandKind.APPROVE,
    REJECT: CommandKind.REJECT,
    TOOK: CommandKind.TOOK,
}
_LONGEST_NAME: Final = 24  # on a button
_LABELS: Final = {
    CommandKind.APPROVE: "✅ Approved",
    CommandKind.REJECT: "❌ Rejected",
    CommandKind.TOOK: "✋ Taken by hand",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstored:
    """A command that could not be stored: nothing was done.

    Args:
        sentence: for whoever said it.
    """

    sentence: str


class Deciding:
    """Makes commands of what people say and hands them in.

    Args:
        desk: does them.
        account_id: which account they are for.
        clock: microseconds UTC of the run.
        secret: that buttons are signed with.
    """

    def __init__(
        self, desk: CommandDesk, *, account_id: str, clock: Callable[[], int], secret: str
    ) -> None:
        self._desk: Final = desk
        self._account_id: Final = account_id
        self._clock: Final = clock
        self._secret: Final = secret

    async def submit(
        self,
        kind: CommandKind,
        person: Person,
        *,
        key: str,
        subject: str = "",
        arguments: Mapping[str, str | bool] | None = None,
    ) -> CommandAnswer | Unstored:
        """Hand a command in; it is done once, however often it is handed in under its key."""
        command = Command(
            key=key,
            kind=kind,
            account_id=self._account_id,
            subject=subject,
            actor=person.actor,
            name=person.name,
            at_us=self._clock(),
            arguments=dict(arguments or {}),
        )
        try:
            return await self._desk.submit(command)
        except SniperSightError as error:
            log_structured(
                f"a command was not stored: {error}",
                level="ERROR",
                stage="operator",
                kind=kind.value,
                actor=person.actor,
            )
            return Unstored(sentence=f"Nothing was done: {error.what}. Say it again.")

    def decided_rows(self, answer: CommandAnswer) -> tuple[tuple[Button, ...], ...]:
        """Return the buttons under a signal once it is decided: what, by whom, and why.

        What was refused has decided nothing: people may press again.
        """
        plan_id = answer.command.subject
        why = callback_data(WHY, plan_id, secret=self._secret)
        label = (Button(text=decision_label(answer), data=why),)
        if answer.state is CommandState.REFUSED:
            return (label, *buttons_of(plan_id, secret=self._secret))
        return (
            label,
            (Button(text="Why", data=why),),
        )


def decision_label(answer: CommandAnswer) -> str:
    """Return `✅ Approved · Ann`, or that it was refused."""
    command = answer.command
    name = clean(command.name)[:_LONGEST_NAME] or command.actor[:_LONGEST_NAME]
    if answer.state is CommandState.REFUSED:
        return f"⚠️ Not done: {command.kind.value} · {name}"
    return f"{_LABELS.get(command.kind, 'Decided')} · {name}"


def message_key(said: Said) -> str:
    """Return the key of a message: the same however often Telegram tells of it."""
    return f"telegram:{said.update_id}:{said.at_s}:{said.message_id}"


def press_key(press: ButtonPress) -> str:
    """Return the key of a press: the same however often Telegram tells of it."""
    return f"telegram:{press.update_id}:{press.query_id[:40]}"
