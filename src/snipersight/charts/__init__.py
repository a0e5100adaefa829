"""Pictures of plans: one PNG a trader would share. Nothing heavy is imported until one is drawn."""

from snipersight.charts.canvas import Canvas
from snipersight.charts.errors import ChartUnavailable
from snipersight.charts.render import render_plan, save_plan
from snipersight.charts.theme import Theme

__all__ = ["Canvas", "ChartUnavailable", "Theme", "render_plan", "save_plan"]
