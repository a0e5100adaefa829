"""Asks a person: a reason, a question, a default; the question again until the answer can be."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Final

import typer

from snipersight.bootstrap.first_steps import Draft, is_secret
from snipersight.cli.guard import error_block, say
from snipersight.domain.errors import ConfigInvalid

_WIDTH: Final = 88
_NOTHING: Final = "-"

Read = Callable[[str], str]


def explain(title: str, why: str) -> None:
    """Begin a group of questions: what it is about and why it is asked."""
    say("")
    say(title)
    say(textwrap.fill(why, _WIDTH))


def ask_yes(question: str, *, default: bool) -> bool:
    """Return whether the person agrees."""
    return typer.confirm(question, default=default, err=True)


def ask_choice(question: str, choices: Sequence[str], *, default: str) -> str:
    """Return one of the choices, written in any case."""
    while True:
        answer = str(typer.prompt(question, default=default, err=True)).strip().lower()
        if answer in choices:
            return answer
        say(f"Write one of {', '.join(choices)}.")


def ask_value(
    draft: Draft, name: str, question: str, *, default: str = "", read: Read = str.strip
) -> str:
    """Ask for the value of a variable, and take it; return what is set now.

    What is set already is the default. A secret is neither shown nor echoed. `-` unsets.

    Args:
        draft: takes the value.
        name: of the variable.
        question: in a few words.
        default: where nothing is set yet; empty: an empty answer leaves it unset.
        read: makes of what was written what stands in the file.
    """
    while True:
        written = _prompted(question, draft.value(name) or default, hidden=is_secret(name))
        try:
            draft.take(name, "" if written == _NOTHING else read(written))
        except ConfigInvalid as error:
            say(error_block(error))
            continue
        return draft.value(name)


def _prompted(question: str, held: str, *, hidden: bool) -> str:
    if hidden:
        question += " (not shown; Enter keeps the one that is set)" if held else " (not shown)"
    written = typer.prompt(
        question, default=held, hide_input=hidden, show_default=bool(held) and not hidden, err=True
    )
    return str(written).strip()
