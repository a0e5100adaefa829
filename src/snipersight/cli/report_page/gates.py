"""Figures of what is refused: how candidates ended, and what refused signals would have done."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.stats_grids import funnel_grid, gates_grid
from snipersight.domain.decision import Stage
from snipersight.domain.statistics import Funnel, GateWorth

if TYPE_CHECKING:
    from snipersight.charts.evidence.bars import Share
    from snipersight.charts.evidence.svg import Frame

_MOST_NAMES: Final = 4  # of one stage in the picture; the table has them all
_MOST_GATES: Final = 12


def funnel_figure(funnel: Funnel, *, is_full: bool) -> Figure:
    """Return how candidates ended, stage by stage, each against those that came as far."""
    from snipersight.charts.evidence.bars import ROW_PX, shares_svg

    title = "How candidates ended"
    if not funnel.candidates:
        return figure("funnel", title, funnel.sentence, is_full=is_full)
    shares = _shares(funnel)

    def draw(frame: Frame, alt: str) -> str:
        return shares_svg(shares, frame, alt=alt)

    height = ROW_PX * len(shares)
    grid = funnel_grid(funnel)
    return figure(
        "funnel",
        title,
        funnel.sentence,
        draw=draw,
        heights=(height, height),
        grid=grid,
        is_full=is_full,
    )


def _shares(funnel: Funnel) -> list[Share]:
    """Return a bar a stage, and below it one for each of its most frequent names."""
    from snipersight.charts.evidence.bars import Share

    shares: list[Share] = []
    for stage, found in groupby(funnel.stages, key=lambda one: one.stage):
        parts = list(found)
        count, of = sum(one.count for one in parts), parts[0].denominator
        shares.append(
            Share(
                name=stage.replace("_", " "),
                count=count,
                words=f"{count:,} of {of:,}",
                is_good=stage == Stage.APPROVED.value,
            )
        )
        named = [one for one in parts if one.name]
        shares += [
            Share(name=one.name, count=one.count, words=f"{one.count:,}", is_inner=True)
            for one in named[:_MOST_NAMES]
        ]
        if len(named) > _MOST_NAMES:
            rest = sum(one.count for one in named[_MOST_NAMES:])
            name = f"{len(named) - _MOST_NAMES} others"
            shares.append(Share(name=name, count=rest, words=f"{rest:,}", is_inner=True))
    return shares


def gates_figure(gates: Sequence[GateWorth]) -> Figure:
    """Return by how much approved signals do better than those that each gate refused."""
    from snipersight.charts.evidence.intervals import FRAME_PX, ROW_PX, Estimate, estimates_svg

    title = "Does each gate earn its keep?"
    if not gates:
        return figure("gates", title, "No refused signal is followed yet")
    estimates = [
        Estimate(
            name=one.gate,
            words=f"n {one.closed:,}" + ("" if one.difference is not None else ", too few"),
            mean=one.difference,
            low=one.low,
            high=one.high,
        )
        for one in gates[:_MOST_GATES]
    ]

    def draw(frame: Frame, alt: str) -> str:
        return estimates_svg(estimates, frame, alt=alt)

    says = (
        "Approved less refused signals, average net R by the model, each refused signal taken "
        "alone: right of zero the gate keeps out what is worse"
    )
    height = FRAME_PX + ROW_PX * len(estimates)
    is_drawn = any(one.mean is not None for one in estimates)
    return figure(
        "gates",
        title,
        says,
        draw=draw if is_drawn else None,
        heights=(height, height),
        grid=gates_grid(gates),
        is_full=True,
    )
