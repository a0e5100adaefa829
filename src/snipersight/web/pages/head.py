"""The head of every page: whose account and how real, whether the engine lives, and the way to stop."""

from __future__ import annotations

import asyncio
from typing import Final

from nicegui.element import Element

from snipersight.bootstrap.dashboard.present import Present
from snipersight.bootstrap.dashboard.views import EngineState, EngineView, Overview, Topic
from snipersight.domain.standing import TradingState
from snipersight.web.pages.kit import ACCOUNT, Node, age, button, icon, link
from snipersight.web.pages.visit import Visit

_MODES: Final = {"DRY-RUN": ("dry", "DRY"), "PAPER": ("paper", "PAPER"), "LIVE": ("live", "LIVE")}
_STATES: Final = {
    TradingState.ACTIVE: ("good", "Running"),
    TradingState.REDUCING: ("warn", "Reducing"),
    TradingState.HALTED: ("warn", "Paused"),
}


def mode_of(overview: Overview) -> tuple[str, str]:
    """Return the class and the word of how real an account's orders are."""
    mode = overview.mode.upper()
    return _MODES.get(mode, ("dry", mode or "SIGNALS ONLY"))


def state_of(overview: Overview) -> tuple[str, str]:
    """Return the tone and the word for what an account is doing."""
    if overview.switch is not None:
        return "bad", "Killed" if overview.switch.done_us is not None else "Killing"
    if overview.state is TradingState.ACTIVE and overview.engine.state is not EngineState.LIVE:
        return "warn", "Not running"
    return _STATES[overview.state]


def draw_head(visit: Visit, whole: Element) -> Node:
    """Draw the head and keep it new; return it. `whole` is marked while orders are real."""
    with Node("header", classes="head") as head:
        with link("", "/", "brand", aria_label="SniperSight: signals"):
            icon("brand-mark")
            Node("b", "SniperSight")
        visit.live.section(
            {Topic.EXPOSURE, Topic.POSITIONS, Topic.SYSTEM, Topic.ORDERS},
            lambda: _overview(visit),
            lambda overview: _facts(visit, overview, whole),
            classes="facts",
        )
        Node("span", classes="spring")
        with button("", "plain wide", aria_label="Shortcuts", data_opens="help"):
            Node("kbd", "?")
        with button("", "plain", aria_label="Dark or light", data_theme_toggle=""):
            icon("theme")
        with button("", "stop", data_opens="stop", aria_haspopup="dialog"):
            icon("hand")
            Node("span", "Stop")
    return head


async def _overview(visit: Visit) -> Overview:
    found, present = await asyncio.to_thread(_told, visit)
    visit.clock.set(present)
    return found


def _told(visit: Visit) -> tuple[Overview, Present]:
    return visit.reader.overview(visit.account), visit.reader.present(visit.account)


def _facts(visit: Visit, overview: Overview, whole: Element) -> None:
    visit.clock.draw()
    for tell in visit.heads:
        tell(overview)
    kind, word = mode_of(overview)
    whole.classes(
        add="is-live" if kind == "live" else "", remove="" if kind == "live" else "is-live"
    )
    with Node("span", classes="mode"):
        Node("span", word, f"badge {kind}", title=f"Orders of {overview.account_id}: {word}")
        _account(overview)
    tone, state = state_of(overview)
    with Node("span", classes=f"state {tone}", role="status"):
        Node("span", classes="dot", aria_hidden="true")
        Node("span", state)
    _heartbeat(overview.engine)
    if overview.unprotected:
        Node("a", f"{overview.unprotected} unprotected", "chip bad", href="/book")


def _account(overview: Overview) -> None:
    if len(overview.accounts) < 2:
        Node("span", overview.account_id, "account")
        return
    chosen = Node("select", classes="text", aria_label="Account")
    with chosen:
        for name in overview.accounts:
            option = Node("option", name, value=name)
            if name == overview.account_id:
                option.put(selected=True)
    chosen.on("change", js_handler=_CHOOSE)


# The choice is kept where the server reads it with every page; it names an account, no secret.
_CHOOSE: Final = (
    "(event) => { document.cookie = "
    f"'{ACCOUNT}=' + encodeURIComponent(event.target.value) + '; path=/; samesite=strict'; "
    # The page of a signal is one of its own account, whichever is chosen.
    "location.assign(location.pathname.startsWith('/signals/') ? '/' : location.pathname); }"
)


def _heartbeat(engine: EngineView) -> None:
    with Node("span", classes="beat"):
        if engine.seen_ms is None:
            Node("span", "no engine yet")
            return
        words = "engine" if engine.state is EngineState.LIVE else "engine silent for"
        Node("span", f"{words} ", "" if engine.state is EngineState.LIVE else "neg")
        age(engine.seen_ms, as_of_ms=engine.seen_ms + (engine.age_ms or 0))
