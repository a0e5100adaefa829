"""What a stream of candles tells: every bar that has closed, once, and the one that is forming."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.prices import Bar, PriceSource, Tape

if TYPE_CHECKING:
    from snipersight.sandbox.exchange.world import VenueWorld

_KEPT: Final = 16


class FinishedBars:
    """The newest closed bars of the markets that a stream follows, as requests answer them.

    Prices are printed a second apart, so that the tape misses what lies between; where prices
    come from a source, its bars are the true ones.

    Args:
        tape: what was printed.
        source: of the prices; None: the tape is all there is.
    """

    def __init__(self, tape: Tape, source: PriceSource | None) -> None:
        self._tape = tape
        self._source = source
        self._known: dict[Symbol, dict[int, deque[Bar]]] = {}

    def follow(self, symbol: Symbol, step_ms: int) -> None:
        """Know the bars of this length from now on."""
        self._known.setdefault(symbol, {}).setdefault(step_ms, deque(maxlen=_KEPT))

    async def learn(self, symbol: Symbol, *, at_ms: int) -> None:
        """Learn the bars that have closed by then."""
        if self._source is None:
            return
        for step_ms, bars in self._known.get(symbol, {}).items():
            end_ms = at_ms // step_ms * step_ms
            oldest_ms = end_ms - _KEPT * step_ms
            start_ms = max(bars[-1].open_ms + step_ms, oldest_ms) if bars else end_ms - step_ms
            if start_ms < end_ms:
                bars.extend(
                    await self._source.bars(
                        symbol, step_ms=step_ms, start_ms=start_ms, end_ms=end_ms
                    )
                )

    def since(self, symbol: Symbol, step_ms: int, *, from_ms: int, end_ms: int) -> list[Bar]:
        """Return the bars known that open in a period and are closed at its end, oldest first."""
        if self._source is None:
            return self._tape.bars(symbol, step_ms=step_ms, start_ms=from_ms, end_ms=end_ms)
        known = self._known.get(symbol, {}).get(step_ms, ())
        return [bar for bar in known if from_ms <= bar.open_ms <= end_ms - step_ms]


class CandleNews:
    """What each topic was told last.

    Args:
        world: whose candles are told.
    """

    def __init__(self, world: VenueWorld) -> None:
        self._world = world
        self._next_ms: dict[str, int] = {}

    def follow(self, topic: str, symbol: Symbol, step_ms: int) -> None:
        """Tell a topic from now on; call it before a line takes it up.

        Where nobody listened for a while, what was missed is not told afterwards.
        """
        if not self._world.lines.of_topic(topic):
            self._next_ms.pop(topic, None)
        self._world.finished.follow(symbol, step_ms)

    def of(self, topic: str, symbol: Symbol, step_ms: int) -> list[tuple[Bar, bool]]:
        """Return the bars that closed since, then the forming one, each with whether it closed."""
        now_ms = self._world.clock() // 1_000
        end_ms = now_ms // step_ms * step_ms
        from_ms = self._next_ms.setdefault(topic, end_ms)
        closed = self._world.finished.since(symbol, step_ms, from_ms=from_ms, end_ms=end_ms)
        if closed:
            self._next_ms[topic] = closed[-1].open_ms + step_ms
        forming = self._world.tape.bars(symbol, step_ms=step_ms, start_ms=end_ms, end_ms=now_ms + 1)
        return [*((bar, True) for bar in closed), *((bar, False) for bar in forming)]
