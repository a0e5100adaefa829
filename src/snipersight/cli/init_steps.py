"""What `snipersight init` does: groups of questions, then one file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from snipersight.bootstrap.environment import home_path
from snipersight.bootstrap.first_steps import Draft, is_secret
from snipersight.bootstrap.first_steps_file import read_env_file
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.init_asking import ask_yes
from snipersight.cli.init_questions import QUESTIONS
from snipersight.cli.init_trying import require_well, tried
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEGUN_WITH: Final = (
    ("DEFAULT_ACCOUNT_BALANCE", "10000"),
    ("ACCOUNT_CURRENCY", "USDT"),
    ("MAX_RISK_PER_TRADE", "0.01"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InitWords:
    """What the user wrote.

    Args:
        assignments: of `--set`.
        is_quiet: nothing is asked.
        tests: answers are tried on the outside world.
        env_file: to write instead of the one in the home folder.
    """

    assignments: tuple[str, ...] = ()
    is_quiet: bool = False
    tests: bool = True
    env_file: Path | None = None


def perform_init(words: InitWords) -> ExitCode:
    """Ask, try and write.

    Raises:
        ConfigInvalid: a value is impossible, or does not work and nobody can be asked.
        StateUnavailable: the file cannot be written.
    """
    draft = Draft(file=read_env_file(words.env_file or home_path() / ".env"))
    _assign(draft, words.assignments)
    try:
        if not (_written_quietly(draft, words) if words.is_quiet else _asked(draft, words)):
            say("Nothing was written.")
            return ExitCode.OK
    except (typer.Abort, KeyboardInterrupt):
        say("\nNothing was written.")
        return ExitCode.INTERRUPTED
    print(f"Written: {draft.file.path}, readable by you alone.")
    _tell_next(draft)
    return ExitCode.OK


def _assign(draft: Draft, assignments: Sequence[str]) -> None:
    for one in assignments:
        name, equals, value = one.partition("=")
        name = name.strip().upper()
        if not equals:
            value = os.environ.get(name, "")
            if not value:
                raise ConfigInvalid(
                    f"--set {name} takes the value from the environment, where there is none",
                    where=name,
                    next_step=f"export {name}, or write --set {name}=VALUE",
                )
        draft.take(name, value.strip())


def _written_quietly(draft: Draft, words: InitWords) -> bool:
    for name, value in _BEGUN_WITH:
        if not draft.file.exists and name not in draft.changes:
            draft.take(name, value)
    if words.tests:
        require_well(tried(draft))
    if not draft.changes:
        say("Everything is set so already.")
        return False
    draft.write()
    return True


def _asked(draft: Draft, words: InitWords) -> bool:
    where = draft.file.path
    say(
        f"{where} is there already: what it says is kept unless you change it."
        if draft.file.exists
        else f"Your settings will be kept in {where}."
    )
    say("Enter takes the answer in brackets, - empties a value, Ctrl-C leaves all as it was.")
    for ask in QUESTIONS:
        ask(draft, words.tests)
    if not draft.changes:
        say("\nNothing has changed.")
        return False
    say("\nTo be written:")
    for name, value in draft.changes.items():
        say(f"  {name}{_shown(name, value)}")
    if not ask_yes("Write it?", default=True):
        return False
    draft.write()
    return True


def _shown(name: str, value: str) -> str:
    if not value:
        return " (emptied)"
    return " (not shown)" if is_secret(name) else f"={value}"


def _tell_next(draft: Draft) -> None:
    has_chat = bool(draft.value("TELEGRAM_BOT_TOKEN") and draft.value("TELEGRAM_CHAT_ID"))
    lines = [
        ("snipersight doctor", "everything once more, in one list"),
        ("snipersight scan --exchange binanceusdm --symbols top50", "real markets, no key needed"),
        ("snipersight run --exchange binanceusdm --symbols top50", "at every close, until Ctrl-C"),
    ]
    if has_chat:
        lines.insert(1, ("snipersight notify test", "a message to every chat"))
    print("\nNext:")
    for command, what in lines:
        print(f"  {command:<58} {what}")
