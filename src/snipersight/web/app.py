"""The dashboard's application: the door, the API, the login and the pages, in one process."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, FastAPI, Request
from nicegui import ui
from starlette.responses import Response
from starlette.routing import compile_path

import snipersight
from snipersight.bootstrap.access.logins import Logins
from snipersight.web.api.router import api_router
from snipersight.web.feed import ChangeFeed
from snipersight.web.pages.register import UI_OPTIONS, register_pages
from snipersight.web.security.guard import Gatekeeping, Guard
from snipersight.web.security.login_routes import login_router
from snipersight.web.security.problems import Problem, json_of
from snipersight.web.services import DashboardServices

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


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
    feed = ChangeFeed(services.reader)  # one look at the store serves pages and stream
    add_api(app, api_router(services, feed))
    app.include_router(login_router(logins, keeping))
    app.add_api_route("/healthz", _healthz, include_in_schema=False)
    register_pages(app, services, feed)
    # Pages keep nothing for a browser on this side, so that no cookie but the login's is needed.
    ui.run_with(app, **UI_OPTIONS)
    app.add_middleware(Guard, keeping=keeping)  # the last one added is the outermost
    return app


def add_api(app: FastAPI, api: APIRouter) -> None:
    """Add the API, and an answer of its kind for everything beside it.

    The pages would answer such requests with a page of theirs.
    """
    app.include_router(api)

    async def unknown(request: Request) -> Response:
        methods = _methods_of(app, request.url.path)
        return json_of(_no_such_method(methods) if methods else _NO_SUCH_PATH)

    app.add_api_route("/api/{rest:path}", unknown, methods=list(_METHODS), include_in_schema=False)


def _methods_of(app: FastAPI, path: str) -> set[str]:
    """Return the methods that the API knows for a path; none: it does not know the path."""
    known = app.openapi()["paths"]
    return {
        method.upper()
        for template, methods in known.items()
        if compile_path(template)[0].fullmatch(path)
        for method in methods
    }


_NO_SUCH_PATH: Final = Problem(
    status=404,
    what="there is no such path",
    where="path",
    next_step="/api/v1/openapi.json names those that there are",
)


def _no_such_method(methods: set[str]) -> Problem:
    names = ", ".join(sorted(methods))
    return Problem(
        status=405,
        what="the path does not know this method",
        where="method",
        next_step=f"use {names}",
        headers={"Allow": names},
    )


async def _healthz() -> dict[str, str]:
    """Say that the process answers; of the bot, nothing."""
    return {"status": "ok"}
