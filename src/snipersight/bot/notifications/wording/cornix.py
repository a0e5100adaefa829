"""A signal as the text that the trading bot Cornix reads.

Written after Cornix's public help pages; `docs/notifications/cornix.md` says what is known and what
is not. What Cornix reads it may trade, so practice and refusals have no such text.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from snipersight.bot.notifications.wording.escaping import clean, escape_lines
from snipersight.domain.decision import Approved
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind
from snipersight.domain.notices import Signal
from snipersight.domain.plan import Target, TradePlan
from snipersight.domain.units import plain

# Cornix's names of exchanges; without one it trades on the exchange the reader has connected.
_EXCHANGES: Final[Mapping[tuple[str, MarketKind], str]] = {
    ("binance", MarketKind.SPOT): "Binance",
    ("binanceusdm", MarketKind.PERPETUAL): "Binance Futures",
    ("bybit", MarketKind.PERPETUAL): "ByBit USDT",
}
_SIDES: Final = {Direction.LONG: "Long", Direction.SHORT: "Short"}
_BUILT_IN: Final = "sandbox"


def format_cornix(signal: Signal) -> str:
    """Return Markdown that arrives as `cornix_text`; empty where there is none."""
    return escape_lines(cornix_text(signal))


def cornix_text(signal: Signal) -> str:
    """Return the text Cornix reads; empty for a refusal and for the built-in market.

    Prices carry no thousands separators: a comma is where Cornix may end a number.
    """
    decision = signal.decision
    if not isinstance(decision, Approved) or _is_practice(signal):
        return ""
    plan = decision.plan
    head = [
        f"⚡️⚡️ #{clean(plan.symbol).partition(':')[0]} ⚡️⚡️",
        *_exchange(plan),
        f"Signal Type: Regular ({_SIDES[plan.direction]})",
        *_leverage(decision),
    ]
    return "\n".join([*head, "", *_prices(plan)])


def _is_practice(signal: Signal) -> bool:
    return signal.is_practice or signal.decision.plan.venue == _BUILT_IN


def _exchange(plan: TradePlan) -> list[str]:
    name = _EXCHANGES.get((plan.venue, plan.market))
    return [] if name is None else [f"Exchanges: {name}"]


def _leverage(decision: Approved) -> list[str]:
    if decision.plan.market is MarketKind.SPOT:
        return []
    return [f"Leverage: Isolated ({plain(decision.leverage)}X)"]


def _prices(plan: TradePlan) -> list[str]:
    low, high = sorted((plan.entry_near, plan.entry_far))
    return [
        f"Entry Zone: {plain(low)} - {plain(high)}",
        "",
        "Take-Profit Targets:",
        *_numbered(plan.targets),
        "",
        "Stop Targets:",
        f"1) {plain(plan.stop_loss.price)} - 100%",
    ]


def _numbered(targets: tuple[Target, ...]) -> list[str]:
    shares = _whole_shares([target.fraction for target in targets])
    return [
        f"{place}) {plain(target.price)} - {plain(percent)}%"
        for place, (target, percent) in enumerate(zip(targets, shares, strict=True), start=1)
    ]


def _whole_shares(fractions: list[Decimal]) -> list[Decimal]:
    """Return percents with two decimals that still sum to 100: the last takes what is left."""
    step = Decimal("0.01")
    shares = [(fraction * 100).quantize(step, ROUND_FLOOR) for fraction in fractions[:-1]]
    return [*shares, 100 - sum(shares, Decimal(0))]
