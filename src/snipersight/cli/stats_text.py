"""A document of statistics on a terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console, JustifyMethod, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from snipersight.cli.console import output
from snipersight.cli.plan_cards import flow
from snipersight.cli.report_markdown import escape
from snipersight.cli.stats_document import Document, Section
from snipersight.cli.stats_grids import Grid

_UNBOUNDED: Final = 10_000
_WIDEST: Final = 100  # columns of running text; longer lines are hard to follow


def print_document(document: Document, console: Console | None = None) -> None:
    """Print answers first, then tables; where the window is too narrow for one, its rows as lines.

    Args:
        document: what to print.
        console: where to; stdout if not given.
    """
    console = output() if console is None else console
    width = min(console.width, _WIDEST)
    console.print(Text(document.title, style="bold"))
    for line in document.about:
        console.print(Text(line, style="dim"), width=width)
    for question, said in document.answers:
        console.print()
        console.print(Text(question, style="dim"), width=width)
        console.print(Padding(Text(said), (0, 0, 0, 2)), width=width)
    for section in document.sections:
        console.print()
        _print_section(section, console, width)
    if document.remarks:
        console.print()
    for line in document.remarks:
        console.print(Text(line), width=width)


def _print_section(section: Section, console: Console, width: int) -> None:
    console.print(Text(section.title, style="bold"))
    if section.says:
        console.print(Text(section.says), width=width)
    if section.grid is not None:
        console.print(fitting(section.grid, console))
    for note in section.notes:
        console.print(Text(f"- {note}"), width=width)


def fitting(grid: Grid, console: Console) -> RenderableType:
    """Return a table where it fits the window, else each row as lines that name their cells."""
    for shown in (grid, grid.without_extras()):
        table = _table(shown)
        # Measured without a window, which would clamp the answer to its own width.
        free = console.options.update_width(_UNBOUNDED)
        if Measurement.get(console, free, table).maximum <= console.width:
            return table
    return Text("\n".join(_lines(grid, console.width)))


def _table(grid: Grid) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, name in enumerate(grid.head):
        justify: JustifyMethod = "left" if place < grid.words else "right"
        table.add_column(Text(name), justify=justify, no_wrap=True)
    for row in grid.rows:
        table.add_row(*map(Text, row))
    return table


def _lines(grid: Grid, width: int) -> Iterator[str]:
    for row in grid.rows:
        yield " ".join(row[: grid.words])
        named = zip(grid.head[grid.words :], row[grid.words :], strict=True)
        yield from flow([f"{name} {cell}" for name, cell in named if cell], width)


def markdown_lines(document: Document) -> Iterator[str]:
    """Yield a document as Markdown."""
    yield f"# {escape(document.title)}"
    for line in document.about:
        yield from ("", escape(line))
    for question, said in document.answers:
        yield from ("", f"**{escape(question)}**", "", escape(said))
    for section in document.sections:
        yield from ("", f"## {escape(section.title)}")
        if section.says:
            yield from ("", escape(section.says))
        if section.grid is not None:
            yield from ("", *_markdown_table(section.grid))
        if section.notes:
            yield from ("", *(f"- {escape(note)}" for note in section.notes))
    for line in document.remarks:
        yield from ("", escape(line))


def _markdown_table(grid: Grid) -> Iterator[str]:
    yield f"| {' | '.join(map(escape, grid.head))} |"
    rules = ("---" if place < grid.words else "--:" for place in range(len(grid.head)))
    yield f"| {' | '.join(rules)} |"
    for row in grid.rows:
        yield f"| {' | '.join(map(escape, row))} |"
