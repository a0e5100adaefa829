"""The whole dashboard put together: store, door, commands and application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import FastAPI

from snipersight.bootstrap.access.commanding import DashboardCommands
from snipersight.bootstrap.access.doorkeeper import Doorkeeper
from snipersight.bootstrap.access.logins import Links, Logins
from snipersight.bootstrap.dashboard.reader import DashboardReader
from snipersight.bootstrap.dashboard.store import DashboardStore
from snipersight.web.app import create_app
from snipersight.web.security.guard import Gatekeeping
from snipersight.web.security.origins import Origins, Place
from snipersight.web.services import DashboardServices

if TYPE_CHECKING:
    from snipersight.bootstrap.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """An open dashboard.

    Args:
        app: answers.
        keeping: of its door.
        links: let browsers in from the terminal.
        services: what pages and routes work with.
    """

    app: FastAPI
    keeping: Gatekeeping
    links: Links
    services: DashboardServices


@contextmanager
def open_dashboard(settings: Settings, place: Place) -> Iterator[Dashboard]:
    """Yield the dashboard; close what it has opened afterwards.

    The store may be away: it is opened when somebody asks, and again until it is there.

    Args:
        settings: which home, which databases.
        place: where it is reached.
    """
    with ExitStack() as stack:
        # Door and commands have a store of their own: a page that meets what it cannot read has its
        # store opened anew, and a press on Kill must not wait for that.
        store = DashboardStore(settings)
        stack.callback(store.close)
        reader = DashboardReader(settings)
        stack.callback(reader.close)
        doorkeeper = Doorkeeper(store)
        stack.callback(doorkeeper.close)
        commands = DashboardCommands(store, still_valid=doorkeeper.still_valid)
        stack.callback(commands.close)
        services = DashboardServices(settings=settings, reader=reader, commands=commands)
        keeping, links = Gatekeeping(doorkeeper=doorkeeper, origins=Origins(place)), Links()
        logins = Logins(store, doorkeeper, links)
        app = create_app(services, keeping=keeping, logins=logins)
        yield Dashboard(app=app, keeping=keeping, links=links, services=services)
