"""Figures of when and where: regimes and hours of the day as heat maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import DAY_MS
from snipersight.bot.telemetry.statistics.expectancies import expectancies_of
from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.stats_grids import Grid, mean_text
from snipersight.domain.regime import Regime
from snipersight.domain.statistics import ENOUGH, Expectancy

if TYPE_CHECKING:
    from snipersight.charts.evidence.heat import Cell
    from snipersight.charts.evidence.svg import Frame
    from snipersight.domain.evidence_columns import EvidenceTable, Mask

_HOUR_MS: Final = 3_600_000
_HOURS: Final = 24
_HOURS_A_ROW: Final = 6
_BOTH: Final = "both"
_STRIPED: Final = (
    f"Striped cells have fewer than {ENOUGH.closed} closed signals on {ENOUGH.days} days: "
    "too few to say"
)


def regimes_figure(told: EvidenceTable) -> Figure:
    """Return what approved signals bring by regime and direction."""
    from snipersight.charts.evidence.heat import CELL_PX, HEAD_PX, heat_svg

    names = _regimes(told)
    present = sorted(told.direction.counts())
    sides = present if len(present) == 1 else [*present, _BOTH]
    title, says = "Regime and direction", f"Average net R of closed signals. {_STRIPED}"
    if not names:
        return figure("regimes", title, "No approved signal yet")
    masks = [
        [told.regime.equal(name) & (told.direction.equal(side) | (side == _BOTH)) for side in sides]
        for name in names
    ]
    table = [[_expectancy(told, mask) for mask in row] for row in masks]
    rows = [
        (name or "unknown", [_cell(one) for one in row])
        for name, row in zip(names, table, strict=True)
    ]

    def draw(frame: Frame, alt: str) -> str:
        return heat_svg(rows, sides, frame, alt=alt)

    cells = tuple(
        (name or "unknown", side, f"{one.n:,}", mean_text(one))
        for name, row in zip(names, table, strict=True)
        for side, one in zip(sides, row, strict=True)
    )
    height = HEAD_PX + CELL_PX * len(rows)
    grid = Grid(head=("regime", "side", "closed", "expectancy"), rows=cells, words=2)
    return figure("regimes", title, says, draw=draw, heights=(height, height), grid=grid)


def _regimes(told: EvidenceTable) -> list[str]:
    """Return the regimes there are, in the order of their definition."""
    known = [regime.value for regime in Regime]
    present = told.regime.counts()
    return [name for name in known if name in present] + sorted(set(present) - set(known))


def _expectancy(told: EvidenceTable, mask: Mask) -> Expectancy:
    return expectancies_of(told, np.where(mask, 0, -1), 1).each[0]


def hours_figure(told: EvidenceTable) -> Figure:
    """Return what approved signals bring by the hour (UTC) of their decision."""
    from snipersight.charts.evidence.heat import CELL_PX, heat_svg

    title = "Hour of the decision, UTC"
    says = f"Average net R of closed signals. {_STRIPED}"
    if not len(told):
        return figure("hours", title, "No approved signal yet")
    hours = (told.decided_ms % DAY_MS) // _HOUR_MS
    each = expectancies_of(told, hours, _HOURS).each
    cells = [_cell(one, name=f"{hour:02d}") for hour, one in enumerate(each)]
    rows = [("", cells[at : at + _HOURS_A_ROW]) for at in range(0, _HOURS, _HOURS_A_ROW)]

    def draw(frame: Frame, alt: str) -> str:
        return heat_svg(rows, (), frame, alt=alt)

    lines = tuple(_line(hour, one) for hour, one in enumerate(each) if one.n)
    height = CELL_PX * len(rows)
    grid = Grid(head=("hour", "closed", "expectancy"), rows=lines)
    return figure("hours", title, says, draw=draw, heights=(height, height), grid=grid)


def _line(hour: int, one: Expectancy) -> tuple[str, str, str]:
    return (f"{hour:02d}", f"{one.n:,}", mean_text(one))


def _cell(one: Expectancy, *, name: str = "") -> Cell:
    from snipersight.charts.evidence.heat import Cell

    return Cell(n=one.n, mean=one.mean_r, name=name)
