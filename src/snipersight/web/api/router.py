"""Everything under `/api/v1`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter

from snipersight.web.api.account_routes import account_routes
from snipersight.web.api.audit_routes import audit_routes
from snipersight.web.api.command_routes import command_routes
from snipersight.web.api.live import Live
from snipersight.web.api.reads import Reads
from snipersight.web.api.signal_routes import signal_routes
from snipersight.web.api.stream_routes import stream_routes
from snipersight.web.api.system_routes import system_routes

if TYPE_CHECKING:
    from snipersight.web.feed import ChangeFeed
    from snipersight.web.services import DashboardServices

PREFIX: Final = "/api/v1"


def api_router(services: DashboardServices, feed: ChangeFeed) -> APIRouter:
    """Return the routes of the API; who may ask is checked on each of them.

    What takes long waits in a line of its own, and so does the stream: nobody who asks for a list
    waits behind a chart.

    Args:
        services: what they work with.
        feed: looks at the store for the stream.
    """
    reader = services.reader
    quick, slow, stream = Reads(), Reads(threads=2, longest_line=20), Reads(threads=1)
    api = APIRouter(prefix=PREFIX)
    api.include_router(signal_routes(reader, quick, slow=slow))
    api.include_router(account_routes(reader, quick))
    api.include_router(audit_routes(reader, quick, slow=slow))
    api.include_router(system_routes(reader, quick, slow=slow))
    api.include_router(command_routes(services.commands))
    api.include_router(stream_routes(Live(reader, stream, feed)))
    return api
