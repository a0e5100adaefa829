"""What a stream tells: one bar of one symbol and timeframe, forming or closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol


class StreamKey(NamedTuple):
    """Whose bars are told.

    Args:
        symbol: unified.
        timeframe: one that the venue serves itself.
    """

    symbol: Symbol
    timeframe: Timeframe

    def __str__(self) -> str:
        """Return it as messages name it, `BTC/USDT 5m`."""
        return f"{self.symbol} {self.timeframe}"


class Bar(NamedTuple):
    """A bar as it stands: open time in milliseconds UTC, quote per base unit, base units."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float


Tell = Callable[[StreamKey, Bar, bool | None], None]
"""Takes a bar: whose, the bar, and whether the venue calls it closed (None: it never says)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLimits:
    """What a venue allows on one connection.

    Args:
        keys: most streams; fewer than allowed, so that a break concerns few of them.
        keys_per_message: most streams in one request to subscribe.
    """

    keys: int
    keys_per_message: int


class CandleLines(Protocol):
    """How a venue's candles are listened to."""

    @property
    def limits(self) -> LineLimits:
        """Return what one connection carries."""
        ...

    def serves(self, timeframe: Timeframe) -> bool:
        """Return whether the venue streams bars of this length."""
        ...

    async def follow(
        self, keys: Sequence[StreamKey], *, tell: Tell, on_up: Callable[[], None]
    ) -> None:
        """Listen on one connection until it breaks; cancelled, it lets go of it.

        Args:
            keys: at most as many as `limits` says, all spot or all perpetuals.
            tell: is called with every bar as it stands.
            on_up: is called once the connection stands and the keys were asked for.

        Raises:
            SniperSightError: the connection broke, or could not be made; always, in the end.
        """
        ...


def bar_of(values: Sequence[Any], *, where: str) -> Bar:
    """Return a bar from open time, open, high, low, close and volume, as text or numbers.

    Raises:
        DataInvalid: a value is missing or is no number.
    """
    try:
        time_ms, *prices = values
        return Bar(int(time_ms), *(float(value) for value in prices))
    except (TypeError, ValueError) as error:
        raise DataInvalid(
            f"a bar of the stream cannot be read: {list(values)}",
            where=where,
            next_step="the bar is asked for by request instead",
        ) from error
