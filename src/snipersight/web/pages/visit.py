"""One open page: who looks, at whose account, and how it asks the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Final, ParamSpec, TypeVar

from nicegui import ui
from starlette.requests import Request

from snipersight.bootstrap.dashboard.present import Present
from snipersight.bootstrap.dashboard.reader import DashboardReader
from snipersight.bootstrap.dashboard.views import Overview
from snipersight.domain.access import Caller, Scope
from snipersight.web.pages.kit import ACCOUNT, Node, age, now_ms
from snipersight.web.pages.live import Page
from snipersight.web.services import DashboardServices

_TOAST_S: Final = 8.0

P = ParamSpec("P")
R = TypeVar("R")


class AccountClock:
    """The time an account lives by, counted on from when the store was asked for it."""

    def __init__(self) -> None:
        self._present = Present(us=now_ms() * 1000)
        self._known_ms = now_ms()

    def set(self, present: Present) -> None:
        """Take what the store has just told."""
        self._present, self._known_ms = present, now_ms()

    def draw(self) -> None:
        """Draw what the browser counts ages by, unseen; the newest on the page counts for all."""
        present_ms, pace = self._present.us // 1000, f"{self._present.pace:g}"
        Node(
            "data", hidden=True, data_present=present_ms, data_known=self._known_ms, data_pace=pace
        )

    def ms(self) -> int:
        """Return what time it is now, milliseconds UTC."""
        passed_ms = (now_ms() - self._known_ms) * self._present.pace
        return self._present.us // 1000 + int(passed_ms)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What every part of an open page shares.

    Args:
        services: of the process.
        caller: who looks.
        account: whose figures; None: the store's first account.
        live: keeps the page new.
        toasts: where short messages appear.
        clock: what time the account lives by.
        heads: told of what the head shows, each time that it is drawn.
    """

    services: DashboardServices
    caller: Caller
    account: str | None
    live: Page = field(default_factory=Page)
    toasts: Node
    clock: AccountClock = field(default_factory=AccountClock)
    heads: list[Callable[[Overview], None]] = field(default_factory=list)

    def age(self, at_ms: int) -> Node:
        """Draw how long ago a moment of the account's time was."""
        return age(at_ms, as_of_ms=self.clock.ms()).put(data_at=at_ms)

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
    said = request.query_params.get(ACCOUNT) or request.cookies.get(ACCOUNT)
    return said[:64] if said else None


def asked(
    ask: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> Callable[[], Coroutine[None, None, R]]:
    """Return a question to the store that does not block the loop."""

    def question() -> Coroutine[None, None, R]:
        return asyncio.to_thread(ask, *args, **kwargs)

    return question
