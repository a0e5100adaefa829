"""A scan report as Markdown, for pasting into a chat, an issue or a journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from snipersight.cli import report_notes
from snipersight.cli.plan_view import PlanView, view_of
from snipersight.cli.refused_plans import RefusedPlan, refused_plans

if TYPE_CHECKING:
    from snipersight.engine.report import RankedPlan, ScanReport

_HEAD = (
    "| # | Tier | Score | Symbol | Side | Entry zone | Last | Stop | Targets | Size | Risk "
    "| Notional | Margin | Valid until (UTC) | Plan |"
)
_RULE = "|--:|:-:|--:|---|---|--:|--:|--:|---|--:|--:|--:|--:|---|---|"
_REFUSED_HEAD = (
    "| Refused by the risk gate | Side | Score | Code | Value | Limit | In words | Plan |"
)
_REFUSED_RULE = "|---|---|--:|---|--:|--:|---|---|"


def render_markdown(
    report: ScanReport, plans: tuple[RankedPlan, ...], charts: Mapping[str, str]
) -> str:
    """Return the report as Markdown tables.

    Args:
        report: the whole scan.
        plans: those of its plans to show, best first.
        charts: path of each plan's picture by plan id; the symbol links to it.
    """
    rows = [
        _row(view_of(each, currency=report.account.currency), charts.get(each.plan.plan_id))
        for each in plans
    ]
    table = [_HEAD, _RULE, *rows] if rows else ["No plan passed every gate."]
    funnel = [
        f"| {escape(reason)} | {count:,} |" for reason, count in report_notes.funnel_rows(report)
    ]
    refused = [row for plan in refused_plans(report) for row in _refused_rows(plan)]
    blocks = (
        [f"# Scan of {escape(report_notes.heading(report))}"],
        table,
        *([[_REFUSED_HEAD, _REFUSED_RULE, *refused]] if refused else []),
        ["| How every candidate ended | |", "|---|--:|", *funnel, _total(report)],
        [f"- {escape(note)}" for note in report_notes.notes(report, plans)],
    )
    return "\n\n".join("\n".join(block) for block in blocks)


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, also inside a table."""
    for character in "\\`*_[]<>|#":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")


def _row(view: PlanView, chart: str | None) -> str:
    symbol = escape(f"{view.symbol} {view.market}")
    targets = "<br>".join(" ".join(target) for target in view.targets)
    cells = (
        view.rank,
        view.tier,
        view.score,
        f"[{symbol}](<{chart}>)" if chart else symbol,
        view.direction.value,
        f"{view.entry_near} – {view.entry_far}",
        f"{view.last} ({view.distance})",
        f"{view.stop} ({view.stop_distance})",
        targets,
        view.size,
        f"{view.risk} ({view.risk_percent})",
        view.notional,
        f"{view.margin} at {view.leverage}",
        view.valid_until,
        view.plan_id,
    )
    return f"| {' | '.join(cells)} |"


def _refused_rows(plan: RefusedPlan) -> list[str]:
    name = (escape(plan.symbol), plan.direction.value, plan.score)
    return [f"| {' | '.join((*name, *map(escape, row), plan.plan_id))} |" for row in plan.rows]


def _total(report: ScanReport) -> str:
    return f"| **together** | **{report_notes.funnel_total(report):,}** |"
