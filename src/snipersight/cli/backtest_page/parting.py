"""Figures of where a result comes from: stretches of time, years, regimes, markets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from snipersight.bot.telemetry.statistics.words import signed_r
from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.stats_grids import Grid
from snipersight.domain.evidence_columns import Names
from snipersight.domain.wording import counted, minute_of, multiple, percent
from snipersight.engine.backtesting.measuring import closed_trades, equity_of
from snipersight.performance.breakdown import by_name
from snipersight.performance.splits import judged_mask, walk_forward

if TYPE_CHECKING:
    from snipersight.charts.evidence.svg import Frame
    from snipersight.engine.backtesting.study import Study
    from snipersight.performance.breakdown import Part

_TEST_DAYS: Final = 91
_LEAST_WINDOWS: Final = 2
_HEAD: Final = ("", "closed", "expectancy", "95 % range", "hit rate", "result")


def walk_figure(study: Study) -> Figure:
    """Return one window after the other: each is judged by itself, as if it were the future."""
    title = "Walk forward"
    parts = walked(study)
    if not parts:
        return figure("walk", title, f"The period is shorter than {2 * _TEST_DAYS} days")
    gains = sum(part.result > 0 for part in parts)
    says = (
        f"Average net R in windows of {_TEST_DAYS} days, one after the other, the first as long "
        f"left out; nothing was chosen by any of them. {gains} of {len(parts)} ended above zero"
    )
    return _parts_figure("walk", title, says, parts)


def walked(study: Study) -> tuple[Part, ...]:
    """Return the trades by window of a walk through the period; none where it is too short.

    A window without a trade is left out.
    """
    closed, period = closed_trades(study.result), equity_of(study.result).period
    if period.days < _LEAST_WINDOWS * _TEST_DAYS:
        return ()
    names = [""] * len(closed)
    for fold in walk_forward(period, train_days=_TEST_DAYS, test_days=_TEST_DAYS, is_anchored=True):
        name = minute_of(fold.test[0].start_ms).partition(" ")[0]
        for place in judged_mask(closed, fold).nonzero()[0]:
            names[place] = name
    return tuple(part for part in by_name(closed, Names.of(names), period) if part.name)


def years_figure(study: Study) -> Figure:
    """Return what each year brought."""
    says = "Average net R of the trades that were opened in a year"
    return _parts_figure("years", "Years", says, study.years)


def regimes_figure(study: Study) -> Figure:
    """Return what each regime brought."""
    says = "Average net R by the market's regime when a trade was decided"
    return _parts_figure("regimes", "Regimes", says, study.regimes)


def symbols_figure(study: Study) -> Figure:
    """Return what each market brought, best first."""
    closed = closed_trades(study.result)
    parts = by_name(closed, closed.symbol, equity_of(study.result).period)
    ordered = sorted(parts, key=lambda part: (-part.result, part.name))
    says = (
        f"Average net R of {counted(len(parts), 'market')}, by what each brought together; among "
        "many one does well by chance"
    )
    return _parts_figure("symbols", "Markets", says, ordered, is_full=True)


def _parts_figure(
    key: str, title: str, says: str, parts: Sequence[Part], *, is_full: bool = False
) -> Figure:
    from snipersight.charts.evidence.intervals import FRAME_PX, ROW_PX, Estimate, estimates_svg

    if not parts:
        return figure(key, title, "No trade closed", is_full=is_full)
    estimates = [
        Estimate(
            name=part.name,
            words=f"n {part.trades:,}" + ("" if part.interval is not None else ", too few"),
            mean=None if part.interval is None else part.expectancy_r,
            low=None if part.interval is None else part.interval.low,
            high=None if part.interval is None else part.interval.high,
        )
        for part in parts
    ]

    def draw(frame: Frame, alt: str) -> str:
        return estimates_svg(estimates, frame, alt=alt)

    height = FRAME_PX + ROW_PX * len(parts)
    is_drawn = any(one.mean is not None for one in estimates)
    return figure(
        key,
        title,
        says,
        draw=draw if is_drawn else None,
        heights=(height, height),
        grid=Grid(head=_HEAD, rows=tuple(map(_cells, parts))),
        is_full=is_full,
    )


def _cells(part: Part) -> tuple[str, ...]:
    interval = part.interval
    return (
        part.name,
        f"{part.trades:,}",
        "–" if part.expectancy_r is None else signed_r(part.expectancy_r),
        "" if interval is None else f"{multiple(interval.low)} to {multiple(interval.high)}",
        "–" if part.hit_rate is None else percent(part.hit_rate),
        f"{part.result:+,.2f}",
    )
