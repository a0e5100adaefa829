"""What surrounds every page: the head with its stop control, the rail, the list of shortcuts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from nicegui import ui

from snipersight import __version__
from snipersight.web.pages.head import draw_head
from snipersight.web.pages.kit import Node, button, icon, link, now_ms, titled
from snipersight.web.pages.stopping import stop_dialog
from snipersight.web.pages.visit import Visit

ASSETS: Final = "/_snipersight"


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the rail leads to: its name, address, glyph and shortcut after `g`."""

    name: str
    path: str
    glyph: str
    key: str


PLACES: Final = (
    Place("Signals", "/", "signals", "s"),
    Place("Book", "/book", "book", "b"),
    Place("Risk", "/risk", "risk", "r"),
    Place("Evidence", "/evidence", "evidence", "e"),
    Place("Audit", "/audit", "audit", "a"),
    Place("System", "/system", "system", "y"),
)
_KEYS: Final = (
    ("/", "search"),
    ("j  k", "next, previous row"),
    ("a  x  o  c", "approve, reject, took it, cancel the signal that is open"),
    ("←  →", "replay: one bar back, one bar on"),
    ("p  d  n", "replay: play or stop, at the decision, now"),
    ("z", "chart: every zone, or the nearest"),
    ("S", "stop: pause or kill"),
    ("t", "dark or light"),
    ("?", "this list"),
)


def link_assets() -> None:
    """Name the style sheet and the script in the page's head; nothing of them comes from data."""
    version = f"?v={__version__}"
    ui.add_head_html(
        f'<meta name="server-now" content="{now_ms()}">'
        f'<link rel="stylesheet" href="{ASSETS}/dashboard.css{version}">'
        f'<script src="{ASSETS}/dashboard.js{version}"></script>'
    )


@contextmanager
def shell(visit: Visit, title: str, path: str) -> Iterator[None]:
    """Draw what surrounds a page; its contents belong inside the context.

    Args:
        visit: the open page.
        title: for the browser's tab; may hold data.
        path: of the place in the rail that it belongs to.
    """
    titled(title)
    client = ui.context.client
    layout = client.layout.classes("shell")
    content = client.content.classes(replace="page")
    content.props["id"], content.props["tabindex"] = "contents", -1
    with layout:
        around = (
            Node("a", "Skip to contents", "skip", href="#contents"),
            draw_head(visit, layout),
            _rail(path),
        )
    for place, element in enumerate(around):
        element.move(target_index=place)
    yield
    stop_dialog(visit)
    _help_dialog()


def _rail(path: str) -> Node:
    with Node("nav", classes="rail", aria_label="Pages") as rail, Node("ul"):
        for place in PLACES:
            with Node("li"), link("", place.path, data_go=place.key) as target:
                if place.path == path:
                    target.put(aria_current="page")
                icon(place.glyph)
                Node("span", place.name)
    return rail


def _help_dialog() -> None:
    keys = (*(((f"g {one.key}", one.name)) for one in PLACES), *_KEYS)
    with Node("dialog", id="help", aria_label="Shortcuts"), Node("div", classes="inside"):
        Node("h2", "Shortcuts")
        with Node("dl", classes="pairs left"):
            for key, words in keys:
                with Node("dt"):
                    Node("kbd", key)
                Node("dd", words)
        with Node("div", classes="end"):
            button("Close", data_closes="")
