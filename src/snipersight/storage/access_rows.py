"""Tokens and logins of the dashboard as rows; whoever changes one has a transaction open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from snipersight.domain.access import Scope
from snipersight.storage.schema import ACCESS_TOKEN, LOGIN

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """A token as it is stored.

    Args:
        token_id: its public half.
        name: what people and the audit call its holder.
        scope: how far it reaches.
        digest: SHA-256 of the whole token, hex digits.
        created_us: when, microseconds UTC.
        created_by: who made it, as the audit knows them.
        expires_us: refused from then on; None: it does not expire.
        revoked_us: refused from then on; None: it is in use.
    """

    token_id: str
    name: str
    scope: Scope
    digest: str
    created_us: int
    created_by: str
    expires_us: int | None = None
    revoked_us: int | None = None

    def is_valid(self, now_us: int) -> bool:
        """Return whether it lets anybody in now."""
        return self.revoked_us is None and (self.expires_us is None or now_us < self.expires_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLogin:
    """A browser that was let in.

    Args:
        digest: SHA-256 of what its cookie holds, hex digits.
        token_id: with which token; once that is refused, so is the browser.
        expires_us: refused from then on, microseconds UTC.
    """

    digest: str
    token_id: str
    expires_us: int


def all_tokens(connection: Connection) -> tuple[StoredToken, ...]:
    """Return every token, oldest first; revoked ones too."""
    found = select(ACCESS_TOKEN).order_by(ACCESS_TOKEN.c.created_us, ACCESS_TOKEN.c.token_id)
    return tuple(_token(row) for row in connection.execute(found))


def token_in_use(connection: Connection, name: str) -> StoredToken | None:
    """Return the token of a name that was not revoked; None if there is none."""
    found = select(ACCESS_TOKEN).where(
        ACCESS_TOKEN.c.name == name, ACCESS_TOKEN.c.revoked_us.is_(None)
    )
    row = connection.execute(found).one_or_none()
    return None if row is None else _token(row)


def add_token(connection: Connection, token: StoredToken) -> None:
    """Store a token."""
    connection.execute(
        insert(ACCESS_TOKEN).values(
            token_id=token.token_id,
            name=token.name,
            scope=token.scope.value,
            digest=token.digest,
            created_us=token.created_us,
            created_by=token.created_by,
            expires_us=token.expires_us,
            revoked_us=token.revoked_us,
        )
    )


def revoke_token(connection: Connection, token_id: str, *, at_us: int) -> None:
    """Refuse a token from now on, and every browser that was let in with it."""
    connection.execute(
        update(ACCESS_TOKEN).where(ACCESS_TOKEN.c.token_id == token_id).values(revoked_us=at_us)
    )
    connection.execute(delete(LOGIN).where(LOGIN.c.token_id == token_id))


def all_logins(connection: Connection, *, now_us: int) -> tuple[StoredLogin, ...]:
    """Return every browser that may come in now."""
    found = select(LOGIN).where(LOGIN.c.expires_us > now_us)
    return tuple(
        StoredLogin(digest=row.digest, token_id=row.token_id, expires_us=row.expires_us)
        for row in connection.execute(found)
    )


def add_login(connection: Connection, login: StoredLogin, *, at_us: int) -> None:
    """Store that a browser was let in, and forget those whose time is up."""
    connection.execute(delete(LOGIN).where(LOGIN.c.expires_us <= at_us))
    connection.execute(
        insert(LOGIN).values(
            digest=login.digest,
            token_id=login.token_id,
            created_us=at_us,
            expires_us=login.expires_us,
        )
    )


def end_login(connection: Connection, digest: str) -> bool:
    """Let a browser in no more; False if it was not."""
    return connection.execute(delete(LOGIN).where(LOGIN.c.digest == digest)).rowcount == 1


def _token(row: Row[tuple[object, ...]]) -> StoredToken:
    return StoredToken(
        token_id=row.token_id,
        name=row.name,
        scope=Scope(row.scope),
        digest=row.digest,
        created_us=row.created_us,
        created_by=row.created_by,
        expires_us=row.expires_us,
        revoked_us=row.revoked_us,
    )
