"""Whether the markets that a running bot was told to look at are known to its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.domain.errors import ConfigInvalid, DataInvalid, VenueUnavailable
from snipersight.market.universe import is_ranked, select_universe

if TYPE_CHECKING:
    from snipersight.bootstrap.session import Session

_NAMED: Final = 4


async def unknown_markets(session: Session) -> tuple[tuple[str, str], ...]:
    """Return the named symbols that the source does not list, each with the reason.

    Empty where the largest are asked for, and where the source does not answer now: the scans
    find out then. One that is delisted later is left out by them, and ends nothing.

    Args:
        session: open.

    Raises:
        ConfigInvalid: none of the named symbols is listed.
    """
    request = session.request
    if is_ranked(request.symbols):
        return ()
    try:
        listed = await session.source.instruments()
    except (DataInvalid, VenueUnavailable):
        return ()
    universe = select_universe(
        request.symbols, instruments=listed, volumes={}, watchlists=request.watchlists
    )
    if not universe.symbols:
        raise ConfigInvalid(
            "; ".join(f"{name}: {reason}" for name, reason in universe.dropped[:_NAMED]),
            where="--symbols",
            next_step=f"name symbols that {session.source.venue} lists",
        )
    return universe.dropped
