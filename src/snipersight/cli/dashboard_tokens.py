"""Tokens of the dashboard made, listed and revoked on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rich.table import Table

from snipersight.bootstrap.access import tokens
from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.session import open_surroundings
from snipersight.bootstrap.store import system_us
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain import wording as texts
from snipersight.domain.access import Scope
from snipersight.domain.errors import ConfigInvalid
from snipersight.storage.access_rows import StoredToken

_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([hd])")
_UNITS_US: Final = {"h": 3_600_000_000, "d": 86_400_000_000}


def add_token(env_file: Path | None, name: str, *, scope: str, expires: str | None) -> ExitCode:
    """Make a token and print it, alone, on stdout.

    Raises:
        ConfigInvalid: the name is impossible or in use, or the time is none.
        StateUnavailable: it could not be stored.
    """
    for_us = None if expires is None else span_us(expires)
    with _books(env_file) as books:
        made = tokens.make_token(books, name, Scope(scope), for_us=for_us)
        _sign(books)
    say(f"{made.stored.name} may {_MAY[made.stored.scope]}, {_until(made.stored)}.")
    say("This is shown once; keep it where passwords are kept:")
    print(made.secret)
    return ExitCode.OK


def list_tokens(env_file: Path | None, *, every: bool, as_json: bool) -> ExitCode:
    """Print the tokens that are good now, or every one.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    with _books(env_file) as books:
        now_us = system_us()
        found = [one for one in tokens.list_tokens(books) if every or one.is_valid(now_us)]
    if as_json:
        print(json.dumps({"tokens": [_values(one, now_us) for one in found]}, indent=2))
    elif found:
        output().print(_table(found, now_us))
    else:
        say("No token is in use; `snipersight dashboard token add NAME` makes one.")
    return ExitCode.OK


def revoke_token(env_file: Path | None, name: str) -> ExitCode:
    """Refuse a token from now on.

    Raises:
        ConfigInvalid: no token of that name is in use.
        StateUnavailable: it could not be stored.
    """
    with _books(env_file) as books:
        tokens.revoke_named(books, name)
        _sign(books)
    say(f"{name} lets nobody in any more.")
    return ExitCode.OK


def span_us(text: str) -> int:
    """Return how long `12h` or `30d` is, microseconds.

    Raises:
        ConfigInvalid: it is neither.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise ConfigInvalid(
            f"{text!r} is no time", where="--expires", next_step="write hours or days: 12h, 30d"
        )
    return int(found.group(1)) * _UNITS_US[found.group(2)]


_MAY: Final = {
    Scope.READ: "look",
    Scope.TRADE: "look, decide on plans, cancel and pause",
    Scope.ADMIN: "do everything that the dashboard can",
}


def _books(env_file: Path | None) -> Books:
    surroundings = open_surroundings(env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    return open_books(surroundings.settings, account_id=None, follows_balance=False)


def _sign(books: Books) -> None:
    error = books.sign(warn=lambda sentence: say(f"warning: {sentence}"))
    if error is not None:
        say(f"warning: {error}")


def _table(found: Iterable[StoredToken], now_us: int) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    for _ in range(4):
        grid.add_column(no_wrap=True)
    for one in found:
        made = f"made {texts.minute_of(one.created_us // 1000)}"
        grid.add_row(one.name, one.scope.value, _state(one, now_us), made, f"by {one.created_by}")
    return grid


def _values(token: StoredToken, now_us: int) -> dict[str, object]:
    return {
        "name": token.name,
        "id": token.token_id,
        "scope": token.scope.value,
        "is_valid": token.is_valid(now_us),
        "created": texts.iso_of(token.created_us // 1000),
        "created_by": token.created_by,
        "expires": None if token.expires_us is None else texts.iso_of(token.expires_us // 1000),
        "revoked": None if token.revoked_us is None else texts.iso_of(token.revoked_us // 1000),
    }


def _state(token: StoredToken, now_us: int) -> str:
    if token.revoked_us is not None:
        return f"revoked {texts.minute_of(token.revoked_us // 1000)}"
    return _until(token) if token.is_valid(now_us) else "expired"


def _until(token: StoredToken) -> str:
    if token.expires_us is None:
        return "until it is revoked"
    return f"until {texts.minute_of(token.expires_us // 1000)} UTC"
