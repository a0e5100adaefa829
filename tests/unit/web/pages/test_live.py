from dataclasses import dataclass

import pytest
from nicegui.element import Element

from snipersight.bootstrap.dashboard.views import Topic
from snipersight.domain.errors import StateUnavailable
from snipersight.web.pages.kit import Node
from snipersight.web.pages.live import Page


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A view of one figure."""

    value: int
    read_ms: int = 0


class Store:
    """Answers what a test says, or is away."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.reads = 0
        self.error: Exception | None = None

    async def read(self) -> Figure:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return Figure(value=self.value, read_ms=self.reads)


class Drawing:
    """Draws a figure and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def draw(self, figure: Figure) -> None:
        self.times += 1
        Node("p", f"figure {figure.value}")


def text_of(element: Element) -> str:
    """Return all text below an element."""
    own = getattr(element, "text", "") or ""
    return own + "".join(text_of(child) for child in element.default_slot.children)


AWAY = StateUnavailable("the disk is gone", next_step="plug it in")


async def test_a_view_is_drawn_once_as_long_as_it_says_the_same(draw_here):
    draw_here()
    store, drawing = Store(1), Drawing()
    section = Page().section({Topic.PLANS}, store.read, drawing.draw)
    await section.refresh()
    await section.refresh()
    assert (store.reads, drawing.times) == (2, 1)
    store.value = 2
    await section.refresh()
    assert (text_of(section.box), drawing.times) == ("figure 2", 2)


async def test_a_store_that_goes_away_leaves_the_old_figures_and_says_how_old_they_are(draw_here):
    draw_here()
    store, drawing = Store(1), Drawing()
    section = Page().section({Topic.PLANS}, store.read, drawing.draw)
    await section.refresh()
    store.error = AWAY
    await section.refresh()
    assert text_of(section.box) == "figure 1"
    assert "Out of date" in text_of(section.notice)
    assert "the disk is gone" in text_of(section.notice)
    ages = [one for one in section.notice.descendants() if "data-age" in one.props]
    assert len(ages) == 1


async def test_a_store_that_comes_back_takes_the_notice_away(draw_here):
    draw_here()
    store, drawing = Store(1), Drawing()
    section = Page().section({Topic.PLANS}, store.read, drawing.draw)
    await section.refresh()
    store.error = AWAY
    await section.refresh()
    store.error = None
    await section.refresh()
    assert text_of(section.notice) == ""
    assert drawing.times == 1


async def test_what_was_never_read_says_why_and_what_to_do(draw_here):
    draw_here()
    store = Store(1)
    store.error = AWAY
    section = Page().section({Topic.PLANS}, store.read, Drawing().draw)
    await section.refresh()
    assert text_of(section.box) == "The disk is gone.Plug it in."
    store.error = None
    await section.refresh()
    assert text_of(section.box) == "figure 1"


async def test_a_mistake_of_ours_is_told_and_reaches_the_log(draw_here):
    draw_here()
    store = Store(1)
    store.error = ZeroDivisionError()
    section = Page().section({Topic.PLANS}, store.read, Drawing().draw)
    with pytest.raises(ZeroDivisionError):
        await section.refresh()
    assert "log says why" in text_of(section.box)


async def test_a_section_with_rows_of_its_own_is_not_emptied(draw_here):
    draw_here()
    store, drawing = Store(1), Drawing()
    section = Page().section({Topic.PLANS}, store.read, drawing.draw, keeps=True)
    await section.refresh()
    store.value = 2
    await section.refresh()
    assert text_of(section.box) == "figure 1figure 2"
