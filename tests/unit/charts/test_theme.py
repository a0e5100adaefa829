from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from snipersight.charts.theme import PALETTES, Palette, Theme, faded
from snipersight.domain.annotations import ZoneKind
from snipersight.domain.direction import Direction

themes = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)

# Linear RGB as a reader without green receptors sees it (Viénot, Brettel and Mollon 1999).
DEUTERANOPE = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])


def linear(colour: str) -> npt.NDArray[np.float64]:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    curve = ((channels + 0.055) / 1.055) ** 2.4
    return np.asarray(np.where(channels <= 0.04045, channels / 12.92, curve))


def luminance(colour: str) -> float:
    return float(linear(colour) @ (0.2126, 0.7152, 0.0722))


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def as_deuteranope(colour: str) -> npt.NDArray[np.float64]:
    return np.asarray(np.clip(DEUTERANOPE @ linear(colour), 0, 1) ** (1 / 2.2))


def texts_of(palette: Palette) -> dict[str, str]:
    named = {name: getattr(palette, name) for name in ("text", "muted", "up", "down", "last")}
    return named | {kind.value: colour for kind, colour in palette.zones.items()}


def test_contrast_agrees_with_the_known_extremes():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@themes
def test_every_text_can_be_read_on_the_ground(palette):
    weak = {n: c for n, c in texts_of(palette).items() if contrast(c, palette.ground) < 4.5}
    assert weak == {}


@themes
def test_every_price_can_be_read_on_its_tag(palette):
    tags = (palette.up, palette.down, palette.entry, palette.last)
    assert min(contrast(palette.on_tag, tag) for tag in tags) >= 4.5


@themes
def test_up_down_and_entry_differ_without_green_receptors(palette):
    colours = [as_deuteranope(c) for c in (palette.up, palette.down, palette.entry)]
    distances = [float(np.linalg.norm(a - b)) for a, b in combinations(colours, 2)]
    assert min(distances) > 0.15


@themes
def test_every_kind_of_zone_has_its_own_colour(palette):
    assert set(palette.zones) == set(ZoneKind)
    assert len(set(palette.zones.values())) == len(ZoneKind)


def test_dark_is_darker_than_light():
    dark, light = PALETTES[Theme.DARK], PALETTES[Theme.LIGHT]
    assert luminance(dark.ground) < 0.02 < 0.9 < luminance(light.ground)


def test_a_side_has_the_colour_of_its_direction():
    palette = PALETTES[Theme.DARK]
    assert palette.side(Direction.LONG) == palette.up
    assert palette.side(Direction.SHORT) == palette.down


def test_faded_appends_the_opacity():
    assert faded("#102030", 0.5) == "#10203080"
