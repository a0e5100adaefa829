"""From findings to the page: which figures, in which order, with which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import snipersight
from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.cli.report_page.gates import funnel_figure, gates_figure
from snipersight.cli.report_page.markets import hours_figure, regimes_figure
from snipersight.cli.report_page.parts import Answer, Figure
from snipersight.cli.report_page.rendering import Page
from snipersight.cli.report_page.results import (
    equity_figure,
    reliability_figure,
    spread_figure,
    tiers_figure,
)
from snipersight.cli.report_page.trades import (
    agreement_figure,
    costs_figure,
    excursions_figure,
    newest_grid,
)
from snipersight.cli.stats_grids import GROUP_HEAD, Grid, group_cells
from snipersight.cli.stats_words import NOTES, about, heading, next_steps, reading, sentence
from snipersight.domain.evidence import Kind
from snipersight.domain.wording import minute_of

if TYPE_CHECKING:
    from snipersight.bootstrap.findings import Findings
    from snipersight.bot.telemetry.evidence_view import EvidenceView
    from snipersight.domain.evidence_columns import EvidenceTable

_MOST_GROUPS = 12  # of each property in the table of groups; `stats --by` has them all


def page_of(findings: Findings, actual: EvidenceTable, *, made_ms: int) -> Page:
    """Return the whole page.

    Args:
        findings: the signals.
        actual: the same signals with what happened to real orders.
        made_ms: now, milliseconds UTC.
    """
    told = tuple(map(sentence, next_steps(findings)))
    nothing = Answer(question="Nothing to show yet", sentence=" ".join(told))
    answers, figures = _shown(findings, actual) if len(findings.table) else ((nothing,), ())
    return Page(
        title=sentence(heading(findings)).removesuffix("."),
        about=about(findings),
        warnings=told if figures else (),
        answers=answers,
        figures=figures,
        newest=newest_grid(findings.table),
        notes=NOTES,
        made=f"Made {minute_of(made_ms)} UTC by SniperSight {snipersight.__version__}. "
        "What signals did is no promise of what they will do.",
    )


def _shown(
    findings: Findings, actual: EvidenceTable
) -> tuple[tuple[Answer, ...], tuple[Figure, ...]]:
    """Return answers and figures of signals that there are."""
    told, view = findings.told, findings.view
    comparison = view.tier_comparison()
    is_modelled = findings.wanted.kind is Kind.MODELLED
    both = agreement_figure(findings.table, actual) if is_modelled else None
    figures = (
        equity_figure(told),
        tiers_figure(view.groups(GroupBy.TIER), comparison),
        spread_figure(view.risk_rewards().realised),
        reliability_figure(view.calibration),
        regimes_figure(told),
        hours_figure(told),
        costs_figure(told, view.expectancy()),
        excursions_figure(told),
        funnel_figure(view.funnel(), is_full=both is None),
        *(() if both is None else (both,)),
        *((gates_figure(view.gates()),) if is_modelled else ()),
        _groups_figure(view),
    )
    answers = reading(findings, comparison)
    return tuple(
        Answer(question=asked, sentence=sentence(said)) for asked, said in answers
    ), figures


def _groups_figure(view: EvidenceView) -> Figure:
    """Return a table of groups by profile, market, session and more; a table alone."""
    asked = (GroupBy.PROFILE, GroupBy.TIMEFRAME, GroupBy.SESSION, GroupBy.SYMBOL)
    rows = tuple(
        (one.value, *group_cells(group))
        for one in asked
        for group in view.groups(one)[:_MOST_GROUPS]
    )
    return Figure(
        key="groups",
        title="Profiles, timeframes, sessions, symbols",
        says=f"The {_MOST_GROUPS} with most approved signals of each.",
        grid=Grid(head=("by", "group", *GROUP_HEAD), rows=rows, words=2),
        is_full=True,
    )
