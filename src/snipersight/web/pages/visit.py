"""One open page: who looks, at whose account, and how it asks the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Final, ParamSpec, TypeVar

from nicegui import ui
from starlette.requests import Request

from snipersight.bootstrap.dashboard.reader import DashboardReader
from snipersight.domain.access import Caller, Scope
from snipersight.web.pages.kit import Node
from snipersight.web.pages.live import Page
from snipersight.web.services import DashboardServices

ACCOUNT_COOKIE: Final = "account"
_TOAST_S: Final = 8.0

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What every part of an open page shares.

    Args:
        services: of the process.
        caller: who looks.
        account: whose figures; None: the store's first account.
        live: keeps the page new.
        toasts: where short messages appear.
    """

    services: DashboardServices
    caller: Caller
    account: str | None
    live: Page = field(default_factory=Page)
    toasts: Node

    @property
    def reader(self) -> DashboardReader:
        """Return who reads the store."""
        return self.services.reader

    def may(self, scope: Scope) -> bool:
        """Return whether the caller may do what needs a scope."""
        return self.caller.may(scope)

    def toast(self, text: str, tone: str = "") -> None:
        """Show a short message for a while; readers of the screen say it."""
        with self.toasts:
            told = Node("div", text, f"toast {tone}")
            ui.timer(_TOAST_S, told.delete, once=True)


def account_of(request: Request) -> str | None:
    """Return which account a request asks for: by its address, else as chosen before."""
    said = request.query_params.get(ACCOUNT_COOKIE) or request.cookies.get(ACCOUNT_COOKIE)
    return said[:64] if said else None


def asked(
    ask: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> Callable[[], Coroutine[None, None, R]]:
    """Return a question to the store that does not block the loop."""

    def question() -> Coroutine[None, None, R]:
        return asyncio.to_thread(ask, *args, **kwargs)

    return question
