"""Where a database is, taken from its URL; a password never leaves the address."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from snipersight.domain.errors import ConfigInvalid

_SQLITE: Final = "sqlite:///"
_POSTGRES: Final = "postgresql://"
_WHERE: Final = "DATABASE_URL"
_NEXT_STEP: Final = (
    "use sqlite:////absolute/path or postgresql://user:password@host/database; "
    "special characters of a password are written as %40 for @, %2F for / and so on"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteAddress:
    """A file.

    Args:
        path: absolute path of the database file; it need not exist yet.
    """

    path: Path

    @property
    def place(self) -> str:
        """Return where it is, for messages."""
        return str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresAddress:
    """A server and a database on it.

    Args:
        host: name or address, or the folder of a socket; empty: the driver's default.
        port: None is the driver's default.
        user, password: None is the driver's default.
        database: empty is the driver's default, the user's name.
        options: what else the URL says to the driver, `sslmode` and the like.
    """

    host: str
    port: int | None
    user: str | None
    password: str | None = field(repr=False)
    database: str
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def place(self) -> str:
        """Return where it is, for messages: neither user nor password."""
        port = f":{self.port}" if self.port is not None else ""
        return f"postgresql://{self.host}{port}/{self.database}"


def parse_database_url(url: str) -> SqliteAddress | PostgresAddress:
    """Return the address that a URL names.

    The path of a SQLite URL is taken as it is written, without escapes.

    Raises:
        ConfigInvalid: it is neither of the two kinds; the message does not repeat it.
    """
    if url.startswith(_SQLITE):
        return _sqlite_address(url.removeprefix(_SQLITE))
    address = _postgres_address(url) if url.startswith(_POSTGRES) else None
    if address is None:
        raise ConfigInvalid("the database's URL is unusable", where=_WHERE, next_step=_NEXT_STEP)
    return address


def _sqlite_address(text: str) -> SqliteAddress:
    path = Path(text)
    if not path.is_absolute() or "\0" in text:
        raise ConfigInvalid(
            "the database's file must be named by its absolute path",
            where=_WHERE,
            next_step=_NEXT_STEP,
        )
    return SqliteAddress(path=path)


def _postgres_address(url: str) -> PostgresAddress | None:
    """Return the address; None rather than an error, which would carry pieces of the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        return None
    # An @ or / that was not escaped puts a piece of the password where host or name belong.
    misplaced = "@" in parts.netloc.rpartition("@")[0] or "@" in parts.path
    if parts.fragment or misplaced:
        return None
    if "password" in options or "passfile" in options:
        return None
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return PostgresAddress(
        host=host,
        port=port,
        user=_text(parts.username),
        password=_text(parts.password),
        database=unquote(parts.path.removeprefix("/")),
        options=tuple(options.items()),
    )


def _text(value: str | None) -> str | None:
    return unquote(value) if value else None
