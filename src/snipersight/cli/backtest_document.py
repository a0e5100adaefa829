"""What a backtest shows, in sentences and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from snipersight.cli.stats_document import Document, Section
from snipersight.cli.stats_grids import Grid
from snipersight.domain import wording as texts
from snipersight.domain.wording import counted, multiple, percent
from snipersight.engine.evidence import FUNDING_RATE

if TYPE_CHECKING:
    from snipersight.engine.backtesting.study import Study
    from snipersight.performance.breakdown import Part
    from snipersight.performance.drawdowns import Drawdown
    from snipersight.performance.percentiles import Interval

_NONE: Final = "–"


def study_document(study: Study, profile: str, remarks: Sequence[str] = ()) -> Document:
    """Return what a terminal shows of a backtest: verdict first, then figures and comparisons.

    Args:
        study: of the backtest.
        profile: its name.
        remarks: what the reader should know of the candles.
    """
    result = study.result
    span = f"{texts.minute_of(result.period.start_ms)} to {texts.minute_of(result.period.end_ms)}"
    began = f"{texts.amount_text(result.starting_balance)} {result.currency}"
    return Document(
        title=f"Backtest of {profile} on {counted(len(result.markets), 'market')}",
        about=(
            f"{span} UTC, {counted(result.bars, 'bar')}, from {began}",
            "net of fees, slippage and funding; stop first where a bar touches both",
            *remarks,
            funding_words(study),
            *_halts(study),
        ),
        answers=(("Does it show an edge?", study.verdict.sentence),),
        sections=(
            _account(study),
            _trades(study),
            *_comparisons(study),
            *_parts("By year", study.years),
            *_parts("By regime", study.regimes),
            _funnel(study),
        ),
    )


def funding_words(study: Study) -> str:
    """Return at which rates funding was counted, and how much of it."""
    used = study.result.funding
    stated = f"{percent(FUNDING_RATE)} every 8 hours, whichever the side"
    if not used.recorded and not used.assumed:
        return "no funding was due"
    if not used.recorded:
        return f"funding: no record, all {counted(used.assumed, 'payment')} at {stated}"
    told = f"funding: {counted(used.recorded, 'payment')} at recorded rates"
    return f"{told}, {used.assumed:,} without a record at {stated}" if used.assumed else told


def _halts(study: Study) -> tuple[str, ...]:
    """Return how often the account stood still until a person lifted a breaker."""
    lifted, standing = study.result.rearmed_ms, study.result.standing
    told = []
    if lifted:
        told.append(f"a breaker that waits for a person was lifted {counted(len(lifted), 'time')}")
    for one in standing.tripped:
        since = texts.minute_of(one.tripped_us // 1000)
        told.append(f"{one.name.value} holds since {since}: {one.sentence}")
    return tuple(told)


def _account(study: Study) -> Section:
    equity, ranges = study.equity, study.ranges
    rows = (
        ("return", texts.signed_percent(equity.total_return), ""),
        ("CAGR", _percent(equity.cagr), _range(ranges.cagr, percent)),
        ("Sharpe, annual", _number(equity.sharpe), _range(ranges.sharpe, _number)),
        ("Sortino, annual", _number(equity.sortino), ""),
        ("Calmar", _number(equity.calmar), ""),
        ("deepest drawdown", *_drawdown(equity.deepest)),
        ("longest drawdown", *_drawdown(equity.longest)),
    )
    return Section(title="Account", grid=Grid(head=("", "value", "95 % range"), rows=rows))


def _trades(study: Study) -> Section:
    trades, ranges = study.trades, study.ranges
    rows = (
        ("closed", f"{trades.trades:,}", f"on {counted(trades.days, 'day')}"),
        ("sent", f"{len(study.result.trades):,}", ""),
        (
            "expectancy",
            _NONE if trades.expectancy_r is None else multiple(trades.expectancy_r),
            _range(ranges.expectancy_r, multiple),
        ),
        ("hit rate", _percent(trades.hit_rate), ""),
        ("profit factor", _number(trades.profit_factor), ""),
        ("time in the market", _percent(trades.exposure), ""),
        ("turnover", _NONE if trades.turnover is None else f"{trades.turnover:.1f} a year", ""),
        ("costs paid", f"{trades.costs:,.2f} {study.result.currency}", _bp(trades.cost_bp)),
    )
    return Section(title="Trades", grid=Grid(head=("", "value", "95 % range"), rows=rows))


def _comparisons(study: Study) -> tuple[Section, ...]:
    rows = []
    if study.holding is not None:
        holding = study.holding.holding
        rows.append(("all markets bought and held", texts.signed_percent(holding.total_return)))
        rows.append(("its deepest drawdown", _drawdown(holding.deepest)[0]))
    if study.random is not None:
        random = study.random
        rows.append((f"median of {random.runs:,} random runs", _r(random.median)))
        share = percent(random.at_least_as_good / random.runs, 1)
        as_good = f"{random.at_least_as_good:,} ({share}), p = {random.p_value:.3f}"
        rows.append(("of them at least as good", as_good))
    if study.costs is not None:
        rows.append(("costs at which nothing is left", _bp(study.costs.break_even_bp)))
    if not rows:
        return ()
    grid = Grid(head=("", "value"), rows=tuple(rows))
    return (Section(title="Compared with", grid=grid),)


def _parts(title: str, parts: Iterable[Part]) -> tuple[Section, ...]:
    rows = tuple(
        (
            part.name,
            f"{part.trades:,}",
            _r(part.expectancy_r),
            _range(part.interval, multiple),
            _percent(part.hit_rate),
            f"{part.result:+,.2f}",
        )
        for part in parts
    )
    head = ("", "closed", "expectancy", "95 % range", "hit rate", "result")
    return (Section(title=title, grid=Grid(head=head, rows=rows)),) if rows else ()


def _funnel(study: Study) -> Section:
    counts = sorted(study.result.funnel.items(), key=lambda item: (-item[1], item[0]))
    rows = tuple((name, f"{count:,}") for name, count in counts if count)
    return Section(title="How candidates ended", grid=Grid(head=("", "candidates"), rows=rows))


def _range(interval: Interval | None, write: Callable[[float], str]) -> str:
    if interval is None:
        return ""
    return f"{write(interval.low)} to {write(interval.high)}"


def _drawdown(drawdown: Drawdown | None) -> tuple[str, str]:
    if drawdown is None:
        return _NONE, ""
    until = "not recovered" if drawdown.recovered_ms is None else "recovered"
    return percent(drawdown.depth), f"{counted(drawdown.days, 'day')}, {until}"


def _percent(value: float | None) -> str:
    return _NONE if value is None else percent(value)


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:.2f}"


def _r(value: float | None) -> str:
    return _NONE if value is None else multiple(value)


def _bp(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} bp of what was traded"
