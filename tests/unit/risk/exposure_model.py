"""Trades and their limits written out in fractions and loops.

The model knows nothing of books, loads or rooms.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryState
from tests.builders.ledger import correlations

RHO = {("BTC", "ETH"): "-0.8", ("BTC", "SOL"): "0.2", ("ETH", "SOL"): "0.75"}  # PEPE: unknown
KNOWN = correlations(**{"_".join(pair): value for pair, value in RHO.items()})


@dataclass
class Trade:
    """One entry as the model sees it."""

    underlying: str
    direction: Direction
    stop: Fraction
    leverage: int
    ends_us: int | None
    pending: Fraction
    open: Fraction = Fraction(0)
    fill: Fraction = Fraction(0)
    state: EntryState = EntryState.RESERVED

    @property
    def is_live(self) -> bool:
        return self.pending + self.open > 0

    @property
    def was_given_back(self) -> bool:
        return self.state in (EntryState.RELEASED, EntryState.EXPIRED)

    @property
    def notional(self) -> Fraction:
        return self.pending * 100 + self.open * self.fill

    @property
    def margin(self) -> Fraction:
        return self.notional / self.leverage

    @property
    def risk(self) -> Fraction:
        sign = self.direction.sign
        lost = self.open * max(sign * (self.fill - self.stop), Fraction(0))
        return self.pending * sign * (100 - self.stop) + lost


def rho(one: str, other: str) -> Fraction | None:
    if one == other:
        return Fraction(1)
    known = RHO.get((one, other), RHO.get((other, one)))
    return None if known is None else Fraction(known)


def is_related(one: str, other: str) -> bool:
    known = rho(one, other)
    return known is None or abs(known) >= Fraction(7, 10)


def signed_risks(trades: list[Trade]) -> dict[str, Fraction]:
    risks: dict[str, Fraction] = {}
    for trade in trades:
        signed = trade.risk * trade.direction.sign
        risks[trade.underlying] = risks.get(trade.underlying, Fraction(0)) + signed
    return risks


def joined_to(underlying: str, trades: list[Trade]) -> set[str]:
    """Return the underlyings that one is related to, directly or through others of the trades."""
    held = {trade.underlying for trade in trades}
    found = {underlying}
    for _ in held:
        found |= {other for other in held if any(is_related(other, one) for one in found)}
    return found


def heat_squared(trades: list[Trade]) -> Fraction:
    risks = signed_risks(trades)
    total = Fraction(0)
    for one, r in risks.items():
        for other, s in risks.items():
            known = rho(one, other)
            same_side = Fraction(1) if r * s > 0 else Fraction(0)
            total += (same_side if known is None else known) * r * s
    return total


def heat_squared_with(new: Trade, held: list[Trade]) -> Fraction:
    """Return the squared heat of held trades and a new one, which no unknown relieves."""
    risk = new.risk * new.direction.sign
    total = heat_squared(held) + risk**2
    for other, r in signed_risks(held).items():
        known = rho(new.underlying, other)
        total += 2 * (max(risk * r, Fraction(0)) if known is None else known * risk * r)
    return total


def keeps(trades: list[Trade], most: Fraction) -> bool:
    """Return whether trades of one cluster keep its limit: their heat, and each of their sides."""
    sides = (
        sum(trade.risk for trade in trades if trade.direction is direction)
        for direction in Direction
    )
    return all(side <= most for side in sides) and heat_squared(trades) <= most**2
