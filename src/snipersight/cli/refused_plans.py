"""The plans that the risk gate refused: each failed limit with its code, value and limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from snipersight.cli.plan_cards import flow
from snipersight.cli.styles import side_style
from snipersight.domain.decision import Check, Stage
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan
from snipersight.domain.wording import measure

if TYPE_CHECKING:
    from snipersight.engine.report import Refusal, ScanReport

TITLE: Final = "Plans the risk gate refused"
_UNBOUNDED: Final = 10_000
_WORDS_WIDTH: Final = 24  # least that the sentences get beside the figures


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPlan:
    """One refused plan as text.

    Args:
        symbol, direction, score, plan_id: which plan.
        rows: code, value, limit and sentence of every failed check, in the order they were asked.
    """

    symbol: str
    direction: Direction
    score: str
    plan_id: str
    rows: tuple[tuple[str, str, str, str], ...]


def refused_plans(report: ScanReport) -> list[RefusedPlan]:
    """Return the plans that the gate judged and refused, best first."""
    judged = [(refusal.plan, refusal) for refusal in report.refusals if _is_judged(refusal)]
    found = [(plan, refusal) for plan, refusal in judged if plan is not None]
    found.sort(key=lambda pair: (-pair[0].confluence.score, pair[0].symbol, pair[0].plan_id))
    return [_view(plan, refusal) for plan, refusal in found]


def _is_judged(refusal: Refusal) -> bool:
    """Tell the gate's refusals from the planner's: only the gate refuses a plan that exists."""
    is_gates = refusal.reason.stage in (Stage.REJECTED, Stage.DECLINED)
    return is_gates and refusal.plan is not None


def _view(plan: TradePlan, refusal: Refusal) -> RefusedPlan:
    return RefusedPlan(
        symbol=plan.symbol,
        direction=plan.direction,
        score=f"{plan.confluence.score:.1f}",
        plan_id=plan.plan_id,
        rows=tuple(_row(check) for check in refusal.checks if not check.passed),
    )


def _row(check: Check) -> tuple[str, str, str, str]:
    return check.code, measure(check.measured), measure(check.limit), check.sentence


def refused_view(plans: Sequence[RefusedPlan], console: Console) -> RenderableType:
    """Return a table where figures and some words fit the window, else wrapped lines."""
    figures = _table(plans, has_words=False)
    natural = Measurement.get(console, console.options.update_width(_UNBOUNDED), figures).maximum
    if natural + _WORDS_WIDTH <= console.width:
        return _table(plans, has_words=True)
    return Group(*(line for plan in plans for line in _lines(plan, console.width)))


def _table(plans: Sequence[RefusedPlan], *, has_words: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_lines=False, pad_edge=False, header_style="bold")
    table.add_column(TITLE, no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Limit that refused it", no_wrap=True)
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column("Limit", justify="right", no_wrap=True)
    if has_words:
        table.add_column("In words", ratio=1)
    for plan in plans:
        for place, row in enumerate(_padded(plan)):
            cells = row if has_words else row[:3]
            score = plan.score if place == 0 else ""
            table.add_row(_name(plan, place), score, *(Text(cell) for cell in cells))
    return table


def _padded(plan: RefusedPlan) -> list[tuple[str, str, str, str]]:
    """Return the rows of a plan, at least two: its name and its id stand one above the other."""
    return [*plan.rows, *[("", "", "", "")] * (2 - len(plan.rows))]


def _name(plan: RefusedPlan, place: int) -> Text:
    if place == 0:
        return Text.assemble(
            (plan.direction.value, side_style(plan.direction)), " ", (plan.symbol, "bold")
        )
    return Text(plan.plan_id if place == 1 else "", style="dim")


def _lines(plan: RefusedPlan, width: int) -> list[Text]:
    head = Text.assemble(
        (plan.direction.value, side_style(plan.direction)),
        " ",
        (plan.symbol, "bold"),
        f" score {plan.score}",
    )
    lines = [head, Text(f"    {plan.plan_id}", style="dim")]
    for code, value, limit, words in plan.rows:
        parts = [code, f"value {value}", f"limit {limit}"]
        lines += [Text(line) for line in flow(parts, width)]
        if words:
            lines.append(Text(f"      {words}", style="dim"))
    return lines
