"""Figures of single trades: what costs take, how far price went, model and reality, the newest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import is_closed, where
from snipersight.bot.telemetry.statistics.words import signed_r
from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.stats_grids import Grid
from snipersight.domain.evidence import OutcomeStatus, Verdict
from snipersight.domain.statistics import ENOUGH, Expectancy
from snipersight.domain.wording import counted, minute_of, multiple, percent

if TYPE_CHECKING:
    from snipersight.charts.evidence.svg import Frame
    from snipersight.domain.evidence_columns import EvidenceTable, Mask, Numbers

NEWEST: Final = 30
_COSTS: Final = ("fees", "slippage", "funding")


def costs_figure(told: EvidenceTable, expectancy: Expectancy) -> Figure:
    """Return what costs take from an average closed signal.

    Args:
        told: the approved signals.
        expectancy: of these; without an average nothing is drawn.
    """
    from snipersight.charts.evidence.bars import costs_svg

    title = "What costs take"
    if expectancy.mean_r is None:
        return figure("costs", title, expectancy.sentence)
    closed = where(told, is_closed(told))
    gross = float(closed.gross_r.mean())
    columns = (closed.fees_r, closed.slippage_r, closed.funding_r)
    paid = {name: float(column.mean()) for name, column in zip(_COSTS, columns, strict=True)}
    steps = (("gross", gross), *((name, -value) for name, value in paid.items()))

    def draw(frame: Frame, alt: str) -> str:
        return costs_svg(steps, frame, alt=alt)

    total = sum(paid.values())
    says = (
        f"An average closed signal brought {signed_r(gross)} before costs and paid "
        f"{multiple(total)} of costs: {signed_r(gross - total)} is left"
    )
    return figure("costs", title, says, draw=draw, grid=_costs_grid(gross, paid))


def _costs_grid(gross: float, paid: Mapping[str, float]) -> Grid:
    total = sum(paid.values())
    rows = tuple(
        (name, signed_r(-value), percent(value / total, 0) if total else "–")
        for name, value in paid.items()
    )
    ends = (("gross", signed_r(gross), ""), *rows, ("net", signed_r(gross - total), ""))
    return Grid(head=("average of a closed signal", "R", "share of costs"), rows=ends)


def excursions_figure(told: EvidenceTable) -> Figure:
    """Return how far price went against and for closed signals."""
    from snipersight.charts.evidence.scatter import MOST_DOTS, excursions_svg

    closed = where(told, is_closed(told))
    title = "How far price went"
    if not len(closed):
        return figure("excursions", title, "No approved signal has closed yet")

    def draw(frame: Frame, alt: str) -> str:
        return excursions_svg(closed.mae_r, closed.mfe_r, closed.net_r, frame, alt=alt)

    shown = (
        f"{MOST_DOTS:,} of {len(closed):,} closed signals, evenly through time"
        if len(closed) > MOST_DOTS
        else counted(len(closed), "closed signal")
    )
    says = f"Furthest move against the entry (MAE) and for it (MFE) while it was held: {shown}"
    return figure(
        "excursions", title, says, draw=draw, heights=(300, 300), grid=_excursion_grid(closed)
    )


def _excursion_grid(closed: EvidenceTable) -> Grid:
    has_won = closed.net_r > 0
    named = (("hits", has_won), ("misses", ~has_won))
    rows = tuple((name, *_medians(closed, mask)) for name, mask in named)
    return Grid(head=("closed signals", "n", "median MAE", "median MFE"), rows=rows)


def _medians(closed: EvidenceTable, mask: Mask) -> tuple[str, str, str]:
    count = int(mask.sum())
    if count < ENOUGH.closed:
        return f"{count:,}", "too few", "too few"
    middles = (float(np.median(column[mask])) for column in (closed.mae_r, closed.mfe_r))
    against, favour = (multiple(middle) for middle in middles)
    return f"{count:,}", against, favour


def agreement_figure(modelled: EvidenceTable, actual: EvidenceTable) -> Figure | None:
    """Return modelled beside actual results of the signals that have both; None without any."""
    from snipersight.charts.evidence.scatter import agreement_svg

    places = dict(
        zip(modelled.key[is_closed(modelled)], np.flatnonzero(is_closed(modelled)), strict=True)
    )
    ours = [(places[key], at) for at, key in _closed_keys(actual) if key in places]
    if not ours:
        return None
    first, second = (np.asarray(side, dtype=np.intp) for side in zip(*ours, strict=True))
    by_model, in_fact = modelled.net_r[first], actual.net_r[second]

    def draw(frame: Frame, alt: str) -> str:
        return agreement_svg(by_model, in_fact, frame, alt=alt)

    says = f"{counted(len(ours), 'signal')} with both: on the dashed line they agree"
    rows = (
        ("modelled, average net R", _average(by_model)),
        ("actual, average net R", _average(in_fact)),
        ("actual less modelled", _average(in_fact - by_model)),
    )
    grid = Grid(head=(counted(len(ours), "signal"), "R"), rows=rows)
    return figure(
        "agreement", "Modelled and actual", says, draw=draw, heights=(300, 300), grid=grid
    )


def _average(values: Numbers) -> str:
    return signed_r(float(values.mean())) if len(values) >= ENOUGH.closed else "too few"


def _closed_keys(table: EvidenceTable) -> list[tuple[int, str]]:
    return [(int(at), table.key[at]) for at in np.flatnonzero(is_closed(table))]


def newest_grid(table: EvidenceTable) -> Grid | None:
    """Return the newest signals of any verdict, newest first; None without any."""
    places = range(len(table) - 1, max(-1, len(table) - 1 - NEWEST), -1)
    rows = tuple(_signal_cells(table, at) for at in places)
    head = ("decided, UTC", "symbol", "side", "frame", "verdict", "ended", "tier", "score", "net R")
    return Grid(head=head, rows=rows, words=6) if rows else None


def _signal_cells(table: EvidenceTable, at: int) -> tuple[str, ...]:
    is_approved = table.verdict[at] == Verdict.APPROVED.value
    status = table.status[at]
    was_entered = status in (OutcomeStatus.OPEN.value, OutcomeStatus.CLOSED.value)
    ending = table.ending[at].replace("_", " ")
    return (
        minute_of(int(table.decided_ms[at])),
        table.symbol[at],
        table.direction[at],
        table.timeframe[at],
        "approved" if is_approved else table.reason[at],
        f"{status}: {ending}" if ending else status,
        table.tier[at],
        f"{table.score[at]:.0f}",
        signed_r(float(table.net_r[at])) if was_entered else "–",
    )
