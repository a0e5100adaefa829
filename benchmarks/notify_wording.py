"""How long a signal takes from a verdict to words, and its chart to a picture."""

from __future__ import annotations

from benchmarks.harness import Figure, at_most, median, progress, seconds, spread
from snipersight.bot.notifications.formatters import format_markdown
from snipersight.charts.render import render_plan
from tests.builders.notices import a_signal
from tests.unit.charts.pictures import a_full_picture

FORMAT_LIMIT_MS = 1
CHART_LIMIT_MS = 400
_TURN_S = 0.2


def wording_figures(*, rounds: int) -> list[Figure]:
    """Return the time of one signal's text and of one chart."""
    progress("wording and drawing a signal")
    signal, picture = a_signal(), a_full_picture()
    format_markdown(signal)
    texts = [seconds(lambda: format_markdown(signal), at_least_s=_TURN_S) for _ in range(rounds)]
    charts = [seconds(lambda: render_plan(picture)) for _ in range(rounds + 1)][1:]
    return [
        _figure("format_signal_ms", texts, FORMAT_LIMIT_MS, "templates compiled"),
        _figure("render_chart_ms", charts, CHART_LIMIT_MS, "2,400 × 1,600 pixels, after the first"),
    ]


def _figure(name: str, taken: list[float], limit_ms: float, how: str) -> Figure:
    return Figure(
        name=name,
        value=median(taken) * 1e3,
        unit="ms",
        target=at_most(limit_ms),
        note=f"{how}; {spread(taken, scale=1e3)}",
    )
