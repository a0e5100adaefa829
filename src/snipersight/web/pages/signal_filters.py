"""Which signals a page lists, as its address says; a form writes the address, so it can be shared."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from snipersight.bootstrap.dashboard.views import SignalFilter, SignalOrder, SignalState
from snipersight.domain.confluence import Tier
from snipersight.domain.direction import Direction
from snipersight.web.pages.kit import Node, choice, draw_account, link

LIMIT: Final = 50
_LONGEST: Final = 80
_LIVE: Final = frozenset({SignalState.WAITING, SignalState.OPEN})
_SHOWN: Final = {
    "live": ("Live, best first", _LIVE),
    "all": ("All, newest first", frozenset[SignalState]()),
    **{state.value: (state.value.capitalize(), frozenset({state})) for state in SignalState},
}
E = TypeVar("E", bound=StrEnum)


def filter_of(query: Mapping[str, str], account: str | None) -> SignalFilter:
    """Return what an address asks for; what it does not know it takes as not said.

    Args:
        query: of the address: `show`, `q`, `profile`, `tier`, `side`, `after`.
        account: whose signals.
    """
    shown = query.get("show", "live")
    _, states = _SHOWN.get(shown, _SHOWN["live"])
    is_ranked = states == _LIVE
    return SignalFilter(
        account=account,
        states=states,
        profile=query.get("profile", "")[:_LONGEST] or None,
        tier=_one_of(Tier, query.get("tier", "")),
        direction=_one_of(Direction, query.get("side", "")),
        text=query.get("q", "")[:_LONGEST],
        order=SignalOrder.RANK if is_ranked else SignalOrder.NEWEST,
        limit=LIMIT,
        cursor=query.get("after") or None,
    )


def next_path(query: Mapping[str, str], cursor: str) -> str:
    """Return the address of the page after this one."""
    return "/?" + urlencode({**query, "after": cursor})


def draw_filters(query: Mapping[str, str]) -> None:
    """Draw the form; a choice takes effect at once, a text with Enter."""
    with Node("form", classes="filters", method="get", action="/", role="search", data_auto=""):
        draw_account()
        choice("Show", "show", {key: words for key, (words, _) in _SHOWN.items()}, query)
        choice("Tier", "tier", {"": "Any tier", **{one.value: one.value for one in Tier}}, query)
        sides = {"": "Both sides", **{one.value: one.value.capitalize() for one in Direction}}
        choice("Side", "side", sides, query)
        with Node("label", classes="field wide"):
            Node("span", "Find")
            Node(
                "input",
                classes="text",
                name="q",
                type="search",
                maxlength=_LONGEST,
                value=query.get("q", ""),
                placeholder="symbol, profile, reason, id",
                data_search="",
            )
        if any(query.get(name) for name in ("show", "tier", "side", "q", "profile", "after")):
            link("Clear", "/", "button plain")


def _one_of(kind: type[E], said: str) -> E | None:
    return next((one for one in kind if one.value == said), None)
