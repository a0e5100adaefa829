"""Figures of results: what signals brought together, how results are spread, what tiers bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import is_closed, where
from snipersight.bot.telemetry.statistics.words import signed_r
from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.stats_grids import Grid, scores_grid, spread_grid, tiers_grid
from snipersight.cli.stats_words import sentence
from snipersight.domain.statistics import Calibration, GroupStats, RDistribution, TierComparison
from snipersight.domain.wording import counted

if TYPE_CHECKING:
    from snipersight.charts.evidence.equity import EquityLine
    from snipersight.charts.evidence.svg import Frame
    from snipersight.domain.evidence_columns import EvidenceTable

_ALL: Final = "all"
_READING: Final = "Dots: hit rates of neighbouring scores with 95 % intervals; dashed: of all."


def equity_figure(told: EvidenceTable) -> Figure:
    """Return what the approved signals brought, in the order of their end, by tier."""
    from snipersight.charts.evidence.equity import drawdown, equity_svg

    lines = _equity_lines(told)
    title = "Equity in R"
    if not lines:
        return figure("equity", title, "No approved signal has closed yet", is_full=True)
    rows = tuple(
        (
            line.name,
            f"{len(line.total_r):,}",
            signed_r(float(line.total_r[-1])),
            signed_r(float(drawdown(line.total_r).min())),
        )
        for line in lines
    )
    main = rows[0]
    says = (
        f"{counted(len(lines[0].total_r), 'closed signal')} brought {main[2]} together, net of costs, "
        f"each with the same risk of 1R; furthest below its best it stood at {main[3]}"
    )

    def draw(frame: Frame, alt: str) -> str:
        return equity_svg(lines, frame, alt=alt)

    grid = Grid(head=("line", "closed", "together", "deepest drawdown"), rows=rows)
    return figure("equity", title, says, draw=draw, heights=(360, 330), grid=grid, is_full=True)


def _equity_lines(told: EvidenceTable) -> list[EquityLine]:
    """Return all closed signals as one line, then the tiers where there are several."""
    from snipersight.charts.evidence.equity import EquityLine
    from snipersight.charts.evidence.ink import Ink, tier_ink

    closed = where(told, is_closed(told))
    closed = where(closed, np.argsort(closed.ended_ms, kind="stable"))
    if not len(closed):
        return []
    tiers = sorted(closed.tier.counts())
    parts = [(f"tier {tier}", tier_ink(tier), closed.tier.equal(tier)) for tier in tiers]
    everything = np.ones(len(closed), dtype=np.bool_)
    chosen = [(_ALL, Ink.TEXT, everything), *(parts if len(tiers) > 1 else [])]
    return [
        EquityLine(
            name=name,
            ink=ink,
            ended_ms=closed.ended_ms[mask],
            total_r=np.cumsum(closed.net_r[mask]),
            is_main=name == _ALL,
        )
        for name, ink, mask in chosen
    ]


def spread_figure(spread: RDistribution) -> Figure:
    """Return how the results of closed signals are spread."""
    from snipersight.charts.evidence.bars import distribution_svg

    title = "Spread of results"
    if not spread.n:
        return figure("spread", title, "No approved signal has closed yet")

    def draw(frame: Frame, alt: str) -> str:
        return distribution_svg(spread, frame, alt=alt)

    grid = spread_grid(spread)
    return figure("spread", title, spread.sentence, draw=draw, grid=grid)


def tiers_figure(tiers: tuple[GroupStats, ...], comparison: TierComparison) -> Figure:
    """Return what each tier brings, with the answer whether the better one is better."""
    from snipersight.charts.evidence.intervals import FRAME_PX, ROW_PX, Estimate, estimates_svg

    estimates = [
        Estimate(
            name=f"tier {one.name}",
            words=f"n {one.expectancy.n:,}{'' if one.expectancy.mean_r is not None else ', too few'}",
            mean=one.expectancy.mean_r,
            low=one.expectancy.low,
            high=one.expectancy.high,
        )
        for one in tiers
    ]

    def draw(frame: Frame, alt: str) -> str:
        return estimates_svg(estimates, frame, alt=alt)

    height = FRAME_PX + ROW_PX * len(tiers)
    return figure(
        "tiers",
        "Tiers",
        comparison.sentence,
        draw=draw if any(one.mean is not None for one in estimates) else None,
        heights=(height, height),
        grid=tiers_grid(tiers, comparison),
        is_full=True,
    )


def reliability_figure(calibration: Calibration) -> Figure:
    """Return how often signals of each score have hit."""
    from snipersight.charts.evidence.intervals import reliability_svg

    title = "What a score has meant"
    if not calibration.bins:
        return figure("reliability", title, calibration.sentence)

    def draw(frame: Frame, alt: str) -> str:
        return reliability_svg(calibration, frame, alt=alt)

    says = f"{sentence(calibration.sentence)} {_READING}"
    return figure("reliability", title, says, draw=draw, grid=scores_grid(calibration))
