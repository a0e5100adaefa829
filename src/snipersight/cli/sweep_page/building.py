"""From a sweep to the page: which figures, in which order, with which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import snipersight
from snipersight.bootstrap.evidence.sweep_reading import about, answers, title_of
from snipersight.cli.backtest_page.account import account_figure, figures_figure, spread_figure
from snipersight.cli.backtest_page.comparing import costs_figure, random_figure
from snipersight.cli.backtest_page.parting import symbols_figure, years_figure
from snipersight.cli.backtest_page.reasons import reasons_figure
from snipersight.cli.report_page.parts import Answer, Figure
from snipersight.cli.report_page.rendering import Page
from snipersight.cli.stats_words import sentence
from snipersight.cli.sweep_document import best_grid
from snipersight.cli.sweep_page.heat import heat_figures
from snipersight.cli.sweep_page.walk import walk_figure
from snipersight.domain.wording import counted, minute_of

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.sweep import Swept

_MOST_RUNS: Final = 50
_NOTES: Final = (
    ("run", "one backtest: one combination of values, over the whole period"),
    ("R", "the loss that was approved for a trade at its stop; +2R is twice that as a gain"),
    ("Sharpe", "mean of daily returns over their deviation, times the root of 365"),
    ("best", "the run with the highest Sharpe ratio of all days; of equals the earlier one"),
    (
        "walk forward",
        "the run that was best in some days, followed through the days after them; and on",
    ),
    (
        "history",
        "all days, each with what the run brought that was best in others; purged cross-validation",
    ),
    ("middle run", "half of the runs did better, half of them worse"),
    (
        "trial",
        "every backtest ever made on these markets and days; the more, the more luck is in the best",
    ),
    ("bp", "basis point, a hundredth of a percent, of what was traded"),
)


def page_of(swept: Swept, *, made_ms: int) -> Page:
    """Return the whole page.

    Args:
        swept: what the sweep shows.
        made_ms: now, milliseconds UTC.
    """
    told = tuple(Answer(question=asked, sentence=sentence(said)) for asked, said in answers(swept))
    return Page(
        title=title_of(swept),
        about=tuple(map(sentence, about(swept))),
        warnings=_warnings(swept),
        answers=told,
        figures=_figures(swept),
        notes=_NOTES,
        made=f"Made {minute_of(made_ms)} UTC by SniperSight {snipersight.__version__}. "
        "What a sweep shows is no promise of what will be.",
    )


def _figures(swept: Swept) -> tuple[Figure, ...]:
    study, closes = swept.judged.study, swept.judged.world.arena.closes
    return (
        reasons_figure(study),
        *heat_figures(swept),
        walk_figure(swept),
        _runs_figure(swept),
        account_figure(study, closes),
        spread_figure(study),
        costs_figure(study),
        *random_figure(study),
        figures_figure(study),
        years_figure(study),
        symbols_figure(study),
    )


def _runs_figure(swept: Swept) -> Figure:
    shown = min(_MOST_RUNS, len(swept.made))
    return Figure(
        key="runs",
        title=f"Best {counted(shown, 'run')} of {len(swept.made):,}",
        says="By the Sharpe ratio of all days, which is what is chosen by. What follows below is of "
        "the first one.",
        grid=best_grid(swept, most=_MOST_RUNS),
        is_full=True,
    )


def _warnings(swept: Swept) -> tuple[str, ...]:
    unread = (f"{symbol} could not be read: {reason}" for symbol, reason in swept.unread)
    failed = (
        f"{', '.join(swept.request.variants.names(one.choice))} failed: {one.failure}"
        for one in swept.failed
    )
    return tuple(map(sentence, (*unread, *failed)))
