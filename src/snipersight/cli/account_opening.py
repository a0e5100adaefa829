"""The account of a command that looks at no market, with what the user should know on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.cli.guard import say

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.settings import Settings


@contextmanager
def open_account(env_file: Path | None, *, signs: bool = False) -> Iterator[tuple[Books, Settings]]:
    """Yield the open account and the settings; close it afterwards.

    Args:
        env_file: settings file to read instead of the one in the home folder.
        signs: whether the audit is signed once the command has ended well.

    Raises:
        ConfigInvalid: the settings are wrong, or the account is kept in another currency.
        StateUnavailable: the store cannot be used.
    """
    from snipersight.bootstrap.books import open_books
    from snipersight.bootstrap.session import moved_sentence, open_surroundings

    surroundings = open_surroundings(env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    with open_books(surroundings.settings) as books:
        if books.moved:
            say(f"warning: {moved_sentence(books.moved, surroundings.settings)}")
        yield books, surroundings.settings
        if signs:
            sign_audit(books)


def sign_audit(books: Books) -> None:
    """Sign what was recorded, and say so where that cannot be done."""
    problem = books.sign()
    if problem is not None:
        say(f"warning: the audit could not be signed: {problem}")
