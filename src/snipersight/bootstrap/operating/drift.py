"""How far price may have run since a plan was told, for a person's yes to mean what they saw."""

from __future__ import annotations

from decimal import Decimal

from snipersight.domain import wording as texts
from snipersight.domain.plan import TradePlan


def drift_refusal(plan: TradePlan, *, told: Decimal, now: Decimal, most_r: Decimal) -> str:
    """Return why price keeps a plan from being approved; empty if it does not.

    Two things do: price has run away from the zone in the trade's direction, by more than
    `most_r` times the stop distance beyond where it was when the plan was told; or it has gone
    through the zone towards the stop.

    Args:
        plan: that is to be approved.
        told: price when it was told, quote per base unit.
        now: the newest price.
        most_r: how far, in distances from the near edge to the stop, 0 or more.
    """
    decimals = texts.decimals_of((plan.entry_near, plan.entry_far, now))
    shown = texts.price_text(now, decimals)
    if plan.direction.is_losing(now, entry=plan.entry_far):
        edge = texts.price_text(plan.entry_far, decimals)
        return f"price went through the entry zone: it is at {shown}, beyond {edge}"
    drift = drift_r(plan, told=told, now=now)
    if drift <= most_r:
        return ""
    return (
        f"price has run {texts.amount_text(drift)} R away from the entry zone since the plan was "
        f"told, to {shown}; {most_r} R is the most (APPROVAL_MAX_DRIFT_R)"
    )


def drift_r(plan: TradePlan, *, told: Decimal, now: Decimal) -> Decimal:
    """Return how much farther from the zone price is than when the plan was told, in R.

    R is the distance from the near edge to the stop. Only the side of the trade's direction
    counts: inside the zone, and beyond it, price is at no distance.
    """
    stop_distance = abs(plan.entry_near - plan.stop_loss.price)
    return (_away(plan, now) - _away(plan, told)) / stop_distance


def _away(plan: TradePlan, price: Decimal) -> Decimal:
    return max(Decimal(0), plan.direction.gain(price, entry=plan.entry_near))
