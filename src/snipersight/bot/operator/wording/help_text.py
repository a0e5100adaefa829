"""What the bot says about itself, and when it cannot do what it was told."""

from __future__ import annotations

from typing import Final

from snipersight.bot.notifications.wording.escaping import Markdown, escape
from snipersight.bot.operator.commands import BotCommand, commands_of
from snipersight.bot.operator.confirmations import VALID_S, Grave
from snipersight.bot.operator.wording.lines import joined
from snipersight.domain.people import Role

TOO_FAST: Final = "Too fast. Nothing more is answered for a minute; what stops trading still is."
TOO_OLD: Final = "That was said too long ago, before I was back. Nothing was done; say it again."
NOT_YOURS: Final = "Somebody else was asked."
TOO_LATE: Final = "Too late. Nothing was done; say it again."
NOTHING_DONE: Final = "Nothing was done."
_ROLES: Final = {Role.VIEWER: "a viewer", Role.TRADER: "a trader", Role.ADMIN: "an admin"}
_QUESTIONS: Final = {
    Grave.KILL: (
        "Pull the kill switch? All waiting entries are cancelled and no new trade begins. "
        "Open positions keep their stops."
    ),
    Grave.KILL_AND_FLATTEN: (
        "Pull the kill switch and close every position at market? All waiting entries are "
        "cancelled and no new trade begins."
    ),
    Grave.RESUME: "Allow new trades again?",
}
_YES: Final = {
    Grave.KILL: "Yes, stop all entries",
    Grave.KILL_AND_FLATTEN: "Yes, stop and close everything",
    Grave.RESUME: "Yes, resume",
}


def help_text(role: Role) -> Markdown:
    """Return the commands that a role may say, a line each."""
    lines = [f"You are {_ROLES[role]}\\. You can say:"]
    lines += [f"{escape(one.usage)} – {escape(one.says)}" for one in commands_of(role)]
    lines += ["", escape("An ID is the beginning of a plan's id, 4 letters or more.")]
    return joined(lines)


def unknown_text(name: str) -> Markdown:
    """Return that there is no such command."""
    return escape(f"I do not know /{name[:32]}. /help lists what I know.")


def usage_text(command: BotCommand) -> Markdown:
    """Return how a command is written."""
    return escape(f"Write {command.usage}")


def needs(role: Role) -> str:
    """Return that somebody of a higher role has to say it."""
    return f"Only {_ROLES[role]} may do that. Nothing was done."


def question_text(about: Grave) -> Markdown:
    """Return the question before something grave."""
    return escape(f"{_QUESTIONS[about]} You have {VALID_S} seconds.")


def yes_text(about: Grave) -> str:
    """Return what the button says that does it."""
    return _YES[about]
