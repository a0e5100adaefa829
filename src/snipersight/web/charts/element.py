"""A chart on a page: options whose colours are names of the style sheet."""

from __future__ import annotations

from typing import Final, Self

from nicegui.element import Element

# Imported for its place in the page's list of modules: the script beside this file draws with it.
from nicegui.elements.echart import EChart

from snipersight.web.charts.paint import Options

LIBRARY: Final = EChart


class Chart(Element, component="chart.js"):
    """Draws options, and draws them again when they or the theme change.

    Args:
        options: see `paint`; texts beginning with `$` are colours, with `@` the script's formats.
        label: what the chart shows, for readers of the screen.
    """

    def __init__(self, options: Options, *, label: str, classes: str = "plot") -> None:
        super().__init__()
        self._props["options"] = options
        self._props["label"] = label
        self._update_method = "draw"
        self.classes(classes)

    def patch(self, series: list[Options], tags: list[Options]) -> Self:
        """Draw other contents of some series, which have the same `id`; the rest stands.

        Args:
            series: instead of those of the same `id`.
            tags: what is written beside the price axis from now on.
        """
        known = {one["id"]: one for one in series}
        options = self._props["options"]
        kept = [known.get(one.get("id"), one) for one in options["series"]]
        options["series"], options["levels"] = kept, tags
        self.run_method("patch", series, tags)
        return self

    def show(self, options: Options) -> Self:
        """Draw other options; the window that a person chose stays where it is."""
        self._props["options"] = options
        self.update()
        return self
