"""From an approval to the entry of the ledger that holds its budget."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from snipersight.domain.decision import Approved
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Size
from snipersight.risk.inputs import GateInputs
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.sizing.plan_sizing import cost_per_unit

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def reservation(
    decision: Approved,
    inputs: GateInputs,
    policy: RiskPolicy,
    *,
    origin: Origin,
    after_seq: int = 0,
) -> LedgerEntry:
    """Return the entry that holds the budget of an approval until its plan expires.

    Args:
        decision: the approval.
        inputs, policy: what it was reached with.
        origin: who takes the trade.
        after_seq: newest audit record before this one.

    Raises:
        ValueError: the approval's market was not observed.
    """
    plan, facts = decision.plan, inputs.facts
    if facts is None or facts.quote_rate is None:
        raise ValueError(f"{plan.symbol} was approved without a market")
    return LedgerEntry(
        entry_id=_entry_id(inputs.account.account_id, plan, after_seq),
        account_id=inputs.account.account_id,
        origin=origin,
        state=EntryState.RESERVED,
        plan_id=plan.plan_id,
        setup_id=plan.setup_id,
        venue=plan.venue,
        symbol=plan.symbol,
        market=plan.market,
        underlying=facts.instrument.underlying,
        direction=plan.direction,
        pending_size=decision.size,
        open_size=Size(Decimal(0)),
        entry_price=plan.entry_near,
        fill_price=None,
        stop_price=plan.stop_loss.price,
        cost_per_unit=cost_per_unit(plan, facts.instrument, policy.slippage_fraction),
        leverage=decision.leverage,
        quote_rate=facts.quote_rate,
        reserved_us=inputs.at_us,
        expires_us=(plan.valid_until - _EPOCH) // _MICROSECOND,
    )


def _entry_id(account_id: str, plan: TradePlan, after_seq: int) -> EntryId:
    """Return an identity of its own: the chain never stands at the same record twice."""
    text = f"{account_id}|{plan.plan_id}|{after_seq}"
    return EntryId(f"{plan.plan_id[:40]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}")
