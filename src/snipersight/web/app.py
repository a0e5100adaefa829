"""The dashboard's application: the door, the API, the login and the pages, in one process."""

from __future__ import annotations

from fastapi import FastAPI
from nicegui import ui

import snipersight
from snipersight.bootstrap.access.logins import Logins
from snipersight.web.api.router import api_router
from snipersight.web.pages.register import UI_OPTIONS, register_pages
from snipersight.web.security.guard import Gatekeeping, Guard
from snipersight.web.security.login_routes import login_router
from snipersight.web.services import DashboardServices


def create_app(services: DashboardServices, *, keeping: Gatekeeping, logins: Logins) -> FastAPI:
    """Return the application; one a process, for the pages' framework knows only one.

    Args:
        services: what pages and routes work with.
        keeping: what the door works with.
        logins: lets browsers in and out.
    """
    # No pages about the API: theirs fetch scripts from elsewhere.
    app = FastAPI(
        title="SniperSight",
        version=snipersight.__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    app.include_router(login_router(logins, keeping))
    app.add_api_route("/healthz", _healthz, include_in_schema=False)
    app.include_router(api_router(services))
    register_pages(app, services)
    # Pages keep nothing for a browser on this side, so that no cookie but the login's is needed.
    ui.run_with(app, **UI_OPTIONS)
    app.add_middleware(Guard, keeping=keeping)  # the last one added is the outermost
    return app


async def _healthz() -> dict[str, str]:
    """Say that the process answers; of the bot, nothing."""
    return {"status": "ok"}
