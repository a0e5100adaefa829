"""The size of a picture and where its parts lie.

Everything is laid out in logical pixels from the bottom left corner, upwards like a price; the
scale only decides how many real pixels one of them gets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from snipersight.domain.errors import ConfigInvalid

MARGIN_PX: Final = 18.0
HEADER_PX: Final = 74.0
FOOTER_PX: Final = 36.0
_VOLUME_SHARE: Final = 0.12
_PANE_GAP_PX: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """How large a picture is.

    Args:
        width_px, height_px: logical pixels, 800–4,000 by 500–4,000.
        scale: real pixels per logical one, 1–4; 2 stays sharp on a phone.

    Raises:
        ConfigInvalid: a bound is exceeded: smaller pictures cannot be read, larger ones are
            refused by chats.
    """

    width_px: int = 1200
    height_px: int = 800
    scale: int = 2

    def __post_init__(self) -> None:
        """Refuse sizes that nobody could read or send."""
        bounds = (("width_px", 800, 4000), ("height_px", 500, 4000), ("scale", 1, 4))
        for name, low, high in bounds:
            value: int = getattr(self, name)
            if not low <= value <= high:
                raise ConfigInvalid(
                    f"{name} of a chart is {value}", next_step=f"use {low} to {high}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """An upright rectangle; `bottom` is below `top`."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Return its extent from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Return its extent from bottom to top."""
        return self.top - self.bottom

    @property
    def middle(self) -> float:
        """Return the height of its centre line."""
        return (self.bottom + self.top) / 2

    def overlaps(self, other: Rect) -> bool:
        """Return whether the two share an area; a common edge is none."""
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top

    def inside(self, other: Rect) -> bool:
        """Return whether no part of it lies outside `other`."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.bottom <= self.bottom and self.top <= other.top

    def grown(self, by: float) -> Rect:
        """Return it with every edge moved outwards."""
        return Rect(
            left=self.left - by, bottom=self.bottom - by, right=self.right + by, top=self.top + by
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Panes:
    """Where things are drawn: price above volume, tags to their right, words above and below."""

    header: Rect
    price: Rect
    volume: Rect
    gutter: Rect
    footer: Rect


def panes_of(canvas: Canvas, *, gutter_px: float) -> Panes:
    """Return the parts of a canvas; the gutter on the right is as wide as its tags need."""
    left, right = MARGIN_PX, canvas.width_px - MARGIN_PX
    top = canvas.height_px - HEADER_PX
    edge = right - gutter_px
    volume_top = FOOTER_PX + _VOLUME_SHARE * canvas.height_px
    price_bottom = volume_top + _PANE_GAP_PX
    return Panes(
        header=Rect(left=left, bottom=top, right=right, top=float(canvas.height_px)),
        price=Rect(left=left, bottom=price_bottom, right=edge, top=top),
        volume=Rect(left=left, bottom=FOOTER_PX, right=edge, top=volume_top),
        gutter=Rect(left=edge, bottom=price_bottom, right=right, top=top),
        footer=Rect(left=left, bottom=0.0, right=right, top=FOOTER_PX),
    )
