"""What a run says, as facts: noted after every bar, and read from its books at the end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.decision import Stage
from snipersight.domain.execution import BookedFill, Leg, OrderIntent, Trade, TradeId
from snipersight.domain.store import UnitOfWork
from snipersight.engine.parity.deciding import decision_fact, plan_fact, refusal_fact, telling
from snipersight.engine.parity.facts import Chronicle, Fact
from snipersight.engine.parity.trading import (
    Done,
    Exits,
    done_fact,
    entry_fact,
    exits_fact,
    sent_fact,
    standing_fact,
)
from snipersight.engine.report import ScanReport
from snipersight.risk.audit.codec import decode_decision

_ZERO: Final = Decimal(0)
_NO_DECISION: Final = frozenset({Stage.NO_DATA, Stage.STALE, Stage.NO_SETUP})
_ALL: Final = 1_000_000


class RunNotes:
    """Notes what a run decides and does, close after close."""

    def __init__(self) -> None:
        self._plans: dict[str, Fact] = {}
        self._facts: list[Fact] = []
        self._sent: dict[TradeId, Fact] = {}
        self._filled: dict[TradeId, int] = {}
        self._exits: dict[TradeId, Exits | None] = {}

    @property
    def sent(self) -> int:
        """Return how many trades were sent."""
        return len(self._sent)

    def scanned(self, report: ScanReport) -> None:
        """Note what a look at a close says was decided, each plan when it is seen first.

        Args:
            report: with everything that was decided lately.
        """
        for ranked in report.plans:
            self._note(plan_fact(ranked.plan, known_ms=report.as_of_ms))
        for refusal in report.refusals:
            if refusal.plan is not None:
                self._note(plan_fact(refusal.plan, known_ms=report.as_of_ms))
            elif refusal.reason.stage not in _NO_DECISION:
                self._note(refusal_fact(refusal))

    def looked(self, unit: UnitOfWork, at_ms: int) -> None:
        """Note what became of the trades by a moment.

        Args:
            unit: reads the account.
            at_ms: the moment, milliseconds UTC.
        """
        for trade in unit.book.trades(limit=_ALL):
            intents = unit.book.intents(trade.trade_id)
            if trade.trade_id not in self._sent:
                self._sent[trade.trade_id] = _sent(trade, intents)
            self._note_fills(trade, unit.book.fills(trade.trade_id), at_ms)
            self._note_exits(trade, intents, at_ms)

    def ended(self, unit: UnitOfWork, records: Iterable[AuditRecord], *, at_ms: int) -> Chronicle:
        """Return everything that the run says.

        Args:
            unit: reads the account as it was left.
            records: of its audit.
            at_ms: the end, milliseconds UTC.
        """
        trades = {one.trade_id: one for one in unit.book.trades(limit=_ALL)}
        sent_ms = {str(trades[key].plan_id): one.at_ms for key, one in self._sent.items()}
        left = [_left(unit, one) for one in trades.values()]
        # Where it was looked twice at a close, the later look is the one that was acted on.
        last = {fact.key: fact for fact in _decisions(records)}
        decided = telling(last.values(), sent_ms)
        standing = standing_fact(unit.account.standing, at_ms=at_ms)
        known = (*self._plans.values(), *self._sent.values(), *self._facts)
        return Chronicle((*known, *left, *decided, standing))

    def _note(self, fact: Fact) -> None:
        self._plans.setdefault(fact.key, fact)

    def _note_fills(self, trade: Trade, fills: tuple[BookedFill, ...], at_ms: int) -> None:
        new = fills[self._filled.get(trade.trade_id, 0) :]
        self._filled[trade.trade_id] = len(fills)
        if new:
            self._facts.append(done_fact(trade.plan_id, trade.symbol, _done(new), at_ms=at_ms))

    def _note_exits(self, trade: Trade, intents: tuple[OrderIntent, ...], at_ms: int) -> None:
        exits = _exits(trade, intents)
        if exits is not None and exits != self._exits.get(trade.trade_id):
            self._facts.append(exits_fact(trade.plan_id, trade.symbol, exits, at_ms=at_ms))
        self._exits[trade.trade_id] = exits


def _sent(trade: Trade, intents: Iterable[OrderIntent]) -> Fact:
    first = [one for one in intents if one.leg is Leg.ENTRY and one.generation == 0]
    first.sort(key=lambda one: one.index)
    entries = [(one.request.price or _ZERO, Decimal(one.request.size)) for one in first]
    return sent_fact(trade, entries, at_ms=trade.created_us // 1000)


def _left(unit: UnitOfWork, trade: Trade) -> Fact:
    entry = unit.entry(trade.entry_id)
    if entry is None:
        raise ValueError(f"the ledger holds no entry {trade.entry_id}")
    return entry_fact(entry, trade.plan_id)


def _decisions(records: Iterable[AuditRecord]) -> Iterator[Fact]:
    for record in records:
        if record.kind == AuditKind.DECISION:
            decided = decode_decision(json.loads(record.body)).decision
            yield decision_fact(decided, at_ms=record.at_us // 1000, asked=record.actor)


def _done(fills: Iterable[BookedFill]) -> Done:
    entries = [one for one in fills if one.leg is Leg.ENTRY]
    exits = [one for one in fills if one.leg is not Leg.ENTRY]
    return Done(
        entered=sum((one.fill.size for one in entries), _ZERO),
        paid=_value(entries),
        closed=sum((one.fill.size for one in exits), _ZERO),
        got=_value(exits),
        fees=sum((one.fee_quote for one in (*entries, *exits)), _ZERO),
    )


def _value(fills: Iterable[BookedFill]) -> Decimal:
    return sum((one.fill.size * one.fill.price for one in fills), _ZERO)


def _exits(trade: Trade, intents: Iterable[OrderIntent]) -> Exits | None:
    """Return what rests to end a position; None where no stop does."""
    held = tuple(intents)
    stops = [one for one in held if one.leg is Leg.STOP and one.rest > 0]
    if not stops:
        return None
    sizes = [_ZERO] * len(trade.exits)
    for one in held:
        if one.leg is Leg.TARGET:
            sizes[one.index] += one.rest
    return Exits(
        stop=stops[-1].request.trigger_price or _ZERO,
        stop_size=sum((one.rest for one in stops), _ZERO),
        targets=tuple(sizes),
    )
