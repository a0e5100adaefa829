"""From the terms of a signal to the record that the kernel reads."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence import SignalKey, SignalTerms
from snipersight.matching.outcomes.layout import TARGETS

Row = tuple[object, ...]

_WHOLE: Final = 1e-9  # what shares may miss of 1


def row_of(key: SignalKey, terms: SignalTerms, *, shift_ms: int, lot: float = 0.0) -> Row:
    """Return the values of `layout.TERMS`, prices signed for the side.

    Args:
        key: names the signal where its terms are refused.
        terms: of the signal.
        shift_ms: first shift of structure against it, milliseconds UTC.
        lot: size step as a share of the whole size; 0: shares are exact.

    Raises:
        DataInvalid: the terms contradict each other or the lot, so that no outcome follows.
    """
    problem = problem_of(terms) or _lot_problem(terms, lot)
    if problem:
        raise DataInvalid(
            problem, where=str(key), next_step="record the signal again from its plan"
        )
    sign = terms.direction.sign
    costs, empty = terms.costs, (0.0,) * (TARGETS - len(terms.targets))
    return (
        tuple(sign * price for price in (terms.near, terms.mid, terms.far)),
        terms.entry_fractions,
        sign * terms.stop,
        (*(sign * price for price, _ in terms.targets), *empty),
        (*(share for _, share in terms.targets), *empty),
        len(terms.targets),
        terms.cost_per_unit,
        terms.atr,
        terms.tick,
        lot,
        _ticks_per_unit(terms.tick),
        terms.known_ms,
        terms.valid_until_ms,
        shift_ms,
        terms.break_even,
        terms.trailing_atr,
        terms.time_stop_ms,
        terms.min_rr,
        costs.maker,
        costs.taker,
        costs.slippage,
        costs.funding_rate,
        costs.funding_interval_ms,
    )


def planned_r(terms: SignalTerms) -> float:
    """Return what all targets bring if the whole size is entered at the near edge, net, in R."""
    sign = terms.direction.sign
    gains = (share * sign * (price - terms.near) for price, share in terms.targets)
    return (sum(gains) - terms.cost_per_unit) / terms.risk_per_unit


def problem_of(terms: SignalTerms) -> str:
    """Return what contradicts itself in some terms; empty where nothing does."""
    if not all(map(math.isfinite, _numbers(terms))):
        return "a number is not finite"
    return _price_problem(terms) or _share_problem(terms) or _rule_problem(terms)


def _numbers(terms: SignalTerms) -> tuple[float, ...]:
    costs = terms.costs
    return (
        *(terms.near, terms.mid, terms.far, terms.stop, terms.cost_per_unit, terms.atr, terms.tick),
        *(number for target in terms.targets for number in target),
        *terms.entry_fractions,
        *(terms.trailing_atr, terms.min_rr),
        *(costs.maker, costs.taker, costs.slippage, costs.funding_rate),
    )


def _price_problem(terms: SignalTerms) -> str:
    prices = (terms.stop, terms.far, terms.mid, terms.near, *(price for price, _ in terms.targets))
    if min(prices) <= 0:
        return f"a price is not above 0: {prices}"
    stop, far, mid, near, *targets = (terms.direction.sign * price for price in prices)
    if not stop < far <= mid <= near:
        return f"stop, far, mid and near edge are out of order: {prices[:4]}"
    levels = [near, *targets]
    if any(nearer >= farther for nearer, farther in pairwise(levels)):
        return f"the targets are out of order: {prices[3:]}"
    return ""


def _share_problem(terms: SignalTerms) -> str:
    shares = [share for _, share in terms.targets]
    if not 1 <= len(shares) <= TARGETS:
        return f"{len(shares)} targets, not 1 to {TARGETS}"
    if min(shares) <= 0 or abs(sum(shares) - 1) > _WHOLE:
        return f"the shares of the targets are not above 0 or do not sum to 1: {shares}"
    entries = terms.entry_fractions
    if min(entries) < 0 or abs(sum(entries) - 1) > _WHOLE:
        return f"the shares of the entries are below 0 or do not sum to 1: {entries}"
    return ""


def _rule_problem(terms: SignalTerms) -> str:
    costs = terms.costs
    if min(terms.cost_per_unit, terms.atr, terms.tick, terms.trailing_atr) < 0:
        return "costs, ATR, tick or trailing distance is below 0"
    if terms.trailing_atr > 0 and terms.atr == 0:
        return "a stop cannot trail without an ATR"
    if min(terms.time_stop_ms, terms.known_ms) < 0 or costs.funding_interval_ms <= 0:
        return "a time is below 0, or funding has no interval"
    if not 0 <= costs.slippage < 1 or costs.funding_rate < 0:
        return f"slippage {costs.slippage} or funding {costs.funding_rate} is out of range"
    return ""


def _lot_problem(terms: SignalTerms, lot: float) -> str:
    if lot == 0:
        return ""
    if not 0 < lot <= 1:
        return f"a lot of {lot} is no share of the whole size above 0 and at most 1"
    counts = [share / lot for share in terms.entry_fractions]
    if any(abs(count - round(count)) > _WHOLE * max(count, 1) for count in counts):
        return f"the shares of the entries are no lots of {lot}: {terms.entry_fractions}"
    return ""


def _ticks_per_unit(tick: float) -> float:
    """Return how many ticks make 1, where that is a whole number; else 0."""
    if not 0 < tick < 1:
        return 0.0
    number = round(1 / tick)
    return float(number) if math.isclose(number * tick, 1.0, rel_tol=1e-12) else 0.0
