"""Numbers as messages word them, where the commands' words do not serve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.wording import (
    MINUS,
    amount_text,
    decimals_of,
    minute_of,
    multiple,
    points,
    price_text,
)

_MORE_DIGITS: Final = 4  # than the market's prices; an average of fills may never end
_DOLLARS: Final = frozenset({"USD", "USDT", "USDC", "FDUSD", "TUSD", "USDP", "BUSD"})


@dataclass(frozen=True, slots=True)
class PriceWords:
    """How the prices of one market are written.

    Args:
        sign: stands before a price: `$` where the quote is a dollar, else empty.
        decimals: after the point.
    """

    sign: str
    decimals: int

    @classmethod
    def of_market(cls, quote: str, tick: Decimal | None, prices: Iterable[Decimal]) -> PriceWords:
        """Return the words of a market.

        Args:
            quote: its quote currency.
            tick: its price step; None where it is not known.
            prices: that are shown exactly, whatever the tick: a stop is never rounded.
        """
        steps = prices if tick is None else (tick, *prices)
        return cls("$" if quote in _DOLLARS else "", decimals_of(steps))

    def with_digits_of(self, price: Decimal) -> PriceWords:
        """Return words that show this price too without rounding it, up to four more digits."""
        more = min(decimals_of([price]), self.decimals + _MORE_DIGITS)
        return PriceWords(self.sign, max(self.decimals, more))

    def price(self, price: Decimal) -> str:
        """Return `$42,250.00`."""
        return f"{self.sign}{price_text(price, self.decimals)}"

    def zone(self, one: Decimal, other: Decimal) -> str:
        """Return `$42,150.00 – $42,250.00`, the lower first; one price if both are the same."""
        if one == other:
            return self.price(one)
        return f"{self.price(min(one, other))} – {self.price(max(one, other))}"


def signed_multiple(r: float | Decimal) -> str:
    """Return an R multiple with its sign: `+1.50R`, `−1.00R`, `0.00R`."""
    text = multiple(float(r))
    if text in ("0.00R", f"{MINUS}0.00R"):
        return "0.00R"
    return text if text.startswith(MINUS) else f"+{text}"


def reward(risk_reward: float) -> str:
    """Return reward to risk as `1:2.13`."""
    return f"1:{multiple(risk_reward).removesuffix('R')}"


def signed_points(contribution: float) -> str:
    """Return points of the score with their sign: `+12.0`, `−8.0`, `0.0`."""
    text = points(contribution)
    return text if text == "0.0" or text.startswith(MINUS) else f"+{text}"


def money(amount: Decimal, currency: str) -> str:
    """Return `1,250.00 USDT`, or the bare amount where the currency is not known."""
    return f"{amount_text(amount)} {currency}".rstrip()


def utc_minute(time_ms: int) -> str:
    """Return milliseconds UTC as `2024-06-07 12:00 UTC`."""
    return f"{minute_of(time_ms)} UTC"
