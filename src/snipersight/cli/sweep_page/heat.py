"""Two parameters against one another: a cell for each pair of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from snipersight.bot.telemetry.statistics.words import signed_r
from snipersight.cli.report_page.parts import Draw, Figure, figure
from snipersight.cli.stats_grids import Grid
from snipersight.domain.wording import counted

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.sweep import Swept
    from snipersight.charts.evidence.svg import Frame
    from snipersight.engine.sweeping.axes import Axis

_ENOUGH: Final = 10  # closed trades; fewer say nothing of a pair of values
_MOST_COLUMNS: Final = 16
_MOST_ROWS: Final = 40
_COLUMN_PX: Final = 56  # what two lines of a cell need
_NAMES_PX: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """All trades of the runs with one pair of values.

    Args:
        runs: how many.
        trades: closed ones of all of them.
        total_r: what they brought together, R.
    """

    runs: int = 0
    trades: int = 0
    total_r: float = 0.0

    @property
    def mean_r(self) -> float | None:
        """Return what a trade brought; None where there are too few to say."""
        return self.total_r / self.trades if self.trades >= _ENOUGH else None


def heat_figures(swept: Swept) -> tuple[Figure, ...]:
    """Return one figure for each pair of neighbouring parameters, or one of the only parameter.

    Of more than two parameters, a cell holds the trades of all runs with its two values, whatever
    the others were: what many runs share shows, and a single lucky one does not.
    """
    axes = [one for one in swept.request.variants.space.axes if len(one.values) > 1]
    if len(axes) < 2:
        return tuple(_figure(swept, "heat", one, None) for one in axes)
    pairs = pairwise(axes)
    return tuple(
        _figure(swept, f"heat-{number}", *_turned(*pair)) for number, pair in enumerate(pairs)
    )


def pooled_by(swept: Swept, down: Axis, across: Axis | None) -> Mapping[tuple[int, int], Pooled]:
    """Return the trades of all runs by the places of their values on two axes.

    Args:
        swept: the sweep.
        down, across: the axes; without the second one all runs are in column 0.
    """
    names = [one.name for one in swept.request.variants.space.axes]
    row, column = names.index(down.name), None if across is None else names.index(across.name)
    found: dict[tuple[int, int], Pooled] = {}
    for trial in swept.trials:
        if trial.run is None:
            continue
        place = trial.choice[row], 0 if column is None else trial.choice[column]
        before = found.get(place, Pooled())
        trades = int(trial.run.metrics["trades"] or 0)
        found[place] = Pooled(
            runs=before.runs + 1,
            trades=before.trades + trades,
            total_r=before.total_r + trades * (trial.run.metrics["expectancy_r"] or 0.0),
        )
    return found


def _turned(one: Axis, other: Axis) -> tuple[Axis, Axis]:
    """Return the longer axis first: a page is longer than it is wide."""
    return (one, other) if len(one.values) >= len(other.values) else (other, one)


def _figure(swept: Swept, key: str, down: Axis, across: Axis | None) -> Figure:
    cells = pooled_by(swept, down, across)
    columns = ("all runs",) if across is None else across.values
    title = down.name if across is None else f"{down.name} against {across.name}"
    inner = len(swept.request.variants.space.axes) - (1 if across is None else 2)
    others = f"; whatever the other {counted(inner, 'parameter')} were" if inner else ""
    side = "" if across is None else f"; down {down.name}, across {across.name}"
    says = (
        f"Average net R of a closed trade and how many closed{side}{others}. A hill of neighbours that "
        "agree means more than one bright cell"
    )
    rows = [
        (value, [cells.get((place, at), Pooled()) for at in range(len(columns))])
        for place, value in enumerate(down.values)
    ]
    is_drawn = len(columns) <= _MOST_COLUMNS and len(rows) <= _MOST_ROWS
    height = _height(len(rows))
    return figure(
        key,
        title,
        says,
        draw=_drawing(rows, columns) if is_drawn else None,
        heights=(height, height),
        grid=Grid(
            head=(down.name, *columns),
            rows=tuple((value, *map(_cell_text, line)) for value, line in rows),
        ),
        is_full=True,
    )


def _drawing(rows: Sequence[tuple[str, Sequence[Pooled]]], columns: Sequence[str]) -> Draw:
    def draw(frame: Frame, alt: str) -> str:
        from snipersight.charts.evidence.heat import Cell, heat_svg

        # On a phone many columns are drawn wider and shrunk as a whole: smaller, but not over
        # one another.
        width = max(frame.width_px, _NAMES_PX + _COLUMN_PX * len(columns))
        drawn = [
            (name, [Cell(n=one.trades, mean=one.mean_r) for one in line]) for name, line in rows
        ]
        return heat_svg(drawn, columns, replace(frame, width_px=width), alt=alt)

    return draw


def _height(rows: int) -> int:
    from snipersight.charts.evidence.heat import CELL_PX, HEAD_PX

    return HEAD_PX + CELL_PX * rows


def _cell_text(cell: Pooled) -> str:
    if not cell.runs:
        return ""
    said = "too few" if cell.mean_r is None else signed_r(cell.mean_r)
    return f"{said}, n {cell.trades:,}"
