"""Whether a database is where settings say, and what it means if it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.database_place import database_url
from snipersight.bootstrap.telemetry import telemetry_url
from snipersight.domain.errors import StateUnavailable
from snipersight.storage.database_url import SqliteAddress, parse_database_url

if TYPE_CHECKING:
    from snipersight.bootstrap.settings import Settings

_PUT_BACK: Final = (
    "put it back or restore a backup, and look after open trades at the venue until then; a scan "
    "or a run would begin an empty one"
)


def is_there(url: str) -> bool:
    """Return whether a database can be opened; of a server it is not known before."""
    address = parse_database_url(url)
    return not isinstance(address, SqliteAddress) or address.path.exists()


def gone(url: str) -> StateUnavailable:
    """Return that a file is not there any more."""
    return StateUnavailable(
        "the database's file is gone: it was removed or renamed while the dashboard was running",
        where=parse_database_url(url).place,
        next_step=_PUT_BACK,
    )


def lost(settings: Settings) -> StateUnavailable | None:
    """Return that the database of decisions must have been lost; None: nothing speaks for it.

    Telemetry is made after it, so where that is kept there was one.
    """
    url = database_url(settings)
    if is_there(url) or not is_there(telemetry_url(settings)):
        return None
    what = "the database is missing: telemetry is kept in the home, so there was one"
    return StateUnavailable(what, where=parse_database_url(url).place, next_step=_PUT_BACK)


def none_yet(settings: Settings) -> StateUnavailable:
    """Return that there is no database of decisions, and what names its place."""
    return lost(settings) or StateUnavailable(
        "there is no database yet, so there is nothing to show",
        where=parse_database_url(database_url(settings)).place,
        next_step=f"a scan creates it: `snipersight scan`; {if_elsewhere(settings)}",
    )


def if_elsewhere(settings: Settings) -> str:
    """Return which variable is wrong if there is a database already."""
    named_by = "SNIPERSIGHT_HOME" if settings.database_url is None else "DATABASE_URL"
    return f"if you have one already, {named_by} names another place"
