"""Figures of where a result comes from: stretches of time, years, regimes, markets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from snipersight.bot.telemetry.statistics.words import signed_r
from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.stats_grids import Grid
from snipersight.domain.evidence_columns import Names
from snipersight.domain.wording import counted, minute_of, multiple, percent, signed_amount
from snipersight.engine.backtesting.measuring import closed_trades, equity_of
from snipersight.performance.breakdown import by_name
from snipersight.performance.splits import judged_mask, walk_forward

if TYPE_CHECKING:
    from snipersight.charts.evidence.svg import Frame
    from snipersight.engine.backtesting.study import Study
    from snipersight.performance.breakdown import Part

_WINDOWS: Final = (30, 91, 182, 365)  # days
_TRADES_A_WINDOW: Final = 40
_HEAD: Final = ("", "closed", "expectancy", "95 % range", "hit rate", "result")


def walk_figure(study: Study) -> Figure:
    """Return one window after the other: each is judged by itself, as if it were the future."""
    title, days = "Walk forward", window_days(study)
    if days is None:
        return figure(
            "walk", title, f"The period is shorter than {2 * _WINDOWS[0]} days", is_full=True
        )
    parts = walked(study, days)
    gains = sum(part.result > 0 for part in parts)
    says = (
        f"Average net R in windows of {days} days, one after the other. The first as long, which a "
        f"choice would be made by, is left out, and nothing was chosen by any. {gains} of "
        f"{len(parts)} ended above zero"
    )
    return _parts_figure("walk", title, says, parts, is_full=True)


def window_days(study: Study) -> int | None:
    """Return the shortest window that many trades fall into; None where no two fit."""
    period, closed = equity_of(study.result).period, len(closed_trades(study.result))
    fitting = [days for days in _WINDOWS if 2 * days <= period.days]
    enough = [days for days in fitting if closed * days / period.days >= _TRADES_A_WINDOW]
    return next(iter(enough), fitting[-1]) if fitting else None


def walked(study: Study, days: int) -> tuple[Part, ...]:
    """Return the trades by window of a walk through the period, oldest first.

    A window without a trade is left out.

    Args:
        study: of the backtest.
        days: length of a window; at least two fit into the period.
    """
    closed, period = closed_trades(study.result), equity_of(study.result).period
    parts: list[Part] = []
    for fold in walk_forward(period, train_days=days, test_days=days, is_anchored=True):
        trades, (window,) = closed.where(judged_mask(closed, fold)), fold.test
        name = minute_of(window.start_ms).partition(" ")[0]
        parts += by_name(trades, Names.of([name] * len(trades)), window)
    return tuple(parts)


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
        signed_amount(Decimal(part.result)),
    )
