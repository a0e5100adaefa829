from dataclasses import dataclass

from nicegui.element import Element

from snipersight.web.pages.kit import Node
from snipersight.web.pages.rows import Column, LiveRows, cell, table
from tests.unit.web.pages.test_live import text_of


@dataclass(frozen=True)
class Row:
    """A row with a name and a value."""

    name: str
    value: str


COLUMN = Column("Value")


def live() -> tuple[Node, LiveRows[Row]]:
    body = table([COLUMN], caption="Rows")
    return body, LiveRows(body, lambda row: row.name, _fill)


def _fill(row: Row) -> None:
    cell(COLUMN, row.value)


def lines(body: Node) -> list[Element]:
    return body.default_slot.children


async def test_only_the_row_that_changed_is_filled_again(draw_here):
    draw_here()
    body, rows = live()
    rows.show([Row("a", "1"), Row("b", "2")])
    first, second = [line.default_slot.children[0] for line in lines(body)]
    rows.show([Row("a", "1"), Row("b", "3")])
    assert lines(body)[0].default_slot.children[0] is first
    assert lines(body)[1].default_slot.children[0] is not second
    assert text_of(body) == "13"


async def test_a_row_that_arrives_is_pointed_out_but_not_the_first_ones(draw_here):
    draw_here()
    body, rows = live()
    rows.show([Row("a", "1")])
    assert "fresh" not in lines(body)[0].classes
    rows.show([Row("b", "2"), Row("a", "1")])
    assert ["fresh" in line.classes for line in lines(body)] == [True, False]


async def test_a_row_that_left_is_gone_and_the_order_is_the_new_one(draw_here):
    draw_here()
    body, rows = live()
    rows.show([Row("a", "1"), Row("b", "2"), Row("c", "3")])
    rows.show([Row("c", "3"), Row("a", "1")])
    assert text_of(body) == "31"


async def test_rows_that_stay_are_not_drawn_again_when_one_arrives_and_one_leaves(draw_here):
    draw_here()
    body, rows = live()
    rows.show([Row("b", "2"), Row("c", "3"), Row("d", "4")])
    stay = lines(body)[:2]
    rows.show([Row("a", "1"), Row("b", "2"), Row("c", "3")])
    assert lines(body)[1:] == stay
    assert text_of(body) == "123"


async def test_markup_stays_text(draw_here):
    draw_here()
    body, rows = live()
    rows.show([Row("a", "<img src=x onerror=alert(1)>")])
    assert text_of(body) == "<img src=x onerror=alert(1)>"
    assert [one.tag for one in body.descendants()] == ["tr", "td"]


async def test_a_cell_names_its_column_for_a_phone(draw_here):
    draw_here()
    made = cell(COLUMN, "1")
    assert made.props["data-label"] == "Value"
