"""From an approval to the trade that the kernel walks: the executor's own orders, as shares."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.managing.slicing import Slice, slices
from snipersight.bot.executor.staging import stage
from snipersight.domain.decision import Approved, Check
from snipersight.domain.evidence import SignalKey, SignalTerms
from snipersight.domain.execution import Mode, Trade
from snipersight.domain.instrument import Instrument
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.orders import TriggerSource
from snipersight.domain.profile import Profile
from snipersight.domain.quick import quick, replace
from snipersight.domain.units import Size
from snipersight.domain.venue import Environment
from snipersight.engine.evidence import signal_key, signal_terms
from snipersight.market.paper.abilities import abilities_of

_ENTRIES: Final = 3


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A trade that begins.

    Args:
        approved: by the gate, with the budget it reserved.
        trade: as the executor would journal it.
        whole: base units of its entry orders together, the whole of every share.
        lot: the venue's size step, base units.
        terms: what the kernel follows.
    """

    approved: Approved
    trade: Trade
    whole: Size
    lot: Decimal
    terms: SignalTerms

    @property
    def key(self) -> SignalKey:
        """Return the name of its signal."""
        return signal_key(self.trade.account_id, self.trade.plan_id)

    @property
    def entry_id(self) -> EntryId:
        """Return the ledger entry that holds its budget."""
        return self.trade.entry_id


def staged(
    approved: Approved, entry: LedgerEntry, instrument: Instrument, profile: Profile, *, at_ms: int
) -> Staged | Check:
    """Return the trade of an approval, or the refusal that its size makes no order.

    Args:
        approved: by the gate.
        entry: the ledger's, with its budget.
        instrument: the market's rules.
        profile: management.
        at_ms: the moment; no bar that opened earlier counts.

    Raises:
        OrderRefused: the approval does not fit the market.
        DataInvalid: the market's fees are unknown.
    """
    trade = _trade(approved, entry, instrument, profile, at_ms=at_ms)
    orders = slices(trade, instrument, abilities_of(instrument))
    if not orders:
        sentence = f"{trade.size} is too small for an order that can be closed"
        return Check(code="below_minimum", passed=False, sentence=sentence)
    whole = Size(sum((one.size for one in orders), Decimal(0)))
    terms = signal_terms(approved.plan, profile, instrument=instrument, known_ms=at_ms)
    return Staged(
        approved=approved,
        trade=trade,
        whole=whole,
        lot=instrument.lot or Decimal(0),
        terms=_as_ordered(terms, orders, whole),
    )


def _trade(
    approved: Approved, entry: LedgerEntry, instrument: Instrument, profile: Profile, *, at_ms: int
) -> Trade:
    return stage(
        approved.plan,
        approved,
        account_id=entry.account_id,
        venue=approved.plan.venue,
        environment=Environment.SIMULATED,
        mode=Mode.PAPER,
        rules=profile.management.rules(TriggerSource.LAST),
        instrument=instrument,
        now_us=at_ms * 1000,
        cost_per_unit=entry.cost_per_unit,
    )


def _as_ordered(terms: SignalTerms, orders: tuple[Slice, ...], whole: Size) -> SignalTerms:
    """Return the terms with the prices and shares of the orders that are sent."""
    prices, shares = [terms.near, terms.mid, terms.far], [0.0] * _ENTRIES
    for one in orders:
        prices[one.index] = float(one.price)
        shares[one.index] = float(one.size / whole)
    near, mid, far = prices
    return replace(
        terms, near=near, mid=mid, far=far, entry_fractions=(shares[0], shares[1], shares[2])
    )
