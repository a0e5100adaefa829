"""Figures of what else could have been: random entries, other costs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from snipersight.bot.telemetry.statistics.words import signed_r
from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.stats_grids import Grid
from snipersight.domain.wording import signed_amount

if TYPE_CHECKING:
    from snipersight.charts.evidence.svg import Frame
    from snipersight.engine.backtesting.study import Study

_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def random_figure(study: Study) -> tuple[Figure, ...]:
    """Return the run among those of random entries; nothing where there were none."""
    from snipersight.charts.evidence.comparing import among_random_svg

    random, runs = study.random, study.random_expectancies
    if random is None:
        return ()

    def draw(frame: Frame, alt: str) -> str:
        return among_random_svg(runs, random.measured, frame, alt=alt)

    says = (
        f"Average net R of {random.runs:,} runs that enter at random under the same management, "
        f"limits and costs; {random.at_least_as_good:,} of them did as well as this run"
    )
    quantiles = np.quantile(runs, _SHARES)
    rows = (
        ("this run", signed_r(random.measured)),
        *((f"{share:.0%} of random runs below", signed_r(float(value)))
          for share, value in zip(_SHARES, quantiles, strict=True)),
        ("p-value", f"{random.p_value:.3f}"),
    )  # fmt: skip
    grid = Grid(head=("", "average net R"), rows=rows)
    return (figure("random", "Against random entries", says, draw=draw, grid=grid),)


def costs_figure(study: Study) -> Figure:
    """Return what a trade brings on average at other costs."""
    from snipersight.charts.evidence.comparing import dearer_svg

    costs, paid, title = study.costs, study.trades.cost_bp, "At other costs"
    if costs is None or paid is None:
        return figure("costs", title, "No trade closed")
    start = float(study.result.starting_balance)
    curve = [(one.cost_bp, one.result / start) for one in costs.curve]

    def draw(frame: Frame, alt: str) -> str:
        return dearer_svg(curve, paid, costs.break_even_bp, frame, alt=alt)

    rows = tuple(
        (
            f"× {one.multiple:g}",
            f"{one.cost_bp:.1f} bp",
            signed_r(one.expectancy_r),
            signed_amount(Decimal(one.result)),
        )
        for one in costs.curve
    )
    grid = Grid(
        head=("costs", "of what was traded", "expectancy", f"result, {study.result.currency}"),
        rows=rows,
    )
    says = (
        "What all closed trades would have brought together, of the starting balance, if the same "
        "trades had cost less or more"
    )
    return figure("costs", title, says, draw=draw if paid > 0 else None, grid=grid)
