"""Figures of single trades on their candles: the best and the worst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from snipersight.bot.telemetry.statistics.words import signed_r
from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.stats_grids import Grid
from snipersight.domain.evidence import OutcomeStatus
from snipersight.domain.units import plain
from snipersight.domain.wording import minute_of, multiple

if TYPE_CHECKING:
    from snipersight.charts.evidence.svg import Frame
    from snipersight.charts.evidence.trade_candles import DrawnTrade
    from snipersight.domain.candles import Candles
    from snipersight.domain.units import Symbol
    from snipersight.engine.backtesting.results import BacktestTrade
    from snipersight.engine.backtesting.study import Study

EACH: Final = 5
_BEFORE: Final = 0.6  # of the trade's length, shown before it
_LEAST_BARS: Final = 24
_BARS_AFTER: Final = 5


def trade_figures(study: Study, candles: Mapping[Symbol, Candles]) -> tuple[Figure, ...]:
    """Return the best and the worst closed trades on their candles, the best first.

    Args:
        study: of the backtest.
        candles: of its markets, those that trades were decided on.
    """
    closed = [one for one in study.result.trades if one.outcome.status is OutcomeStatus.CLOSED]
    ordered = sorted(closed, key=lambda one: (-one.outcome.net_r, one.plan.plan_id))
    best, worst = ordered[:EACH], ordered[EACH:][-EACH:][::-1]
    named = [("Best", place, one) for place, one in enumerate(best, start=1)]
    named += [("Worst", place, one) for place, one in enumerate(worst, start=1)]
    return tuple(_figure(kind, place, one, candles[one.plan.symbol]) for kind, place, one in named)


def _figure(kind: str, place: int, trade: BacktestTrade, candles: Candles) -> Figure:
    from snipersight.charts.evidence.trade_candles import trade_svg

    plan, outcome = trade.plan, trade.outcome
    drawn = drawn_trade(trade)
    bars = _around(candles, drawn)

    def draw(frame: Frame, alt: str) -> str:
        return trade_svg(bars, drawn, frame, alt=alt)

    side, how = plan.direction.value.lower(), outcome.ending.value.replace("_", " ")
    says = (
        f"{plan.symbol} {side}, {plan.timeframe.name}, {minute_of(drawn.decided_ms)} to "
        f"{minute_of(outcome.ended_ms)}; ended by {how}, once {multiple(outcome.mae_r)} against "
        f"it and {multiple(outcome.mfe_r)} for it"
    )
    drawing = figure(
        f"{kind.lower()}-{place}",
        f"{kind} {place}: {signed_r(outcome.net_r)}",
        says,
        draw=draw,
        heights=(280, 260),
        grid=_deals_grid(trade),
    )
    return replace(drawing, note=plan.rationale)


def drawn_trade(trade: BacktestTrade) -> DrawnTrade:
    """Return a trade as it is drawn: from its decision to its end."""
    from snipersight.charts.evidence.trade_candles import Deal, DrawnTrade

    plan, steps = trade.plan, trade.steps
    decided_ms = int(plan.created_at.timestamp() * 1000)
    stops = [(decided_ms, float(plan.stop_loss.price))]
    deals: list[Deal] = []
    for one in steps:
        if one.stop != stops[-1][1]:
            stops.append((one.at_ms, one.stop))
        if one.entered > 0:
            price = one.entry_value / one.entered
            deals.append(Deal(at_ms=one.at_ms, price=price, is_entry=True))
        if one.closed > 0:
            price = one.proceeds / one.closed
            deals.append(Deal(at_ms=one.at_ms, price=price, is_entry=False))
    return DrawnTrade(
        is_long=plan.direction.sign > 0,
        decided_ms=decided_ms,
        ended_ms=trade.outcome.ended_ms,
        near=float(plan.entry_near),
        far=float(plan.entry_far),
        stops=tuple(stops),
        targets=tuple(float(one.price) for one in plan.targets),
        deals=tuple(deals),
    )


def _around(candles: Candles, trade: DrawnTrade) -> Candles:
    """Return the candles of a trade and some before and after it."""
    step_ms = candles.timeframe.duration_ms
    length_ms = max(trade.ended_ms - trade.decided_ms, _LEAST_BARS * step_ms)
    start_ms = trade.decided_ms - int(_BEFORE * length_ms) - _LEAST_BARS * step_ms
    return candles.between(start_ms, trade.ended_ms + _BARS_AFTER * step_ms)


def _deals_grid(trade: BacktestTrade) -> Grid:
    plan = trade.plan
    levels: Sequence[tuple[str, str]] = (
        ("entry zone", f"{plain(plan.entry_near)} to {plain(plan.entry_far)}"),
        ("stop", plain(plan.stop_loss.price)),
        *((f"target {at}", plain(one.price)) for at, one in enumerate(plan.targets, start=1)),
    )
    deals = (
        (
            f"{'in' if one.is_entry else 'out'}, {minute_of(one.at_ms)}",
            f"{one.price:.6g}",
        )
        for one in drawn_trade(trade).deals
    )
    score = ("score", f"{plan.confluence.score:.0f}, tier {plan.confluence.tier}")
    rows = (*levels, *deals, score, ("regime", plan.regime.value))
    return Grid(head=("", "price"), rows=rows)
