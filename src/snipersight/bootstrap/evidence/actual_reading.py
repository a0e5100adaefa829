"""Reads what real orders and people made of an account's signals, and keeps it beside the model."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.bootstrap.evidence.actual import executed_outcome, hand_outcome
from snipersight.bootstrap.store import Store
from snipersight.bootstrap.trade_views import TradeView, views_of
from snipersight.domain.audit import AuditKind
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Approved
from snipersight.domain.errors import ConfigInvalid, DataInvalid, VenueUnavailable
from snipersight.domain.evidence import EvidenceStore, Kind, Outcome, SignalKey
from snipersight.domain.execution import Mode
from snipersight.domain.instrument import Instrument
from snipersight.domain.ledger import LedgerEntry, Origin
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.evidence import signal_key
from snipersight.risk.audit.codec import decode_decision
from snipersight.risk.audit.query import AuditQuery, body_of
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.ledger_rows import all_entries

_MOST_TRADES: Final = 10_000
_PATH: Final = Timeframe.parse("5m")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualCounts:
    """What was read of real trades.

    Args:
        trades: executed, or taken by hand.
        changed: outcomes that are not what they were.
        unkept: trades of plans that no evidence was kept of.
    """

    trades: int = 0
    changed: int = 0
    unkept: int = 0


async def read_actual(
    store: Store, account_id: str, evidence: EvidenceStore, *, source: CandleSource
) -> ActualCounts:
    """Store the actual outcome of every trade of an account whose signal is known.

    Args:
        store: the main store, which is only read.
        account_id: whose.
        evidence: where outcomes go.
        source: candles, for how far price went; trades of another venue go by their fills alone.

    Raises:
        StateUnavailable: a store cannot be used.
    """
    instruments = await _instruments(source)
    executed = await asyncio.to_thread(_executed, store, account_id, instruments)
    by_hand = await asyncio.to_thread(_by_hand, store, account_id)
    counts = ActualCounts(trades=len(executed) + len(by_hand))
    found: dict[SignalKey, Outcome] = {}
    for entry, risk_quote in by_hand:
        outcome = hand_outcome(entry, risk_quote=risk_quote)
        found[outcome.key] = outcome
    for view in executed:
        if not await asyncio.to_thread(_is_settled, evidence, view):
            outcome = executed_outcome(view, await _path(source, view))
            found[outcome.key] = outcome
    kept = {
        key: one
        for key, one in found.items()
        if await asyncio.to_thread(evidence.signal, key) is not None
    }
    changed = await asyncio.to_thread(evidence.save_outcomes, kept.values())
    return ActualCounts(trades=counts.trades, changed=changed, unkept=len(found) - len(kept))


async def _instruments(source: CandleSource) -> Mapping[Symbol, Instrument]:
    try:
        return await source.instruments()
    except (DataInvalid, VenueUnavailable):
        return {}  # its own fills say enough of a trade


def _executed(
    store: Store, account_id: str, instruments: Mapping[Symbol, Instrument]
) -> Sequence[TradeView]:
    """Return the executed trades, oldest first; a rehearsal is none."""
    views = store.decisions.view(
        account_id,
        lambda unit: views_of(unit, unit.book.trades(limit=_MOST_TRADES), instruments, {}),
    )
    real = [one for one in views if one.trade.mode is not Mode.DRY_RUN]
    return [one for one in reversed(real) if one.trade.risk_quote > 0]


def _by_hand(store: Store, account_id: str) -> list[tuple[LedgerEntry, Decimal]]:
    """Return what people took, with the risk that was approved, quote currency; oldest first."""
    entries = store.database.read(lambda connection: all_entries(connection, account_id))
    mine = [one for one in entries if one.origin is Origin.BY_HAND and one.plan_id is not None]
    found = [(one, _approved_risk(store, one)) for one in mine]
    return [(entry, risk) for entry, risk in found if risk is not None and risk > 0]


def _approved_risk(store: Store, entry: LedgerEntry) -> Decimal | None:
    """Return the loss at the stop that was approved, in quote currency; None if nothing was."""
    query = AuditQuery(kinds=(AuditKind.DECISION.value,), subject=str(entry.plan_id))
    records = AuditLog(store.database).records(entry.account_id, query, newest_first=True)
    for record in records:
        decision = decode_decision(body_of(record)).decision
        if record.subject == entry.plan_id and isinstance(decision, Approved):
            return Decimal(decision.risk) / entry.quote_rate
    return None


def _is_settled(evidence: EvidenceStore, view: TradeView) -> bool:
    """Return whether an ended trade's outcome is kept already: its candles need not be read."""
    if view.trade.state.is_live:
        return False
    key = signal_key(view.trade.account_id, view.trade.plan_id)
    known = evidence.outcomes(key).get(Kind.ACTUAL)
    return known is not None and known.status.is_final and known.ended_ms > 0


async def _path(source: CandleSource, view: TradeView) -> Candles | None:
    trade = view.trade
    if trade.venue != source.venue:
        return None
    end_ms = await source.now_ms() if trade.ended_us is None else trade.ended_us // 1000
    try:
        return await source.candles(
            trade.symbol, _PATH, start_ms=trade.created_us // 1000, end_ms=end_ms
        )
    except (ConfigInvalid, DataInvalid, VenueUnavailable):
        return None
