"""The parts of a verdict: what was asked, what the plan is, and where its score comes from."""

from __future__ import annotations

from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from snipersight.cli.plan_view import prices_of, stop_fraction
from snipersight.domain import wording as texts
from snipersight.domain.confluence import Confluence
from snipersight.domain.decision import Approved, Check
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import plain

_TABLE_WIDTH: Final = 110  # four columns and enough room for the words
_PASSED: Final = {True: Text("passed", style="green"), False: Text("failed", style="bold red")}


def checks_for(checks: tuple[Check, ...], width: int) -> RenderableType:
    """Return every question with its answer, what was measured and the limit.

    Args:
        checks: the questions in the order they were asked.
        width: columns of the window; a narrow one gets lines instead of a table.
    """
    return check_table(checks) if width >= _TABLE_WIDTH else check_lines(checks)


def check_table(checks: tuple[Check, ...]) -> Table:
    """Return one row a question."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("Gate", no_wrap=True)
    table.add_column("Answer", no_wrap=True)
    table.add_column("Measured", justify="right", overflow="fold")
    table.add_column("Limit", justify="right", overflow="fold")
    table.add_column("In words", ratio=1)
    for check in checks:
        table.add_row(
            check.code,
            _PASSED[check.passed],
            texts.measure(check.measured),
            texts.measure(check.limit),
            Text(check.sentence),
        )
    return table


def check_lines(checks: tuple[Check, ...]) -> Group:
    """Return two lines a question, which wrap at any width."""
    lines: list[RenderableType] = []
    for check in checks:
        numbers = f": {texts.measure(check.measured)}, limit {texts.measure(check.limit)}"
        lines.append(Text.assemble(_PASSED[check.passed], f" {check.code}{numbers}"))
        if check.sentence:
            lines.append(Padding(Text(check.sentence, style="dim"), (0, 0, 0, 7)))
    return Group(*lines)


def factor_table(confluence: Confluence) -> Table:
    """Return every factor with its points; the sum of the column is the score."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_footer=True)
    table.add_column("Factor", footer=f"score, tier {confluence.tier}", no_wrap=True)
    table.add_column("Strength", justify="right", no_wrap=True)
    table.add_column("Weight", justify="right", no_wrap=True)
    table.add_column("Points", footer=texts.points(confluence.score), justify="right", no_wrap=True)
    table.add_column("In words")
    for factor in confluence.factors:
        style = "red" if factor.is_conflict else ("" if factor.contribution else "dim")
        table.add_row(
            Text(factor.name, style=style),
            texts.percent(factor.value, 0),
            texts.points(factor.weight),
            Text(texts.points(factor.contribution), style=style),
            Text(factor.sentence),
        )
    return table


def plan_lines(plan: TradePlan) -> list[Text]:
    """Return a plan's prices, each with the reason it is there."""
    decimals = texts.decimals_of(prices_of(plan))
    near, mid, far, stop = (
        texts.price_text(price, decimals)
        for price in (plan.entry_near, plan.entry_mid, plan.entry_far, plan.stop_loss.price)
    )
    away = f"{texts.signed_percent(stop_fraction(plan))}, {plan.stop_loss.distance_atr:.2f} ATR"
    lines = [
        f"entry {near} – {far}, aggressive to {mid}, conservative beyond",
        f"stop {stop} ({away}): {plan.stop_loss.rationale}",
    ]
    for place, target in enumerate(plan.targets, start=1):
        lines.append(
            f"target {place} {texts.price_text(target.price, decimals)} "
            f"{texts.multiple(target.r_multiple)} closes {texts.share(target.fraction)}: "
            f"{target.rationale}"
        )
    cost = texts.price_text(plan.round_trip_cost, decimals)
    lines.append(
        f"reward {texts.multiple(plan.risk_reward)} net of {cost} costs a unit; "
        f"valid until {texts.minute(plan.valid_until)} UTC"
    )
    return [Text(line) for line in (*lines, plan.rationale) if line]


def size_line(decision: Approved) -> Text:
    """Return the size of an approved plan, with what it binds and what it may lose."""
    base, quote, _kind = parse_symbol(decision.plan.symbol)
    return Text(
        f"size {texts.size_text(decision.size)} {base} = "
        f"{texts.amount_text(decision.notional)} {quote}, "
        f"margin {texts.amount_text(decision.margin)} at {plain(decision.leverage)}x, "
        f"risk {texts.amount_text(decision.risk)} ({texts.percent(decision.risk_fraction)})"
    )
