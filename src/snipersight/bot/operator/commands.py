"""The commands people may write: their words, who may say them, and how a message is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from snipersight.domain.commands import CommandKind
from snipersight.domain.people import Role

# A command ends at the first white space; what follows is its words.
_SHAPE: Final = re.compile(
    r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?", re.DOTALL
)
_MOST_WORDS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class BotCommand:
    """A command that the bot knows.

    Args:
        name: as written after the slash.
        usage: with what follows it.
        says: what it does, for the menu and /help.
        least_role: who may say it.
        stops: it makes trading stop: never held back for being said too often.
    """

    name: str
    usage: str
    says: str
    least_role: Role = Role.VIEWER
    stops: bool = False


COMMANDS: Final = (
    BotCommand(name="status", usage="/status", says="what is going on, in short"),
    BotCommand(name="positions", usage="/positions", says="open trades, their stops and results"),
    BotCommand(name="orders", usage="/orders", says="orders that wait at the venue"),
    BotCommand(name="signals", usage="/signals", says="the newest signals and what became of them"),
    BotCommand(name="risk", usage="/risk", says="losses and budget against their limits"),
    BotCommand(name="stats", usage="/stats", says="what signals have been worth so far"),
    BotCommand(name="why", usage="/why ID", says="why a plan was approved or refused"),
    BotCommand(
        name="took",
        usage="/took ID [size] [price]",
        says="you traded a plan yourself",
        least_role=CommandKind.TOOK.least_role,
    ),
    BotCommand(
        name="pause",
        usage="/pause [reason]",
        says="no new trades until /resume",
        least_role=CommandKind.PAUSE.least_role,
        stops=True,
    ),
    BotCommand(
        name="resume",
        usage="/resume",
        says="allow new trades again",
        least_role=CommandKind.RESUME.least_role,
    ),
    BotCommand(
        name="kill",
        usage="/kill [flatten]",
        says="the kill switch: end all entries; flatten closes positions too",
        least_role=CommandKind.KILL.least_role,
        stops=True,
    ),
    BotCommand(name="help", usage="/help", says="what you can say"),
)
_BY_NAME: Final = {one.name: one for one in (*COMMANDS,)} | {
    # Telegram writes /start for whoever opens the chat.
    "start": next(one for one in COMMANDS if one.name == "help")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A message that is a command.

    Args:
        name: as written, in small letters, known or not.
        command: what it means; None: the bot knows no such command.
        words: what followed.
        rest: the same in one piece, as written.
        addressee: name of the bot it was written to, in small letters; empty: whoever reads it.
    """

    name: str
    command: BotCommand | None
    words: tuple[str, ...] = ()
    rest: str = ""
    addressee: str = ""


def read_command(text: str) -> Spoken | None:
    """Return the command that a message is; None: it is none.

    Args:
        text: anything at all.
    """
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None:
        return None
    name, addressee, rest = shape[1].lower(), shape[2] or "", (shape[3] or "").strip()
    return Spoken(
        name=name,
        command=_BY_NAME.get(name),
        words=tuple(rest.split(maxsplit=_MOST_WORDS)[:_MOST_WORDS]),
        rest=rest,
        addressee=addressee.lower(),
    )


def commands_of(role: Role) -> tuple[BotCommand, ...]:
    """Return the commands that a role may say."""
    return tuple(one for one in COMMANDS if role >= one.least_role)
