"""Puts the pages into the dashboard's application."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI
from nicegui import app as pages_app
from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from snipersight.domain.errors import SniperSightError
from snipersight.web.feed import ChangeFeed
from snipersight.web.pages.audit import audit_page
from snipersight.web.pages.book import book_page
from snipersight.web.pages.evidence import evidence_page
from snipersight.web.pages.kit import ACCOUNT, Node, keep_account
from snipersight.web.pages.risk import risk_page
from snipersight.web.pages.shell import ASSETS, link_assets
from snipersight.web.pages.signal import signal_page
from snipersight.web.pages.signals import signals_page
from snipersight.web.pages.system import system_page
from snipersight.web.pages.visit import Visit, account_of
from snipersight.web.security.scopes import caller_of
from snipersight.web.services import DashboardServices

_THEME: Final = Path(__file__).parent.parent / "theme"

# What `ui.run_with` is given besides the application and its secret: no styles but ours, no asset
# from elsewhere, nothing polled.
UI_OPTIONS: Final[dict[str, Any]] = {
    "title": "SniperSight",
    "favicon": _THEME / "favicon.svg",
    "dark": None,
    "language": "en-US",
    "tailwind": False,
    "binding_refresh_interval": None,
    "show_welcome_message": False,
    "reconnect_timeout": 30.0,
}

Draw = Callable[[Visit, Request], Awaitable[None]]
_PAGES: Final[tuple[tuple[str, Draw], ...]] = (
    ("/", signals_page),
    ("/signals", signals_page),
    ("/signals/{plan_id}", signal_page),
    ("/book", book_page),
    ("/risk", risk_page),
    ("/evidence", evidence_page),
    ("/audit", audit_page),
    ("/system", system_page),
)

# What a page asks the store has limits of its own; a busy machine's page may be late, but no error.
_DRAWN_WITHIN_S: Final = 30.0


def register_pages(app: FastAPI, services: DashboardServices, feed: ChangeFeed) -> None:
    """Add every page and its assets; `ui.run_with(app, **UI_OPTIONS, …)` then serves them.

    Args:
        app: whose pages they become once NiceGUI is mounted on it.
        services: what pages show and whom they tell.
        feed: looks at the store for all that are open.
    """
    app.state.pages = pages_app
    pages_app.add_static_files(ASSETS, _THEME)
    for path, draw in _PAGES:
        ui.page(path, response_timeout=_DRAWN_WITHIN_S)(_served(draw, services, feed))


async def _set_clock(visit: Visit) -> None:
    # A store that is away is told of by the page itself.
    with suppress(SniperSightError):
        visit.clock.set(await asyncio.to_thread(visit.reader.present, visit.account))


def _served(
    draw: Draw, services: DashboardServices, feed: ChangeFeed
) -> Callable[[Request], Awaitable[Response | None]]:
    async def show(request: Request) -> Response | None:
        caller = caller_of(request)
        if caller is None:
            return RedirectResponse(f"/login?next={quote(request.url.path)}", status_code=303)
        link_assets()
        if request.query_params.get(ACCOUNT):
            keep_account(account_of(request) or "")
        toasts = Node("div", classes="toasts", role="status", aria_live="polite")
        visit = Visit(services=services, caller=caller, account=account_of(request), toasts=toasts)
        # It listens before it reads: what changes while it is drawn is told as well.
        ui.context.client.on_delete(lambda: feed.drop(visit.live.looked))
        await asyncio.gather(feed.add(visit.live.looked), _set_clock(visit))
        await draw(visit, request)
        await visit.live.first()
        return None

    return show
