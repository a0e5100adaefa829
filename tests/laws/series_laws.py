"""The four laws of the analysis, asked of one series of bars.

Each function returns what breaks its law, one line each, and nothing where the law holds: so the
same function shows that the detectors obey it and that a wrong reader is caught.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from snipersight.analysis.facts import Reading, Setup
from snipersight.analysis.smc.log import FACT
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.profile import SetupRules, SmcRules
from tests.builders.candles import mirrored_candles, scaled_candles
from tests.builders.mirrors import mirrored, scaled

_SETUP = SetupRules(valid_bars=10)
SeriesFactory = Callable[..., SmcSeries]
_KEYS = list(FACT.names or ())


@dataclass(frozen=True, kw_only=True)
class Said:
    """Everything a series said until its newest bar."""

    facts: Any
    setups: tuple[Setup, ...]
    reading: Reading | None

    def until(self, close_ms: int) -> "Said":
        """Return what was said by a close, without the reading, which has moved on."""
        return Said(
            facts=self.facts[self.facts["known_at"] <= close_ms],
            setups=tuple(setup for setup in self.setups if setup.known_at_ms <= close_ms),
            reading=None,
        )

    def since(self, close_ms: int) -> "Said":
        """Return what was said at and after a close."""
        is_kept = self.reading is not None and self.reading.known_at_ms >= close_ms
        return Said(
            facts=self.facts[self.facts["known_at"] >= close_ms],
            setups=tuple(setup for setup in self.setups if setup.known_at_ms >= close_ms),
            reading=self.reading if is_kept else None,
        )

    def differences(self, other: "Said") -> list[str]:
        """Return what two series said differently, byte for byte."""
        parts = []
        if self.facts.tobytes() != other.facts.tobytes():
            parts.append(f"facts: {_first_difference(self.facts, other.facts)}")
        if repr(self.setups) != repr(other.setups):
            parts.append(f"setups: {len(self.setups)} and {len(other.setups)} of them")
        if repr(self.reading) != repr(other.reading):
            parts.append(f"reading: {self.reading} became {other.reading}")
        return parts


def _first_difference(one: Any, other: Any) -> str:
    for left, right in zip(one, other, strict=False):
        if left != right:
            return f"{left} became {right}"
    return f"{len(one)} became {len(other)}"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which reader reads what under which rules."""

    candles: Candles
    rules: SmcRules
    setup: SetupRules = _SETUP
    make: SeriesFactory = SmcSeries

    def said(self, candles: Candles | None = None, *, closes: Iterable[int] | None = None) -> Said:
        """Return what is said of the candles when they are read up to each of the closes in turn.

        By default all of them are read at once. The reader is always handed all candles and told
        how far it may look, so a reader that peeks is given the chance.
        """
        given = self.candles if candles is None else candles
        series = self.make(self.rules, given.timeframe, self.setup, facts_from_ms=0)
        setups = []
        for close_ms in [int(given.close_time[-1])] if closes is None else closes:
            while setup := series.advance(given, until_ms=int(close_ms), stop_at_setup=True):
                setups.append(setup)
        return Said(facts=series.facts(), setups=tuple(setups), reading=series.reading())


def prefix_breaks(asked: Asked, cut: int, *, seed: int = 0) -> list[str]:
    """Return what is said differently because bars after bar `cut` exist, or by reading in pieces.

    What is said over the history cut there, read at once, is compared with the whole history read
    up to there at once, bar by bar and in random pieces, and with the whole log cut there.
    """
    whole = asked.candles
    closes, close_ms = whole.close_time[: cut + 1], int(whole.close_time[cut])
    expected = asked.said(whole.slice(0, cut + 1))
    rng = np.random.default_rng(seed)
    pieces = np.unique(np.append(rng.choice(closes, size=min(7, len(closes))), close_ms))
    ways: dict[str, Any] = {"at once": [close_ms], "bar by bar": closes, "in pieces": pieces}
    breaks = [
        f"{way}: {line}"
        for way, ends in ways.items()
        for line in expected.differences(asked.said(closes=ends))
    ]
    log = asked.said().until(close_ms)
    return breaks + [f"later: {line}" for line in expected.until(close_ms).differences(log)]


def start_breaks(asked: Asked, dropped: int) -> list[str]:
    """Return what is said differently because the first `dropped` bars are missing.

    Compared is what is said of bars that have the stated warm-up behind them in both histories.
    """
    whole = asked.candles
    late = whole.slice(dropped, len(whole))
    frame = whole.timeframe
    from_ms = int(late.open_time[0]) + asked.rules.warm_up_ms(frame) + frame.duration_ms
    return asked.said().since(from_ms).differences(asked.said(late).since(from_ms))


def mirror_breaks(asked: Asked, *, about: float) -> list[str]:
    """Return what is said differently, apart from the direction, of `about - price`."""
    one, other = asked.said(), asked.said(mirrored_candles(asked.candles, about=about))
    facts = other.facts.copy()
    facts["side"] = 1 - facts["side"]
    facts["low"], facts["high"] = about - other.facts["high"], about - other.facts["low"]
    turned = Said(
        facts=np.sort(facts, order=_KEYS),
        setups=mirrored(other.setups, about=about),
        reading=mirrored(other.reading, about=about),
    )
    return Said(
        facts=np.sort(one.facts, order=_KEYS), setups=one.setups, reading=one.reading
    ).differences(turned)


def scale_breaks(asked: Asked, *, power: int) -> list[str]:
    """Return what is said differently, apart from the prices, of `price * 2**power`."""
    factor = 2.0**power
    other = asked.said(scaled_candles(asked.candles, by=factor))
    facts = other.facts.copy()
    facts["low"], facts["high"] = facts["low"] / factor, facts["high"] / factor
    back = Said(
        facts=facts,
        setups=scaled(other.setups, by=1 / factor),
        reading=scaled(other.reading, by=1 / factor),
    )
    return asked.said().differences(back)
