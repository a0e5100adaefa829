"""A scan report for a terminal: a table where it fits, cards where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from snipersight.cli import report_notes
from snipersight.cli.plan_cards import cards, flow
from snipersight.cli.plan_view import PlanView, view_of
from snipersight.cli.refused_plans import refused_plans, refused_view
from snipersight.cli.styles import side_style, tier_style

if TYPE_CHECKING:
    from snipersight.engine.report import RankedPlan, ScanReport

_BAR_LENGTH: Final = 24
_UNBOUNDED: Final = 10_000


def print_report(report: ScanReport, plans: tuple[RankedPlan, ...], console: Console) -> None:
    """Print the plans, those the risk gate refused, the funnel and the notes.

    Nothing is ever cut off: where the window is too narrow for the table, each plan becomes a
    card of wrapped lines.
    """
    views = [view_of(plan, currency=report.account.currency) for plan in plans]
    console.print(Text(report_notes.heading(report), style="bold"), soft_wrap=False)
    console.print()
    console.print(_plans(views, console) if views else Text("No plan passed every gate."))
    console.print()
    refused = refused_plans(report)
    if refused:
        console.print(refused_view(refused, console))
        console.print()
    console.print(funnel_table(report))
    console.print()
    for line in report_notes.notes(report, plans):
        console.print(Text(line, style="dim"))


def _plans(views: list[PlanView], console: Console) -> RenderableType:
    table = plan_table(views)
    # Measured without a window, which would clamp the answer to its own width.
    natural = Measurement.get(console, console.options.update_width(_UNBOUNDED), table).maximum
    if natural > console.width:
        return cards(views, console.width)
    ids = [f"{view.rank} {view.plan_id}" for view in views]
    lines = ["Plan ids, for `took` and `audit show`:", *flow(ids, console.width)]
    return Group(table, *(Text(line.strip(), style="dim") for line in lines))


def plan_table(views: list[PlanView]) -> Table:
    """Return one row of up to four lines for each plan."""
    table = Table(
        box=box.SIMPLE_HEAD,
        show_lines=True,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for name, justify in _COLUMNS:
        table.add_column(name, justify=justify, no_wrap=True)
    for view in views:
        table.add_row(*_cells(view))
    return table


_COLUMNS: Final[tuple[tuple[str, JustifyMethod], ...]] = (
    ("#", "right"),
    ("Score", "right"),
    ("Symbol", "left"),
    ("Side", "left"),
    ("Entry zone", "right"),
    ("Last", "right"),
    ("Stop", "right"),
    ("Targets", "left"),
    ("Size", "right"),
    ("Risk", "right"),
    ("Valid UTC", "right"),
)


def _cells(view: PlanView) -> tuple[RenderableType, ...]:
    return (
        Text(view.rank),
        Text.assemble((view.tier, tier_style(view.tier)), f" {view.score}"),
        _stack(view.symbol, f"{view.market} at {view.leverage}", view.status, first="bold"),
        Text(view.direction.value, style=side_style(view.direction)),
        Text(f"{view.entry_near}\n{view.entry_far}"),
        _stack(view.last, view.distance),
        _stack(view.stop, view.stop_distance),
        _targets(view),
        _stack(*view.size.split(" "), view.notional, f"margin {view.margin.split(' ')[0]}"),
        _stack(view.risk, view.risk_percent, f"for {view.risk_reward}"),
        _stack(*view.valid_until.split(" ")),
    )


def _stack(head: str, *rest: str, first: str = "") -> Text:
    return Text("\n").join([Text(head, style=first), *(Text(line, style="dim") for line in rest)])


def _targets(view: PlanView) -> Table:
    grid = Table.grid(padding=(0, 1))
    for _column in range(3):
        grid.add_column(justify="right", no_wrap=True)
    for price, r_multiple, share in view.targets:
        grid.add_row(price, Text(r_multiple, style="green"), Text(share, style="dim"))
    return grid


def funnel_table(report: ScanReport) -> Table:
    """Return how every candidate ended; the counts add up to the candidates."""
    rows, total = report_notes.funnel_rows(report), report_notes.funnel_total(report)
    largest = max((count for _reason, count in rows), default=1)
    table = Table(box=None, pad_edge=False, show_footer=True, header_style="bold")
    table.add_column("How every candidate ended", footer="together", no_wrap=True)
    table.add_column("", footer=f"{total:,}", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for reason, count in rows:
        style = "green" if reason == "approved" else ""
        bar = "█" * max(1, round(_BAR_LENGTH * count / largest)) if count else ""
        table.add_row(Text(reason, style=style), f"{count:,}", Text(bar, style=style or "dim"))
    return table
