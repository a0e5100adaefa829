"""What a sweep shows, in sentences and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.evidence.sweep_reading import YEAR_DAYS, about, answers, title_of
from snipersight.cli.stats_document import Document, Section
from snipersight.cli.stats_grids import Grid
from snipersight.cli.stats_words import sentence
from snipersight.domain.wording import MINUS, counted, minute_of, multiple, percent, signed_percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from snipersight.bootstrap.evidence.sweep import Swept
    from snipersight.bootstrap.evidence.sweep_campaign import Trial
    from snipersight.engine.sweeping.choosing import FoldChoice

_SHOWN: Final = 10
_NONE: Final = "–"
_FIGURES: Final = ("Sharpe", "return", "drawdown", "closed", "expectancy", "hit rate")


def sweep_document(swept: Swept) -> Document:
    """Return what a terminal shows of a sweep: the verdict first, then the best runs and the walk."""
    return Document(
        title=title_of(swept),
        about=about(swept),
        answers=tuple((asked, sentence(said)) for asked, said in answers(swept)),
        sections=(_best(swept), *_walk(swept)),
        remarks=(
            "Who tries many finds one by luck: the verdict counts every trial on these candles.",
        ),
    )


def best_grid(swept: Swept, *, most: int) -> Grid:
    """Return the best runs as a table, the best first.

    Args:
        swept: the sweep.
        most: how many.
    """
    axes = swept.request.variants.space.axes
    made = [swept.trials[place] for place in swept.made]
    ranked = sorted(made, key=_rank)[:most]
    return Grid(
        head=("run", *(one.name for one in axes), *_FIGURES),
        rows=tuple(_cells(swept, one) for one in ranked),
        words=1 + len(axes),
        extras=2,
    )


def walk_grid(swept: Swept) -> Grid:
    """Return what was chosen in each window and what came of it, as a table."""
    return Grid(
        head=(
            "judged from",
            "to",
            "chosen",
            "Sharpe before",
            "Sharpe then",
            "return",
            "middle run",
            "beat",
        ),
        rows=tuple(_fold_cells(swept, one) for one in swept.judged.folds),
        words=3,
    )


def _best(swept: Swept) -> Section:
    shown = min(_SHOWN, len(swept.made))
    return Section(
        title=f"Best {counted(shown, 'run')} of {len(swept.made):,}",
        says="By the Sharpe ratio of all days, which is what is chosen by; no verdict by itself.",
        grid=best_grid(swept, most=_SHOWN),
    )


def _walk(swept: Swept) -> tuple[Section, ...]:
    if not swept.judged.folds:
        return ()
    return (
        Section(
            title="Walk forward",
            says="The best run of the days before each window, and what it did in the window.",
            grid=walk_grid(swept),
        ),
    )


def _rank(trial: Trial) -> float:
    sharpe = None if trial.run is None else trial.run.metrics["sharpe"]
    return -(sharpe or 0.0)  # what never varied has none, and counts as nothing won or lost


def _cells(swept: Swept, trial: Trial) -> tuple[str, ...]:
    return (
        str(swept.trials.index(trial) + 1),
        *swept.request.variants.space.values(trial.choice),
        _figure(trial, "sharpe", _ratio),
        _figure(trial, "total_return", signed_percent),
        _figure(trial, "deepest_drawdown", percent),
        _figure(trial, "trades", "{:,.0f}".format),
        _figure(trial, "expectancy_r", multiple),
        _figure(trial, "hit_rate", percent),
    )


def _figure(trial: Trial, name: str, write: Callable[[float], str]) -> str:
    value = None if trial.run is None else trial.run.metrics[name]
    return _NONE if value is None else write(value)


def _fold_cells(swept: Swept, fold: FoldChoice) -> tuple[str, ...]:
    (window,) = fold.fold.test
    chosen = swept.trials[swept.made[fold.chosen]]
    return (
        _day(window.start_ms),
        _day(window.end_ms),
        ", ".join(swept.request.variants.space.values(chosen.choice)),
        _ratio(fold.train_sharpe * YEAR_DAYS**0.5),
        _ratio(fold.test_sharpe * YEAR_DAYS**0.5),
        signed_percent(fold.test_return),
        signed_percent(fold.middle_return),
        percent(fold.better, 0),
    )


def _ratio(value: float) -> str:
    return f"{value:.2f}".replace("-", MINUS)


def _day(time_ms: int) -> str:
    return minute_of(time_ms).partition(" ")[0]
