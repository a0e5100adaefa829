"""What choosing anew brought, window after window, on days that the choice had not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.sweep_document import walk_grid
from snipersight.domain.wording import counted

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.sweep import Swept
    from snipersight.charts.evidence.svg import Frame
    from snipersight.domain.evidence_columns import Integers, Numbers
    from snipersight.performance.splits import Fold


def walk_figure(swept: Swept) -> Figure:
    """Return the growth of the runs that were chosen, one after the other, beside the middle one."""
    title, folds = "Walk forward", swept.judged.folds
    if not folds:
        says = "The period is too short to choose by some of its days and judge by others"
        return figure("walk", title, says, is_full=True)
    days, chosen, middle = walked_growth(swept)

    def draw(frame: Frame, alt: str) -> str:
        from snipersight.charts.evidence.account import Growth, account_svg

        return account_svg(
            days,
            Growth(name="chosen", growth=chosen),
            Growth(name="middle", growth=middle),
            frame,
            alt=alt,
        )

    says = (
        f"In each of {counted(len(folds), 'window')} the run that was best in the days before it, on "
        "days that nothing had been chosen by; beside it the run that then was in the middle of all. "
        "Below, how far it was under its best"
    )
    return figure(
        "walk", title, says, draw=draw, heights=(340, 320), grid=walk_grid(swept), is_full=True
    )


def walked_growth(swept: Swept) -> tuple[Integers, Numbers, Numbers]:
    """Return the days that were judged, and how what was chosen and the middle run grew by their ends."""
    folds = [(one, _judged(swept.days, one.fold)) for one in swept.judged.folds]
    days = np.concatenate([swept.days[mask] for _one, mask in folds])
    chosen = np.concatenate([swept.returns[one.chosen, mask] for one, mask in folds])
    middle = np.concatenate([swept.returns[one.middle, mask] for one, mask in folds])
    return days, _growth(chosen), _growth(middle)


def _judged(days: Integers, fold: Fold) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    (window,) = fold.test
    return (days >= window.start_ms) & (days < window.end_ms)


def _growth(returns: Numbers) -> Numbers:
    return np.asarray(np.cumprod(1.0 + returns) - 1.0, dtype=np.float64)
