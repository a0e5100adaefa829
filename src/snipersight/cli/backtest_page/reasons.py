"""Figures of why: each rule of the verdict, and how every candidate ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.stats_grids import Grid
from snipersight.cli.stats_words import sentence
from snipersight.domain.wording import counted
from snipersight.performance.verdict import Answer, Rule

if TYPE_CHECKING:
    from snipersight.charts.evidence.svg import Frame
    from snipersight.engine.backtesting.study import Study

_MOST_NAMES: Final = 14
_APPROVED: Final = "approved"
_ANSWERS: Final = {
    Answer.MET: "✓ met",
    Answer.NOT_MET: "✗ not met",
    Answer.TOO_LITTLE: "? too little",
}
_RULES: Final = {
    Rule.TRADES: "enough trades",
    Rule.TRACK_RECORD: "long enough a record",
    Rule.EXPECTANCY: "a trade surely brings something",
    Rule.DEFLATED_SHARPE: "not the best of many trials",
    Rule.RANDOM_ENTRIES: "better than random entries",
    Rule.OUT_OF_SAMPLE: "out of sample too",
}


def reasons_figure(study: Study) -> Figure:
    """Return every rule of the verdict with its answer."""
    rows = tuple(
        (_RULES[one.rule], _ANSWERS[one.answer], sentence(one.sentence))
        for one in study.verdict.reasons
    )
    met = sum(one.answer is Answer.MET for one in study.verdict.reasons)
    return Figure(
        key="reasons",
        title="Why",
        says=f"An edge is shown only where every rule is met; here {met} of {len(rows)} are.",
        grid=Grid(head=("rule", "answer", "because"), rows=rows, words=3),
        is_full=True,
    )


def funnel_figure(study: Study) -> Figure:
    """Return how every candidate ended."""
    from snipersight.charts.evidence.bars import ROW_PX, Share, shares_svg

    title = "How candidates ended"
    counts = sorted(study.result.funnel.items(), key=lambda item: (-item[1], item[0]))
    counts = [(name, count) for name, count in counts if count]
    if not counts:
        return figure("funnel", title, "There was no candidate", is_full=True)
    shares = [
        Share(name=name, count=count, words=f"{count:,}", is_good=name == _APPROVED)
        for name, count in counts[:_MOST_NAMES]
    ]
    rest = sum(count for _name, count in counts[_MOST_NAMES:])
    if rest:
        others = f"{len(counts) - _MOST_NAMES} others"
        shares.append(Share(name=others, count=rest, words=f"{rest:,}", is_inner=True))

    def draw(frame: Frame, alt: str) -> str:
        return shares_svg(shares, frame, alt=alt)

    total = sum(count for _name, count in counts)
    height = ROW_PX * len(shares)
    rows = tuple((name, f"{count:,}") for name, count in counts)
    return figure(
        "funnel",
        title,
        f"Each of {counted(total, 'candidate')} ended in one way",
        draw=draw,
        heights=(height, height),
        grid=Grid(head=("ended", "candidates"), rows=rows),
        is_full=True,
    )
