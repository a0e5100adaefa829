"""Whether a plan's market is the one observed, its rules are known and its price is near."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import MarketFacts, ReferencePrice
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import plain
from snipersight.risk.policy import RiskPolicy

_LONG: Final = Direction.LONG
_FACTS: Final = Check(code="no_market_facts", passed=True, sentence="the market was observed")
_NO_FACTS: Final = Check(
    code="no_market_facts", passed=False, sentence="the plan's market was not observed"
)
_SAME_MARKET: Final = Check(
    code="instrument_mismatch", passed=True, sentence="the rules are the plan's own market's"
)
_KNOWN_RULES: Final = Check(
    code="unknown_instrument", passed=True, sentence="tick, lot and fees are known"
)
_SIDE_ALLOWED: Final = Check(
    code="no_short", passed=True, sentence="the market can be traded in this direction"
)
_HAS_REFERENCE: Final = Check(
    code="unknown_reference", passed=True, sentence="an independent price is known"
)
_FRESH: Final = "the reference price is recent enough"
_NEAR: Final = "the near edge is close enough to the reference price"


def market_checks(
    plan: TradePlan, facts: MarketFacts | None, *, as_of_ms: int, policy: RiskPolicy
) -> tuple[Check, ...]:
    """Return what the observed market says of a plan; what needs an unknown fact is left out.

    Args:
        plan: a whole one.
        facts: its market; None if it was not observed.
        as_of_ms: the moment of the observations, milliseconds UTC.
        policy: the limits.
    """
    if facts is None:
        return (_NO_FACTS,)
    instrument, reference = facts.instrument, facts.reference
    rules = (
        _FACTS,
        _mismatch(plan, instrument),
        _rules(instrument),
        _side(plan, instrument),
    )
    if reference is None or not (reference.price.is_finite() and reference.price > 0):
        return (*rules, _no_reference(reference))
    return (
        *rules,
        _HAS_REFERENCE,
        _age(reference, as_of_ms, policy),
        _collar(plan, reference, policy),
    )


def _mismatch(plan: TradePlan, instrument: Instrument) -> Check:
    if (
        plan.symbol == instrument.symbol
        and plan.venue == instrument.venue
        and plan.market is instrument.kind
    ):
        return _SAME_MARKET
    return Check(
        code="instrument_mismatch",
        passed=False,
        measured=f"{instrument.venue} {instrument.symbol} {instrument.kind}",
        limit=f"{plan.venue} {plan.symbol} {plan.market}",
        sentence="rules of another market",
    )


def _rules(instrument: Instrument) -> Check:
    fees = instrument.fees
    if (
        instrument.tick is not None
        and instrument.lot is not None
        and fees is not None
        and fees.maker.is_finite()
        and fees.taker.is_finite()
    ):
        return _KNOWN_RULES
    missing = ", ".join(instrument.missing() or ("fees",))
    return Check(
        code="unknown_instrument",
        passed=False,
        measured=missing,
        sentence=f"unknown rules: {missing}",
    )


def _side(plan: TradePlan, instrument: Instrument) -> Check:
    if plan.direction is _LONG or instrument.allows_short:
        return _SIDE_ALLOWED
    return Check(
        code="no_short",
        passed=False,
        measured=instrument.kind.value,
        sentence=f"{plan.direction} on {instrument.kind}",
    )


def _no_reference(reference: ReferencePrice | None) -> Check:
    found = "unknown" if reference is None else str(reference.price)
    return Check(
        code="unknown_reference",
        passed=False,
        measured=None if reference is None else found,
        sentence=f"the price to hold the plan against is {found}",
    )


def _age(reference: ReferencePrice, as_of_ms: int, policy: RiskPolicy) -> Check:
    """Ask whether the reference is of this moment: not old, and not of a later one.

    A live quote carries the venue's time, which may run ahead of ours by the allowed skew; a
    recorded bar is never known before it closed.
    """
    age_ms = as_of_ms - reference.at_ms
    oldest_ms = policy.max_data_age_us // 1000 + reference.step_ms
    ahead_ms = 0 if reference.step_ms else policy.max_clock_skew_ms
    passed = -ahead_ms <= age_ms <= oldest_ms
    sentence = _FRESH
    if not passed:
        how = f"{age_ms / 1000:g} s old" if age_ms >= 0 else f"{-age_ms / 1000:g} s in the future"
        sentence = f"the reference price is {how}, at most {oldest_ms / 1000:g} s old is allowed"
    return Check("stale_data", passed, Decimal(age_ms), Decimal(oldest_ms), sentence)


def _collar(plan: TradePlan, reference: ReferencePrice, policy: RiskPolicy) -> Check:
    near, price = plan.entry_near, reference.price
    gap, collar = abs(near - price), policy.price_collar
    passed = gap <= collar * price
    if passed:
        sentence = _NEAR
    else:
        sentence = (
            f"the near edge {plain(near)} lies {gap / price:.2%} from the reference price "
            f"{plain(price)}, at most {collar:.2%}"
        )
    return Check("price_collar", passed, gap / price, collar, sentence)
