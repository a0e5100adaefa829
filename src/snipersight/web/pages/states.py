"""What a page shows when there is nothing, nothing yet, or nothing new to show."""

from __future__ import annotations

from snipersight.domain.errors import SniperSightError
from snipersight.web.pages.kit import Node, age, icon, now_ms, prose
from snipersight.web.pages.words import sentence


def blank(title: str, text: str, glyph: str = "signals") -> None:
    """Draw that there is nothing, why, and what would change that."""
    with Node("div", classes="blank"):
        icon(glyph)
        Node("strong", title)
        prose(text)


def ghost(lines: int = 5, *, words: str = "") -> None:
    """Draw the place of something that is being read; `words` say why it can take long."""
    with Node("div", classes="ghost", role="status"):
        Node("span", words or "Reading the store …", "aside" if words else "unseen")
        for _ in range(lines):
            Node("i")


def failed(error: SniperSightError) -> None:
    """Draw why something could not be read at all; it is tried again by itself."""
    with Node("div", classes="blank", role="status"):
        icon("system")
        Node("strong", sentence(error.what))
        prose(sentence(error.next_step) or "It is tried again by itself.")
        if error.where:
            Node("code", error.where)


def outdated(error: SniperSightError, read_ms: int) -> None:
    """Draw that what stands below is old, how old, and why; `read_ms` is by our own clock."""
    with Node("div", classes="notice", role="alert"):
        Node("strong", "Out of date:")
        with Node("span"):
            Node("span", "this is what the store said ")
            age(read_ms, as_of_ms=now_ms())
            prose(f" ago. {error}. It is read again by itself.", tag="span")
