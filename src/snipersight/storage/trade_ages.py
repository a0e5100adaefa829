"""The order of trades, intents, fills and payments, the same in whatever they are kept."""

from __future__ import annotations

from snipersight.domain.execution import BookedFill, OrderIntent, Trade, TradeId
from snipersight.domain.orders import FundingPayment


def trade_age(trade: Trade) -> tuple[int, TradeId]:
    """Return what to sort trades by, oldest first."""
    return trade.created_us, trade.trade_id


def intent_age(intent: OrderIntent) -> tuple[int, int, str, int, str]:
    """Return what to sort intents by, oldest first; several may be journaled at one moment."""
    return intent.created_us, intent.generation, intent.leg, intent.index, intent.client_id


def fill_age(booked: BookedFill) -> tuple[int, int, str, str]:
    """Return what to sort fills by, oldest first; a venue's ids grow, also in length."""
    fill = booked.fill
    return fill.at_us, len(fill.fill_id), fill.fill_id, fill.side


def payment_age(payment: FundingPayment) -> tuple[int, str]:
    """Return what to sort funding payments by, oldest first."""
    return payment.at_us, payment.payment_id
