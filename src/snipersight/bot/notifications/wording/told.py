"""What a message about a plan knows, from a whole signal down to a bare plan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.bot.notifications.wording.escaping import clean
from snipersight.bot.notifications.wording.numbers import PriceWords
from snipersight.domain.decision import Approved, Rejected, RiskDecision
from snipersight.domain.notices import Signal
from snipersight.domain.plan import TradePlan

Tellable = Signal | RiskDecision | TradePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The facts of a message.

    Args:
        plan: the plan.
        verdict: what the gate said; None before it was asked.
        signal: the signal; None where only plan or verdict are known.
    """

    plan: TradePlan
    verdict: RiskDecision | None = None
    signal: Signal | None = None

    @property
    def approved(self) -> Approved | None:
        """Return the approval, or None."""
        return self.verdict if isinstance(self.verdict, Approved) else None

    @property
    def refused(self) -> Rejected | None:
        """Return the refusal, or None. A refusal is falsy: ask `is not None`."""
        return self.verdict if isinstance(self.verdict, Rejected) else None

    @property
    def symbol(self) -> str:
        """Return the symbol as it can be shown; a question mark for one of which nothing is left."""
        return clean(self.plan.symbol) or "?"

    @property
    def last_price(self) -> Decimal:
        """Return the newest price known."""
        return self.plan.last_price if self.signal is None else self.signal.last_price

    @property
    def currency(self) -> str:
        """Return the account's currency; empty where the account is not known."""
        return "" if self.signal is None else self.signal.currency

    @property
    def is_practice(self) -> bool:
        """Return whether the market is the built-in one."""
        return self.signal is not None and self.signal.is_practice

    @property
    def base(self) -> str:
        """Return the base currency, from the symbol where the instrument is not known."""
        instrument = None if self.signal is None else self.signal.instrument
        return self.plan.symbol.partition("/")[0] if instrument is None else instrument.base

    @property
    def quote(self) -> str:
        """Return the quote currency, from the symbol where the instrument is not known."""
        instrument = None if self.signal is None else self.signal.instrument
        if instrument is not None:
            return instrument.quote
        return self.plan.symbol.partition("/")[2].partition(":")[0]

    @property
    def words(self) -> PriceWords:
        """Return how its prices are written: at the tick; without one, with the digits they have."""
        plan = self.plan
        entries = (plan.entry_near, plan.entry_mid, plan.entry_far, plan.stop_loss.price)
        prices = (*entries, *(target.price for target in plan.targets))
        instrument = None if self.signal is None else self.signal.instrument
        if instrument is not None and instrument.tick is not None:
            return PriceWords.of_market(self.quote, instrument.tick, prices)
        return PriceWords.of_market(self.quote, None, (*prices, self.last_price))


def told_of(thing: Tellable) -> Told:
    """Return the facts of a signal, a verdict or a plan."""
    if isinstance(thing, Signal):
        return Told(plan=thing.decision.plan, verdict=thing.decision, signal=thing)
    if isinstance(thing, TradePlan):
        return Told(plan=thing)
    return Told(plan=thing.plan, verdict=thing)
