"""Elements of a page. Data only ever becomes text or an attribute, so nothing of it is markup."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Self
from urllib.parse import parse_qs, quote, urlsplit

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from snipersight.bot.notifications.wording.escaping import clean
from snipersight.domain.direction import Direction

ACCOUNT: Final = "account"  # in addresses, as a cookie, and of an open page
_OF_NO_ACCOUNT: Final = frozenset({"/login", "/logout"})


class Node(TextElement):
    """One HTML element.

    Args:
        tag: `div`, `button` …, never data.
        text: its text; whatever is in it, it is shown as it is, less what hides or reverses others.
        classes: names in the style sheet, separated by spaces.
        attributes: further ones; `data_label` becomes `data-label`, a final `_` is dropped.
    """

    def __init__(
        self, tag: str, text: str = "", classes: str = "", **attributes: str | int | bool
    ) -> None:
        super().__init__(tag=tag, text=text)
        if classes:
            self.classes(classes)
        self.put(**attributes)

    def _text_to_model_text(self, text: str) -> None:
        super()._text_to_model_text(plain(text))

    def put(self, **attributes: str | int | bool | None) -> Self:
        """Set attributes, and drop those that are None; return the element itself.

        A link leads to the account that the page was opened for; see `keep_account`.
        """
        for name, value in attributes.items():
            key = name.rstrip("_").replace("_", "-")
            if value is None:
                self._props.pop(key, None)
            elif key == "href":
                self._props[key] = with_account(str(value), self.client.storage.get(ACCOUNT, ""))
            else:
                self._props[key] = value
        self.update()
        return self


def keep_account(account: str) -> None:
    """Have every link that is drawn on the open page from now on lead to the same account."""
    ui.context.client.storage[ACCOUNT] = account


def draw_account() -> None:
    """Draw, within a form, the account that the page was opened for, so that it is asked for again."""
    kept = ui.context.client.storage.get(ACCOUNT, "")
    if kept:
        Node("input", type="hidden", name=ACCOUNT, value=kept)


def with_account(target: str, account: str) -> str:
    """Return the address of a page of ours with an account in it, unless it names one already."""
    parts = urlsplit(target)
    is_ours = target.startswith("/") and parts.path not in _OF_NO_ACCOUNT
    if not account or not is_ours or ACCOUNT in parse_qs(parts.query):
        return target
    query = f"{parts.query}&" if parts.query else ""
    return parts._replace(query=f"{query}{ACCOUNT}={quote(account, safe='')}").geturl()


def plain(text: str) -> str:
    """Return a text without characters that hide, break or reverse others."""
    return text if text.isprintable() else clean(text)


def link(text: str, target: str, classes: str = "", **attributes: str) -> Node:
    """Draw a link to a page of ours."""
    return Node("a", text, classes, href=target, **attributes)


def icon(name: str) -> Node:
    """Draw a glyph of the style sheet, which readers of the screen skip."""
    return Node("span", classes=f"icon {name}", aria_hidden="true")


def button(text: str, classes: str = "", **attributes: str | bool) -> Node:
    """Draw a button; `.on("click", …)` says what it does."""
    return Node("button", text, f"button {classes}", type="button", **attributes)


def chip(text: str, tone: str = "", **attributes: str) -> Node:
    """Draw a short word on a ground; tones: `good`, `bad`, `warn`, `info`."""
    return Node("span", text, f"chip {tone}", **attributes)


def side(direction: Direction) -> Node:
    """Draw a side of the market by arrow, word and colour."""
    is_long = direction is Direction.LONG
    return Node(
        "span", "▲ Long" if is_long else "▼ Short", f"side {'long' if is_long else 'short'}"
    )


def now_ms() -> int:
    """Return the machine's time, milliseconds UTC."""
    return time.time_ns() // 1_000_000


def age(at_ms: int, *, as_of_ms: int, classes: str = "") -> Node:
    """Draw how long ago a moment was; the browser counts on by itself.

    Args:
        at_ms: the moment.
        as_of_ms: what time it was, by the same clock, just now: a rehearsal lives by its own.
        classes: of the style sheet.
    """
    return Node("time", classes=classes, data_age=now_ms() - max(as_of_ms - at_ms, 0))


def choice(label: str, name: str, options: Mapping[str, str], query: Mapping[str, str]) -> None:
    """Draw a field of a form that takes one of some values.

    Args:
        label: of the field.
        name: in the address.
        options: words by value.
        query: of the address as it is.
    """
    with Node("label", classes="field"):
        Node("span", label)
        with Node("select", classes="text", name=name):
            for value, words in options.items():
                option = Node("option", words, value=value)
                if value == query.get(name, ""):
                    option.put(selected=True)


def unfolding(title: str, text: Callable[[], str]) -> None:
    """Draw a long text that is sent once somebody unfolds it; its lines stay as they are."""
    with Node("details", classes="unfolds") as folded:
        Node("summary", title)
        place = Node("pre", tabindex=0)

    def unfold() -> None:
        if not place.default_slot.children:
            with place:
                for line in text().splitlines():
                    Node("span", line)

    folded.on("toggle", unfold)


def panel(title: str, *, note: str = "", classes: str = "") -> tuple[Node, Node]:
    """Draw a box with a headline; return its headline row, for more, and its body."""
    with Node("section", classes=f"panel {classes}", aria_label=title):
        head = Node("header")
        with head:
            Node("h2", title)
            if note:
                Node("span", note, "aside")
        body = Node("div")
    return head, body


def tile(name: str, value: str, note: str = "", tone: str = "") -> None:
    """Draw one figure with its name, within a `tiles` list."""
    with Node("div", classes="tile"):
        Node("dt", name)
        Node("dd", value, tone)
        if note:
            prose(note, "note", tag="dd")


def pairs(rows: Sequence[tuple[str, str]], classes: str = "") -> None:
    """Draw names with their values."""
    with Node("dl", classes=f"pairs {classes}"):
        for name, value in rows:
            Node("dt", name)
            Node("dd", value)


def track(share: float, tone: str = "") -> None:
    """Draw a bar that is filled as far as a share of 0 to 1; its number stands beside it."""
    with Node("div", classes="track", aria_hidden="true"):
        filled = Node("i", classes=tone)
        filled.style(f"width: {min(max(share, 0.0), 1.0) * 100:.1f}%")


WARNED_SHARE: Final = 0.8  # of a limit: the bar turns, in pattern as well as in colour


def meter(name: str, words: str, share: float) -> None:
    """Draw how much of a limit is taken, in words and as a bar."""
    tone = "bad" if share >= 1 else "warn" if share >= WARNED_SHARE else ""
    with Node("div", classes="meter"):
        with Node("div", classes="line"):
            Node("span", name)
            Node("span", words, tone and ("neg" if tone == "bad" else "warned"))
        track(share, tone)


def prose(text: str, classes: str = "", tag: str = "p") -> Node:
    """Draw a sentence; what stands between two backticks is a command or a name."""
    with Node(tag, classes=classes) as whole:
        for at, part in enumerate(text.split("`")):
            if part:
                Node("code" if at % 2 else "span", part)
    return whole


def heading(title: str) -> Node:
    """Draw a page's headline; return its row, for filters and buttons."""
    row = Node("div", classes="page-head")
    with row:
        Node("h1", title)
    return row


def titled(text: str) -> None:
    """Name the browser's tab."""
    ui.page_title(f"{plain(text)} · SniperSight")
