"""A scan report as Markdown, for pasting into a chat, an issue or a journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from snipersight.cli import report_notes
from snipersight.cli.plan_view import PlanView, view_of

if TYPE_CHECKING:
    from snipersight.engine.report import RankedPlan, ScanReport

_HEAD = (
    "| # | Tier | Score | Symbol | Side | Entry zone | Last | Stop | Targets | Size | Risk "
    "| Valid until (UTC) |"
)
_RULE = "|--:|:-:|--:|---|---|--:|--:|--:|---|--:|--:|---|"


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
    blocks = (
        [f"# Scan of {escape(report_notes.heading(report))}"],
        table,
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
        f"{view.size} ({view.notional})",
        f"{view.risk} ({view.risk_percent})",
        view.valid_until,
    )
    return f"| {' | '.join(cells)} |"


def _total(report: ScanReport) -> str:
    return f"| **together** | **{report_notes.funnel_total(report):,}** |"
