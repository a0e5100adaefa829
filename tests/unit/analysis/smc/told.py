"""What the detectors told of a table, in bars of the table and in either direction.

Every table is read twice, as it stands and mirrored; what a mirrored market tells is turned back,
so that a test states its expectation once. Bars are fed one by one, and each fact must be told at
the very close it names: so none ever appears a bar earlier or later than its test says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from snipersight.analysis.facts import Reading, Setup
from snipersight.analysis.smc.log import FactKind
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.profile import SetupRules, SmcRules
from snipersight.domain.timeframe import Timeframe
from tests.builders.candles import (
    MIRROR,
    TABLE_START_MS,
    Row,
    a_history,
    mirrored_candles,
    smc_rules,
)
from tests.builders.mirrors import mirrored

LONG, SHORT = Direction.LONG, Direction.SHORT
SETUP = SetupRules(valid_bars=10)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact; `at` and `known` count bars from the table's first, prices are the table's."""

    kind: FactKind
    side: Direction
    sub: int
    at: int
    known: int
    low: float
    high: float
    value: float

    @property
    def price(self) -> float:
        """Return the price of a level."""
        assert self.low == self.high
        return self.low


@dataclass(frozen=True, kw_only=True)
class Told:
    """Everything told of one table: facts, setups by the bar that completed them, readings."""

    facts: list[Fact]
    setups: dict[int, Setup]
    readings: list[Any]  # Reading, or None before there is one

    def of(self, kind: FactKind, **wanted: Any) -> list[Fact]:
        """Return the facts of a kind whose fields have the wanted values."""
        found = [fact for fact in self.facts if fact.kind is kind]
        return [f for f in found if all(getattr(f, name) == v for name, v in wanted.items())]

    def bars(self, kind: FactKind, **wanted: Any) -> list[tuple[int, int, float]]:
        """Return (at, known, price) of the levels of a kind."""
        return [(fact.at, fact.known, fact.price) for fact in self.of(kind, **wanted)]

    def reading(self) -> Reading:
        """Return what is known at the table's end."""
        last = self.readings[-1]
        assert isinstance(last, Reading)
        return last


def tell(
    table: str | Sequence[Row],
    direction: Direction,
    *,
    timeframe: str = "15m",
    setup: SetupRules = SETUP,
    prelude_bars: int = 100,
    **rules: Any,
) -> Told:
    """Read a table (for SHORT: its mirror image) bar by bar and return what was told of it."""
    history = a_history(table, timeframe=timeframe, prelude_bars=prelude_bars)
    if direction is SHORT:
        history = mirrored_candles(history)
    return _read(history, smc_rules(timeframe, **rules), setup, direction)


def _read(history: Candles, rules: SmcRules, setup: SetupRules, direction: Direction) -> Told:
    series = SmcSeries(rules, history.timeframe, setup, facts_from_ms=TABLE_START_MS)
    told = Told(facts=[], setups={}, readings=[])
    series.advance(history, until_ms=TABLE_START_MS)
    for bar, close_ms in enumerate(_closes(history)):
        found = series.advance(history, until_ms=close_ms)
        new = [_fact(row, history, direction) for row in series.facts()[len(told.facts) :]]
        assert all(fact.known == bar for fact in new), f"told at bar {bar}: {new}"
        told.facts.extend(new)
        told.readings.append(_turned(series.reading(), direction))
        if found is not None:
            assert found.known_at_ms == close_ms
            told.setups[bar] = _turned(found, direction)
    return told


def _closes(history: Candles) -> list[int]:
    return [int(close) for close in history.close_time if close > TABLE_START_MS]


def _fact(row: Any, history: Candles, direction: Direction) -> Fact:
    low, high, side = float(row["low"]), float(row["high"]), (LONG, SHORT)[row["side"]]
    if direction is SHORT:
        low, high, side = MIRROR - high, MIRROR - low, side.opposite
    return Fact(
        kind=FactKind(row["kind"]),
        side=side,
        sub=int(row["sub"]),
        at=bar_of(int(row["at"]), history),
        known=bar_of(int(row["known_at"]), history) - 1,
        low=low,
        high=high,
        value=float(row["value"]),
    )


def bar_of(time_ms: int, history: Candles) -> int:
    """Return the bar of the table that opens at a time; bars of the prelude are negative."""
    bar, rest = divmod(time_ms - TABLE_START_MS, history.timeframe.duration_ms)
    assert rest == 0
    return bar


def _turned(found: Any, direction: Direction) -> Any:
    if found is None or direction is LONG:
        return found
    return mirrored(found, about=MIRROR)


def start_of(bar: int, timeframe: str = "15m") -> int:
    """Return when a bar of the table opens."""
    return TABLE_START_MS + bar * Timeframe.parse(timeframe).duration_ms
