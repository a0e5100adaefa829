"""Which database the settings name, without what is kept in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from snipersight.bootstrap.settings import Settings

DATABASE_FILE: Final = "snipersight.db"


def database_url(settings: Settings) -> str:
    """Return `DATABASE_URL`, or that of the SQLite file in the home folder; may hold a password."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{settings.snipersight_home / DATABASE_FILE}"
