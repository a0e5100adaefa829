"""Lines of the log, with all that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypedDict
from urllib.parse import urlencode

from snipersight.bootstrap.dashboard.views import LogLine, LogPage
from snipersight.web.pages.kit import Node, chip, choice, draw_account, link, panel, unfolding
from snipersight.web.pages.rows import Column, LiveRows, cell, table
from snipersight.web.pages.states import blank
from snipersight.web.pages.words import signal_path

_LINES: Final = 120
_LONGEST: Final = 80
_LEVELS: Final = ("", "INFO", "WARNING", "ERROR", "CRITICAL")
_TONES: Final = {"WARNING": "warn", "ERROR": "bad", "CRITICAL": "bad"}
_COLUMNS: Final = (
    Column("When", "nowrap whole"),
    Column("Level"),
    Column("What", "prose"),
    Column("Context"),
)


class _Wanted(TypedDict):
    limit: int
    level: str
    text: str
    before: str


class LogLines:
    """The part of the page that shows them.

    Args:
        query: of the address: `level`, `q`, `before`.
    """

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query: Final = query
        level = query.get("level", "")
        self.wanted: Final = _Wanted(
            limit=_LINES,
            level=level if level in _LEVELS else "",
            text=query.get("q", "")[:_LONGEST],
            before=query.get("before", "")[:_LONGEST],
        )
        self._rows: LiveRows[LogLine] | None = None
        self._body: Node | None = None
        self._foot: Node | None = None

    def draw_filter(self) -> None:
        """Draw what says which lines are listed."""
        with Node(
            "form", classes="filters", method="get", action="/system", role="search", data_auto=""
        ):
            draw_account()
            levels = {one: one or "every level" for one in _LEVELS}
            choice("Log lines of", "level", levels, self._query)
            with Node("label", classes="field wide"):
                Node("span", "with")
                field = Node("input", classes="text", name="q", type="search", data_search="")
                field.put(maxlength=_LONGEST, value=self.wanted["text"])
                field.put(placeholder="symbol, plan, reason")

    def draw(self, page: LogPage) -> None:
        """Draw lines, or bring what is drawn up to date; what is unfolded stays so."""
        if self._body is None or self._body.is_deleted:
            _, self._body = panel("Log", note="newest first")
            self._rows = None
        if self._rows is None or not page.lines:
            self._begin(self._body, page)
        if self._rows is not None and self._foot is not None:
            self._rows.show(page.lines)
            self._foot.clear()
            with self._foot:
                self._more(page)

    def _begin(self, body: Node, page: LogPage) -> None:
        body.clear()
        self._rows = None
        with body:
            if page.lines:
                rows = table(_COLUMNS, caption="Log")
                self._rows = LiveRows(rows, lambda one: str(one.place), _fill)
            else:
                blank("No such line", "The log of a running bot appears here.", "audit")
            self._foot = Node("div", classes="replay")
            with self._foot:
                self._more(page)

    def _more(self, page: LogPage) -> None:
        others = {name: value for name, value in self._query.items() if name != "before"}
        if self.wanted["before"]:
            link("Newest lines", f"/system?{urlencode(others)}", "button plain")
        if page.next_before:
            asked_for = {**others, "before": page.next_before}
            link("Older lines", f"/system?{urlencode(asked_for)}", "button")
        else:
            Node("span", "The file begins here; older ones lie beside it.", "aside")


def _fill(line: LogLine) -> None:
    cell(_COLUMNS[0], line.at, "muted")
    with cell(_COLUMNS[1]):
        if line.level:
            chip(line.level, _TONES.get(line.level, ""))
    with cell(_COLUMNS[2]):
        Node("span", line.message)
        with Node("span", classes="below said"):
            for name, value in line.fields:
                with Node("span"):
                    Node("span", f"{name} ", "muted")
                    _value(name, value)
        if line.exception:
            unfolding("Exception", lambda: line.exception)
    cell(_COLUMNS[3], line.context, "muted")


def _value(name: str, value: str) -> None:
    if name == "plan_id":
        link(value, signal_path(value))
    else:
        Node("b", value)
