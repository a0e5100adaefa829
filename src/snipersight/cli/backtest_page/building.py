"""From a study to the page: which figures, in which order, with which words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import snipersight
from snipersight.cli.backtest_document import study_document
from snipersight.cli.backtest_page.account import (
    account_figure,
    figures_figure,
    months_figure,
    spread_figure,
)
from snipersight.cli.backtest_page.comparing import costs_figure, random_figure
from snipersight.cli.backtest_page.parting import (
    regimes_figure,
    symbols_figure,
    walk_figure,
    years_figure,
)
from snipersight.cli.backtest_page.reasons import funnel_figure, reasons_figure
from snipersight.cli.backtest_page.trades import trade_figures
from snipersight.cli.report_page.parts import Answer, Figure
from snipersight.cli.report_page.rendering import Page
from snipersight.cli.stats_words import sentence
from snipersight.domain.wording import counted, minute_of, multiple, percent, signed_percent

if TYPE_CHECKING:
    from snipersight.engine.backtesting.arena import Arena
    from snipersight.engine.backtesting.study import Study

_NOTES: Final = (
    ("R", "the loss that was approved for a trade at its stop; +2R is twice that as a gain"),
    ("expectancy", "average result of a closed trade in R, after fees, slippage and funding"),
    ("95 % range", "where a figure lies with 95 % confidence, resampled by days"),
    ("drawdown", "how far the account, marked every day, is below the highest it has been"),
    ("Sharpe", "mean of daily returns over their deviation, times the root of 365"),
    (
        "trial",
        "a backtest over the same markets and time; the more were made, the more luck is in one",
    ),
    ("held", "all markets bought in equal parts on the first day and kept, free of costs"),
    ("bp", "basis point, a hundredth of a percent, of what was traded"),
)


def page_of(
    study: Study, arena: Arena, profile: str, *, made_ms: int, remarks: Sequence[str] = ()
) -> Page:
    """Return the whole page.

    Args:
        study: what the backtest shows.
        arena: its markets, which trades are drawn on.
        profile: its name.
        made_ms: now, milliseconds UTC.
        remarks: what the reader should know of the candles.
    """
    told = study_document(study, profile, remarks)
    return Page(
        title=told.title,
        about=tuple(map(sentence, told.about)),
        answers=_answers(study),
        figures=_figures(study, arena),
        notes=_NOTES,
        made=f"Made {minute_of(made_ms)} UTC by SniperSight {snipersight.__version__}. "
        "What a backtest shows is no promise of what will be.",
    )


def _figures(study: Study, arena: Arena) -> tuple[Figure, ...]:
    return (
        reasons_figure(study),
        account_figure(study, arena.closes),
        months_figure(study),
        spread_figure(study),
        costs_figure(study),
        *random_figure(study),
        figures_figure(study),
        walk_figure(study),
        years_figure(study),
        regimes_figure(study),
        symbols_figure(study),
        *trade_figures(study, arena.closes.candles),
        funnel_figure(study),
    )


def _answers(study: Study) -> tuple[Answer, ...]:
    answers = [("Does it show an edge?", study.verdict.sentence), _grown(study), _traded(study)]
    if study.holding is not None:
        held = study.holding.holding
        deepest = "" if held.deepest is None else f", {percent(held.deepest.depth)} down in between"
        said = f"All markets bought and held came to {signed_percent(held.total_return)}{deepest}"
        answers.append(("And without doing anything?", said))
    if study.costs is not None:
        answers.append(_paid(study))
    return tuple(Answer(question=asked, sentence=sentence(said)) for asked, said in answers)


def _grown(study: Study) -> tuple[str, str]:
    equity = study.equity
    fell = "it never fell below an earlier mark"
    if equity.deepest is not None:
        fell = f"at worst it stood {percent(equity.deepest.depth)} below its best"
    grew = f"{signed_percent(equity.total_return)} in {counted(equity.days, 'day')}"
    return "What became of the account?", f"{grew}; {fell}"


def _traded(study: Study) -> tuple[str, str]:
    trades = study.trades
    asked = "What did a trade bring?"
    if trades.expectancy_r is None or trades.hit_rate is None:
        return asked, "No trade closed"
    said = f"{multiple(trades.expectancy_r)} on average of {counted(trades.trades, 'closed trade')}"
    return asked, f"{said}; {percent(trades.hit_rate, 0)} of them ended above zero"


def _paid(study: Study) -> tuple[str, str]:
    costs, paid = study.costs, study.trades.cost_bp
    asked = "Would it stand dearer costs?"
    if costs is None or paid is None:
        return asked, "Nothing was paid"
    if costs.break_even_bp <= 0:
        return asked, f"It paid {paid:.1f} bp, and would have lost for free as well"
    return asked, (
        f"It paid {paid:.1f} bp of what was traded; at {costs.break_even_bp:.1f} bp nothing is left"
    )
