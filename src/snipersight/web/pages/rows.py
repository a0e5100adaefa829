"""Tables that are brought up to date row by row: what did not change is not drawn again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from nicegui.element import Element

from snipersight.web.pages.kit import Node

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its headline and the classes of its cells, `num` for figures."""

    name: str
    classes: str = ""


def table(columns: Sequence[Column], *, caption: str, classes: str = "cards") -> Node:
    """Draw an empty table and return its body; on a phone, `cards` makes a card of each row."""
    with (
        Node("div", classes="scroll", tabindex=0, role="group", aria_label=caption),
        Node("table", classes=f"rows {classes}"),
    ):
        Node("caption", caption, "unseen")
        with Node("thead"), Node("tr"):
            for column in columns:
                Node("th", column.name, column.classes, scope="col")
        return Node("tbody")


def cell(column: Column, text: str = "", classes: str = "") -> Node:
    """Draw one cell; its column's name goes with it where there are no headlines."""
    return Node("td", text, f"{column.classes} {classes}", data_label=column.name)


def text_rows(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    caption: str,
    classes: str = "cards",
) -> None:
    """Draw a table of plain texts."""
    with table(columns, caption=caption, classes=classes):
        for row in rows:
            with Node("tr"):
                for column, text in zip(columns, row, strict=True):
                    cell(column, text)


class LiveRows(Generic[T]):
    """The rows of a table whose contents come and go.

    Args:
        body: of the table.
        key: what makes a row the same row.
        fill: draws the cells of one.
    """

    def __init__(self, body: Element, key: Callable[[T], str], fill: Callable[[T], None]) -> None:
        self._body = body
        self._key = key
        self._fill = fill
        self._shown: dict[str, tuple[T, Node]] = {}

    def show(self, rows: Sequence[T]) -> None:
        """Draw these rows; a row that is new among others is pointed out for a moment."""
        wanted = {self._key(row): row for row in rows}
        had_rows = bool(self._shown)
        for key in self._shown.keys() - wanted.keys():
            self._shown.pop(key)[1].delete()
        for place, (key, row) in enumerate(wanted.items()):
            if key in self._shown:
                self._refill(key, row)
            else:
                self._draw(key, row, is_new=had_rows)
            self._put(self._shown[key][1], place)

    def _draw(self, key: str, row: T, *, is_new: bool) -> None:
        with self._body, Node("tr", classes="fresh" if is_new else "") as line:
            self._fill(row)
        self._shown[key] = (row, line)

    def _refill(self, key: str, row: T) -> None:
        before, line = self._shown[key]
        if before == row:
            return
        line.clear()
        with line:
            self._fill(row)
        self._shown[key] = (row, line)

    def _put(self, line: Node, place: int) -> None:
        """Move a line to its place, unless it stands there: those after a new one stay."""
        if self._body.default_slot.children[place] is not line:
            line.move(target_index=place)
