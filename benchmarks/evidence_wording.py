"""The evidence page in words: one table of all verdicts, then each profile by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.cli.backtest_document import funding_words
from snipersight.cli.stats_words import sentence
from snipersight.domain.wording import MINUS, counted, minute_of, multiple, percent, signed_percent
from snipersight.performance.comparison import as_good_to_settle
from snipersight.performance.verdict import MOST_P_VALUE

if TYPE_CHECKING:
    from snipersight.engine.backtesting.study import Study
    from snipersight.performance.percentiles import Interval
    from snipersight.performance.verdict import Reason

_NONE: Final = "–"
_INTRO: Final = """# Evidence: what the shipped profiles would have brought

Written by one command, and never by hand, whatever it says:

    python -m benchmarks.evidence_page

It runs the five shipped profiles over the recorded years ([what a backtest does and does not](backtests.md)), net of
fees, slippage and funding, with the default settings. Each is compared with
{runs} under the same management, limits and costs{least}.
Every profile that was tried on the same candles counts as a trial of the others. *Too little data* says that nothing is
shown either way; where a whole 95 % range lies below zero, the profile loses on these candles.

**In sample** is January to 5 September 2024: by those months the values of the profiles were chosen, for the number of
plans they make and not for their result. A trade that was open in none of them is **out of sample**: nothing was chosen by
it ([the rule](backtests.md#what-is-out-of-sample)). What is called
an edge has to hold there too. Markets that still trade are recorded, those that vanished are not, which flatters
whatever buys.

What to bear in mind: the sets overlap in time and in markets, so that a good month counts in more than one of them. Sets
of a few months and of one market say little by themselves, whatever their average. Ticks, lots and fees are those that
were known when the rules were written down, not those of every day. Funding is that of the record where there is one,
which is said of each.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a profile shows on a data set.

    Args:
        profile: its name.
        data: name of the set.
        study: what its backtest shows.
    """

    profile: str
    data: str
    study: Study


def page_of(judged: Sequence[Judged], *, random_runs: int) -> str:
    """Return the page as Markdown.

    Args:
        judged: in the order of the data sets.
        random_runs: that were made for each, at the most.
    """
    runs = counted(random_runs, "run") + " with random entries"
    enough = as_good_to_settle(random_runs, MOST_P_VALUE)
    least = (
        f", so that no p is below {1 / (random_runs + 1):.3f};\nonce {enough} of them did as well, "
        "which settles it, the others were not made"
    )
    profiles = sorted({one.profile for one in judged})
    parts = [
        _INTRO.format(runs=runs, least=least if random_runs else ""),
        "## In short\n",
        *_short(judged, profiles),
        *(part for name in profiles for part in _profile(name, judged)),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _short(judged: Sequence[Judged], profiles: Sequence[str]) -> Iterable[str]:
    yield "| Profile | Candles | Closed | Expectancy | 95 % range | Out of sample | Verdict |"
    yield "|---|---|--:|--:|--:|--:|---|"
    for name in profiles:
        for one in judged:
            if one.profile == name:
                trades = one.study.trades
                yield _row(
                    f"`{name}`",
                    one.data,
                    f"{trades.trades:,}",
                    _r(trades.expectancy_r),
                    _range(one.study.ranges.expectancy_r),
                    _r(_out_of_sample(one.study)),
                    f"**{one.study.verdict.finding.value}**",
                )
    yield ""


def _out_of_sample(study: Study) -> float | None:
    """Return the average of the trades out of sample, which the last rule is about."""
    reason: Reason = study.verdict.reasons[-1]
    return reason.measured


def _profile(name: str, judged: Sequence[Judged]) -> Iterable[str]:
    yield f"## `{name}`\n"
    for one in judged:
        if one.profile == name:
            yield from _section(one.data, one.study)


def _section(data: str, study: Study) -> Iterable[str]:
    result = study.result
    span = f"{_day(result.period.start_ms)} to {_day(result.period.end_ms)}"
    yield f"### {name_of(data)}\n"
    yield f"{counted(len(result.markets), 'market')}, {span}. {study.verdict.sentence}\n"
    yield f"{sentence(funding_words(study))}\n"
    yield "| | Value | 95 % range |"
    yield "|---|--:|--:|"
    yield from (_row(*cells) for cells in _figures(study))
    yield ""
    if study.years:
        yield "| Year | Closed | Expectancy | 95 % range | Hit rate | Result |"
        yield "|---|--:|--:|--:|--:|--:|"
        for part in study.years:
            yield _row(
                part.name,
                f"{part.trades:,}",
                _r(part.expectancy_r),
                _range(part.interval),
                _NONE if part.hit_rate is None else percent(part.hit_rate, 1),
                f"{part.result:+,.2f} {result.currency}",
            )
        yield ""


def name_of(data: str) -> str:
    """Return a data set's name as a heading."""
    return data[:1].upper() + data[1:]


def _figures(study: Study) -> Iterable[tuple[str, str, str]]:
    equity, trades, ranges = study.equity, study.trades, study.ranges
    yield "closed trades", f"{trades.trades:,}", f"on {counted(trades.days, 'day')}"
    yield "expectancy", _r(trades.expectancy_r), _range(ranges.expectancy_r)
    yield "out of sample", _r(_out_of_sample(study)), ""
    yield "return", signed_percent(equity.total_return), ""
    yield "Sharpe, annual", _number(equity.sharpe), _numbers(ranges.sharpe)
    deepest = _NONE if equity.deepest is None else percent(equity.deepest.depth)
    yield "deepest drawdown", deepest, ""
    if study.holding is not None:
        held = signed_percent(study.holding.holding.total_return)
        yield "all markets bought and held", held, ""
    if study.random is not None:
        share = f"{study.random.at_least_as_good:,} of {study.random.runs:,}"
        yield "random runs as good", share, f"p = {study.random.p_value:.3f}"
    if study.costs is not None and trades.cost_bp is not None:
        even = study.costs.break_even_bp
        left = f"nothing left at {even:.1f} bp" if even > 0 else "it would have lost for free"
        yield "costs paid", f"{trades.cost_bp:.1f} bp", left


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('-', MINUS, 1) if _is_negative(cell) else cell for cell in cells)} |"


def _is_negative(cell: str) -> bool:
    return cell[:1] == "-" and cell[1:2].isdigit()


def _day(moment_ms: int) -> str:
    return minute_of(moment_ms).partition(" ")[0]


def _r(value: float | None) -> str:
    return _NONE if value is None else multiple(value)


def _range(interval: Interval | None) -> str:
    return "" if interval is None else f"{multiple(interval.low)} to {multiple(interval.high)}"


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:.2f}"


def _numbers(interval: Interval | None) -> str:
    return (
        "" if interval is None else f"{interval.low:.2f} to {interval.high:.2f}".replace("-", MINUS)
    )
