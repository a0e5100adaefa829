"""What a backtest says, as facts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from snipersight.bot.executor.managing.slicing import slices
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.decision import Candidate
from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Symbol, exact
from snipersight.engine.backtesting.results import BacktestResult, BacktestTrade
from snipersight.engine.parity.deciding import candidate_fact, decision_fact, telling
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
from snipersight.market.paper.abilities import abilities_of
from snipersight.matching.outcomes.steps import TradeStep
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.codec import decode_decision


def of_backtest(
    result: BacktestResult,
    candidates: Iterable[Candidate],
    instruments: Mapping[Symbol, Instrument],
) -> Chronicle:
    """Return what a backtest says.

    Args:
        result: the backtest.
        candidates: everything that was decided in its period.
        instruments: rules of its markets.
    """
    sent_ms = {str(one.plan.plan_id): one.staged.terms.known_ms for one in result.trades}
    facts = [candidate_fact(one) for one in candidates]
    facts += telling(decisions_in(result.records), sent_ms)
    for trade in result.trades:
        facts += _of_trade(trade, instruments[trade.plan.symbol])
    facts.append(standing_fact(result.standing, at_ms=result.period.end_ms))
    return Chronicle(facts)


def decisions_in(records: Iterable[AuditDraft]) -> Iterator[Fact]:
    """Yield every verdict that was recorded."""
    for record in records:
        if record.kind is AuditKind.DECISION:
            body = json.loads(canonical(dict(record.body)))
            decided = decode_decision(body).decision
            yield decision_fact(decided, at_ms=record.at_us // 1000, asked=record.actor)


def _of_trade(trade: BacktestTrade, instrument: Instrument) -> Iterator[Fact]:
    staged, plan = trade.staged, trade.plan
    orders = slices(staged.trade, instrument, abilities_of(instrument))
    entries = [(Decimal(one.price), Decimal(one.size)) for one in orders]
    yield sent_fact(staged.trade, entries, at_ms=staged.terms.known_ms)
    before: Exits | None = None
    for step in trade.steps:
        done = _done(step, Decimal(staged.whole))
        if done != Done():
            yield done_fact(plan.plan_id, plan.symbol, done, at_ms=step.at_ms)
        exits = _exits(step, trade) if step.held > 0 else None
        if exits is not None and exits != before:
            yield exits_fact(plan.plan_id, plan.symbol, exits, at_ms=step.at_ms)
        before = exits
    yield entry_fact(trade.entry, plan.plan_id)


def _done(step: TradeStep, whole: Decimal) -> Done:
    def of(share: float) -> Decimal:
        return exact(share) * whole

    return Done(
        entered=of(step.entered),
        paid=of(step.entry_value),
        closed=of(step.closed),
        got=of(step.proceeds),
        fees=of(step.fees),
    )


def _exits(step: TradeStep, trade: BacktestTrade) -> Exits:
    resting = step.resting[: len(trade.plan.targets)]
    return Exits(
        stop=exact(step.stop),
        stop_size=_on_lot(step.held, trade),
        targets=tuple(_on_lot(one, trade) for one in resting),
    )


def _on_lot(share: float, trade: BacktestTrade) -> Decimal:
    size = exact(share) * Decimal(trade.staged.whole)
    lot = trade.staged.lot
    return round(size / lot) * lot if lot else size
