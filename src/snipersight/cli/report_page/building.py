"""From findings to the page: which figures, in which order, with which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import snipersight
from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.cli.report_page.gates import funnel_figure, gates_figure
from snipersight.cli.report_page.markets import hours_figure, regimes_figure
from snipersight.cli.report_page.parts import Answer, Figure, Grid, sentence
from snipersight.cli.report_page.rendering import Page
from snipersight.cli.report_page.results import (
    GROUP_HEAD,
    equity_figure,
    group_cells,
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
from snipersight.cli.stats_words import NOTES, heading, left_out, next_steps, reading, scope
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
    is_empty = not len(findings.table)
    told = tuple(map(sentence, next_steps(findings)))
    answers = tuple(
        Answer(question=question, sentence=sentence(said)) for question, said in reading(findings)
    )
    return Page(
        title=sentence(heading(findings)).removesuffix("."),
        about=(sentence(scope(findings)), *map(sentence, left_out(findings))),
        warnings=() if is_empty else told,
        answers=(Answer(question="Nothing to show yet", sentence=" ".join(told)),)
        if is_empty
        else answers,
        figures=() if is_empty else tuple(_figures(findings, actual)),
        newest=newest_grid(findings.table),
        notes=NOTES,
        made=f"Made {minute_of(made_ms)} UTC by SniperSight {snipersight.__version__}. "
        "What signals did is no promise of what they will do.",
    )


def _figures(findings: Findings, actual: EvidenceTable) -> list[Figure]:
    told, view = findings.told, findings.view
    figures = [
        equity_figure(told),
        tiers_figure(view.groups(GroupBy.TIER), view.tier_comparison()),
        spread_figure(view.risk_rewards().realised),
        reliability_figure(view.calibration),
        regimes_figure(told),
        hours_figure(told),
        costs_figure(told, view.expectancy()),
        excursions_figure(told),
        funnel_figure(view.funnel()),
        gates_figure(view.gates()),
    ]
    if findings.wanted.kind is Kind.MODELLED:
        both = agreement_figure(findings.table, actual)
        figures += [] if both is None else [both]
    return [*figures, _groups_figure(view)]


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
