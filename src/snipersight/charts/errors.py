"""What a chart raises besides the errors of the data it is given."""

from __future__ import annotations

from snipersight.domain.errors import SniperSightError


class ChartUnavailable(SniperSightError):
    """A picture could not be written: the plan stands, tell it without its picture."""
