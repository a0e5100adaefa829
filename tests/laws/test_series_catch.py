"""Each law catches the reader that breaks it, and lets the honest one pass, on the same market."""

from collections.abc import Callable

import numpy as np
import pytest

from snipersight.analysis.smc.series import SmcSeries
from tests.builders.candles import Walk, smc_rules
from tests.laws.series_laws import (
    Asked,
    SeriesFactory,
    mirror_breaks,
    prefix_breaks,
    scale_breaks,
    start_breaks,
)
from tests.laws.wrong import (
    AbsoluteSeries,
    FirstBarSeries,
    OneSidedSeries,
    PeekingSeries,
    RepaintingSeries,
    WholeHistorySeries,
)

WALK = Walk(seed=11, bars=4000, missing=0.01, flat=0.02).candles()
RULES = smc_rules(burn_in_bars=60, epoch_bars=60, calendar=("day",), max_pierce_atr=3.0)
HONEST = Asked(candles=WALK, rules=RULES).said()
CUTS = [int(np.searchsorted(WALK.close_time, s.known_at_ms)) for s in HONEST.setups[:10]]
LAWS: dict[str, Callable[[Asked], list[str]]] = {
    "prefix": lambda asked: [line for cut in CUTS for line in prefix_breaks(asked, cut)],
    "start": lambda asked: [line for n in (1, 100, 777, 1500) for line in start_breaks(asked, n)],
    "mirror": lambda asked: mirror_breaks(asked, about=1024.0),
    "scale": lambda asked: scale_breaks(asked, power=-3),
}


def breaks(law: str, make: SeriesFactory) -> set[str]:
    """Return how a reader breaks a law, without the details."""
    lines = LAWS[law](Asked(candles=WALK, rules=RULES, make=make))
    return {part for line in lines for part in ("facts", "setups", "reading") if f"{part}:" in line}


@pytest.mark.parametrize("law", list(LAWS))
def test_the_detectors_obey(law):
    assert breaks(law, SmcSeries) == set()


@pytest.mark.parametrize(
    ("law", "wrong", "broken"),
    [
        ("prefix", PeekingSeries, {"facts", "setups"}),
        ("prefix", RepaintingSeries, {"facts", "setups"}),
        ("start", FirstBarSeries, {"facts", "setups"}),
        ("start", WholeHistorySeries, {"reading"}),
        ("mirror", OneSidedSeries, {"facts", "setups"}),
        ("scale", AbsoluteSeries, {"facts", "setups"}),
    ],
)
def test_the_law_catches(law, wrong, broken):
    assert breaks(law, wrong) >= broken
