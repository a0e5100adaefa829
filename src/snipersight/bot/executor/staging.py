"""Turns an approved plan into a trade: its facts, fixed from here on."""

from __future__ import annotations

from decimal import Decimal

from snipersight.domain.decision import Approved
from snipersight.domain.errors import OrderRefused
from snipersight.domain.execution import Exit, ManagementRules, Mode, Trade, TradeId
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.venue import Environment


def stage(
    plan: TradePlan,
    approved: Approved,
    *,
    account_id: str,
    venue: str,
    environment: Environment,
    mode: Mode,
    rules: ManagementRules,
    instrument: Instrument,
    now_us: int,
    cost_per_unit: Decimal | None = None,
) -> Trade:
    """Return the trade of an approved plan; nothing is stored or sent.

    Args:
        plan: what is traded.
        approved: the gate's approval of this plan, with the budget it reserved.
        account_id, venue, environment, mode: whose, where and how far.
        rules: how it is managed.
        instrument: its market.
        now_us: the time, microseconds UTC.
        cost_per_unit: fees and slippage of entry and stop that the budget counts, quote currency
            per base unit (of the ledger entry); None: the plan's own.

    Raises:
        OrderRefused: the approval is of another plan, reserved nothing, or the market is another.
    """
    if problem := _problem(plan, approved, instrument):
        raise OrderRefused(
            problem, where=f"{plan.symbol} {plan.plan_id}", next_step="ask the risk gate again"
        )
    cost = plan.round_trip_cost if cost_per_unit is None else cost_per_unit
    stop = plan.stop_loss.price
    return Trade(
        trade_id=TradeId(str(approved.reservation_id)),
        account_id=account_id,
        plan_id=plan.plan_id,
        setup_id=plan.setup_id,
        venue=venue,
        environment=environment,
        mode=mode,
        symbol=plan.symbol,
        market=plan.market,
        direction=plan.direction,
        size=approved.size,
        leverage=approved.leverage,
        entry_near=plan.entry_near,
        entry_mid=plan.entry_mid,
        entry_far=plan.entry_far,
        initial_stop=stop,
        stop_price=stop,
        exits=tuple(Exit(price=one.price, fraction=one.fraction) for one in plan.targets),
        valid_until_us=_microseconds(plan),
        cost_per_unit=cost,
        risk_quote=approved.size * (abs(plan.entry_near - stop) + cost),
        atr=plan.atr,
        rules=rules,
        created_us=now_us,
    )


def _problem(plan: TradePlan, approved: Approved, instrument: Instrument) -> str:
    if approved.plan != plan:
        return "the approval is of another plan"
    if approved.reservation_id is None:
        return "the approval reserved no budget"
    if instrument.symbol != plan.symbol or instrument.kind is not plan.market:
        return f"the plan is of another market than {instrument.symbol}"
    if missing := instrument.missing():
        return f"{', '.join(missing)} of the market are unknown"
    return ""


def _microseconds(plan: TradePlan) -> int:
    whole = plan.valid_until.replace(microsecond=0)
    return int(whole.timestamp()) * 1_000_000 + plan.valid_until.microsecond
