"""Tokens made, listed and revoked; each change with a record in the account's audit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.access.keys import digest_of, new_token
from snipersight.bootstrap.dashboard.present import present_of
from snipersight.bootstrap.operating.records import in_transaction
from snipersight.bootstrap.store import system_us
from snipersight.bot.telemetry.masking import register_secrets
from snipersight.domain.access import Scope
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.errors import ConfigInvalid
from snipersight.storage import access_rows
from snipersight.storage.access_rows import StoredToken

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.domain.store import Clock, UnitOfWork

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token that was just made.

    Args:
        stored: what is kept of it.
        secret: what its holder shows; it cannot be had again.
    """

    stored: StoredToken
    secret: str

    def __repr__(self) -> str:
        """Return it without its secret."""
        return f"NewToken({self.stored.name!r})"


def make_token(
    books: Books,
    name: str,
    scope: Scope,
    *,
    for_us: int | None = None,
    actor: str = "cli",
    clock: Clock = system_us,
) -> NewToken:
    """Make a token and store its digest; one of the same name that has expired makes room.

    Args:
        books: whose audit records it; the token is good for every account of the store.
        name: 1 to 32 letters, digits, `.`, `_` and `-`.
        scope: how far it reaches.
        for_us: microseconds until it expires, above 0; None: it does not.
        actor: who makes it.
        clock: ours, microseconds UTC; an account may live by another one, and tokens do not.

    Raises:
        ConfigInvalid: the name is impossible or in use.
        StateUnavailable: it could not be stored.
    """
    _require_name(name)
    token_id, secret = new_token()
    register_secrets([secret])
    now_us = clock()
    token = StoredToken(
        token_id=token_id,
        name=name,
        scope=scope,
        digest=digest_of(secret),
        created_us=now_us,
        created_by=actor,
        expires_us=None if for_us is None else now_us + for_us,
    )

    def work(unit: UnitOfWork) -> None:
        _make_room(books, unit, name, now_us=now_us)
        in_transaction(unit, lambda link: access_rows.add_token(link, token))
        _record(books, unit, "token add", token, actor=actor)

    books.store.decisions.transact(books.ports.account_id, work)
    return NewToken(stored=token, secret=secret)


def list_tokens(books: Books) -> tuple[StoredToken, ...]:
    """Return every token, oldest first; revoked and expired ones too.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    return books.store.database.read(access_rows.all_tokens)


def may_decide(books: Books, *, clock: Clock = system_us) -> bool:
    """Return whether a token in use lets somebody approve plans on the dashboard.

    Args:
        books: of the store that tokens are in.
        clock: see `make_token`.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    now_us = clock()
    return any(
        token.is_valid(now_us) and token.scope.covers(Scope.TRADE) for token in list_tokens(books)
    )


def revoke_named(
    books: Books, name: str, *, actor: str = "cli", clock: Clock = system_us
) -> StoredToken:
    """Refuse the token of a name from now on, and every browser that was let in with it.

    Args:
        books: whose audit records it.
        name: of a token in use.
        actor: who revokes it.
        clock: see `make_token`.

    Raises:
        ConfigInvalid: no token of that name is in use.
        StateUnavailable: it could not be stored; the token is still good.
    """
    now_us = clock()

    def work(unit: UnitOfWork) -> StoredToken:
        token = in_transaction(unit, lambda link: access_rows.token_in_use(link, name))
        if token is None:
            raise ConfigInvalid(
                f"no token in use is called {name!r}",
                where="NAME",
                next_step="`snipersight dashboard token list` shows them",
            )
        _revoke(books, unit, token, actor=actor, at_us=now_us)
        return token

    return books.store.decisions.transact(books.ports.account_id, work)


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigInvalid(
            f"{name!r} is no name of a token",
            where="NAME",
            next_step="write 1 to 32 letters, digits, dots, dashes or underscores, such as laptop",
        )


def _make_room(books: Books, unit: UnitOfWork, name: str, *, now_us: int) -> None:
    before = in_transaction(unit, lambda link: access_rows.token_in_use(link, name))
    if before is None:
        return
    if before.is_valid(now_us):
        raise ConfigInvalid(
            f"there is a token called {name} already",
            where="NAME",
            next_step=f"choose another name, or `snipersight dashboard token revoke {name}` first",
        )
    _revoke(books, unit, before, actor="expiry", at_us=now_us)


def _revoke(books: Books, unit: UnitOfWork, token: StoredToken, *, actor: str, at_us: int) -> None:
    in_transaction(unit, lambda link: access_rows.revoke_token(link, token.token_id, at_us=at_us))
    _record(books, unit, "token revoke", token, actor=actor)


def _record(books: Books, unit: UnitOfWork, what: str, token: StoredToken, *, actor: str) -> None:
    # By the account's time: our own would lead a rehearsal to believe that its clock ran back.
    row = unit.account
    present = present_of(books.store.database, row, system_us=books.store.clock())
    unit.append(
        AuditDraft(
            kind=AuditKind.OPERATOR,
            subject=token.name,
            actor=actor,
            at_us=present.us,
            body={
                "command": what,
                "token_id": token.token_id,
                "scope": token.scope.value,
                "reason": f"{token.name}, scope {token.scope}",
                "expires_us": token.expires_us,
            },
        )
    )
