"""What a plan must be before its size is asked for: whole, sane, fresh, allowed, uncontradicted.

The specification's four functions answer with one check; `compliance_checks` asks everything and
is what the gate uses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.observations import MarketFacts
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.units import Symbol, exact, plain
from snipersight.risk.compliance.conflicts import foreign_check, live_check, opposing_checks
from snipersight.risk.compliance.market_checks import market_checks
from snipersight.risk.compliance.plan_completeness import plan_problems
from snipersight.risk.inputs import GateInputs, Holding
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.underlyings import restricted_assets, underlying

Number = float | Decimal

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO: Final = Decimal(0)
_MS: Final = timedelta(milliseconds=1)
_US: Final = timedelta(microseconds=1)
_COMPLETE: Final = Check(
    code="incomplete_plan", passed=True, sentence="the plan is complete and its numbers agree"
)
_STOP_LOSES: Final = Check(
    code="stop_on_wrong_side", passed=True, sentence="the stop lies beyond the entry zone"
)
_TARGETS_WIN: Final = Check(
    code="targets_on_wrong_side",
    passed=True,
    sentence="the targets lie beyond the entry, nearest first",
)
_ALLOWED: Final = Check(code="restricted_symbol", passed=True, sentence="the asset may be traded")
_FRESH: Final = "the plan has not ended"
_RISK_FITS: Final = "the wanted risk is within the most that one trade may lose"
_STALE_DATA: Final = "stale_data"
_RR_FITS: Final = "the reward is worth the risk"


def validate_trade_plan_completeness(plan: TradePlan) -> Check:
    """Return whether every field of a plan is there, finite and without contradiction.

    The constructor refuses such plans too; this one also refuses a plan that came past it, and
    what is no plan. All problems are named at once, under the code `incomplete_plan`.
    """
    problems = plan_problems(plan)
    if not problems:
        return _COMPLETE
    return Check(
        code="incomplete_plan",
        passed=False,
        measured=len(problems),
        limit=0,
        sentence="; ".join(problems),
    )


def validate_risk_parameters(plan: TradePlan, *, policy: RiskPolicy) -> Check:
    """Return whether a plan's stop, targets, risk and reward can be accepted at all.

    Returns:
        The first failed check, or a passed one with the code `risk_parameters`. Codes:
        `incomplete_plan`, `stop_on_wrong_side`, `targets_on_wrong_side`, `max_risk_per_trade`,
        `min_rr`.
    """
    complete = validate_trade_plan_completeness(plan)
    if not complete:
        return complete
    asked = (*_side_checks(plan), _risk_check(policy), _reward_check(plan, policy))
    return _first_failed(asked, "risk_parameters", "stop, targets, risk and reward are sound")


def check_for_conflicts(
    symbol: Symbol,
    direction: Direction,
    holdings: Sequence[Holding],
    *,
    venue: str | None = None,
    setup_id: SetupId | None = None,
    plan_id: PlanId | None = None,
) -> Check:
    """Return whether a trade contradicts or repeats what the account holds or waits for.

    Args:
        symbol, direction: of the trade.
        holdings: of the account, any symbol; those in the same underlying count, whatever the
            venue and the quote currency.
        venue: of the trade; None: a foreign position in the symbol on any venue conflicts.
        setup_id, plan_id: of the trade; None: nothing of it can be live already.

    Returns:
        The first failed check, or a passed one with the code `conflicts`. Codes:
        `opposing_position`, `opposing_plan`, `foreign_position`, `already_live`.
    """
    asset = underlying(symbol)
    same = [held for held in holdings if underlying(held.symbol) == asset]
    asked = (
        *opposing_checks(direction, same),
        foreign_check(venue, symbol, same),
        live_check(setup_id, plan_id, holdings),
    )
    return _first_failed(asked, "conflicts", f"nothing held in {asset} speaks against it")


def enforce_max_leverage(leverage: Number, max_leverage: Number) -> Check:
    """Return whether a leverage keeps its cap; exactly at the cap it does.

    Args:
        leverage: notional ÷ margin, above 0.
        max_leverage: the cap, above 0.

    Returns:
        A check with the code `max_leverage`; NaN, infinite, zero and negative numbers on either
        side fail it.
    """
    is_number = _is_positive(leverage) and _is_positive(max_leverage)
    passed = is_number and leverage <= max_leverage
    return Check(
        code="max_leverage",
        passed=passed,
        measured=leverage,
        limit=max_leverage,
        sentence=f"leverage {leverage}, at most {max_leverage}"
        if is_number
        else f"leverage {leverage} and its cap {max_leverage} must be finite numbers above 0",
    )


def compliance_checks(plan: TradePlan, inputs: GateInputs, policy: RiskPolicy) -> tuple[Check, ...]:
    """Return every question about a plan that needs no size, in a fixed order.

    Codes: `incomplete_plan`, `stop_on_wrong_side`, `targets_on_wrong_side`, `stale_plan`,
    `max_risk_per_trade`, `min_rr`, `restricted_symbol`, `no_market_facts`,
    `instrument_mismatch`, `unknown_instrument`, `no_short`, `unknown_reference`, `stale_data`,
    `price_collar`, `opposing_position`, `opposing_plan`, `foreign_position`, `already_live`.

    A question that needs something missing is left out; the missing thing has failed before it.
    Where budget is to be taken, `stale_plan` and `stale_data` also ask our clock: a plan of a
    scan long over agrees with its own markets. Of an incomplete plan nothing else is asked.
    """
    complete = validate_trade_plan_completeness(plan)
    if not complete:
        return (complete,)
    # The view holds the plan's own underlying already, by the instruments' bases.
    holdings = inputs.view.holdings
    return (
        complete,
        *_side_checks(plan),
        _freshness(plan, inputs),
        _risk_check(policy),
        _reward_check(plan, policy),
        _restriction(plan, inputs.facts, policy),
        *_market_checks(plan, inputs, policy),
        *opposing_checks(plan.direction, holdings),
        foreign_check(plan.venue, plan.symbol, holdings),
        live_check(plan.setup_id, plan.plan_id, holdings),
    )


def _first_failed(asked: Sequence[Check], code: str, sentence: str) -> Check:
    failed = [check for check in asked if not check.passed]
    return failed[0] if failed else Check(code=code, passed=True, sentence=sentence)


def _is_positive(value: Number) -> bool:
    return math.isfinite(value) and value > 0


def _side_checks(plan: TradePlan) -> tuple[Check, Check]:
    return _stop_check(plan), _target_check(plan)


def _stop_check(plan: TradePlan) -> Check:
    stop, far = plan.stop_loss.price, plan.entry_far
    if plan.direction.is_losing(stop, entry=far):
        return _STOP_LOSES
    return Check(
        code="stop_on_wrong_side",
        passed=False,
        measured=stop,
        limit=far,
        sentence=f"the stop {plain(stop)} of a {plan.direction} is not beyond the entry zone's "
        f"far edge {plain(far)}",
    )


def _target_check(plan: TradePlan) -> Check:
    last = plan.entry_near
    for target in plan.targets:
        if not plan.direction.is_winning(target.price, entry=last):
            return Check(
                code="targets_on_wrong_side",
                passed=False,
                measured=target.price,
                limit=last,
                sentence=f"the target {plain(target.price)} of a {plan.direction} is not beyond "
                f"{plain(last)}",
            )
        last = target.price
    return _TARGETS_WIN


@lru_cache(maxsize=8)
def _moment(at_ms: int) -> tuple[datetime, str]:
    """Return a moment as time and text; every plan of a scan is held against the same one."""
    moment = _EPOCH + at_ms * _MS
    return moment, moment.isoformat()


def _freshness(plan: TradePlan, inputs: GateInputs) -> Check:
    """Ask whether the plan is of this moment; at exactly `valid_until` it has ended."""
    now, moment = _moment(inputs.as_of_ms)
    made, end = plan.created_at, plan.valid_until
    if inputs.is_reserving and made <= now < end:
        # Made in time by its own markets; whether it still holds, our clock says.
        now = max(now, _EPOCH + inputs.at_us * _US)
        moment = now.isoformat()
    if made <= now < end:
        passed, sentence = True, _FRESH
    elif now < made:
        passed, sentence = False, f"made at {made}, later than the moment {moment}"
    else:
        passed, sentence = False, f"ended at {end}, it is {moment}"
    return Check("stale_plan", passed, moment, end.isoformat(), sentence)


def _market_checks(plan: TradePlan, inputs: GateInputs, policy: RiskPolicy) -> tuple[Check, ...]:
    """Return what the market says; observations of another moment than now say it is stale."""
    checks = market_checks(plan, inputs.facts, as_of_ms=inputs.as_of_ms, policy=policy)
    age_us = inputs.at_us - inputs.as_of_ms * 1000
    if not inputs.is_reserving or abs(age_us) <= policy.max_data_age_us:
        return checks
    age, limit = Decimal(age_us) / 1000, Decimal(policy.max_data_age_us) / 1000
    when = "ago" if age_us > 0 else "ahead"
    stale = Check(
        code=_STALE_DATA,
        passed=False,
        measured=age,
        limit=limit,
        sentence=f"the markets were observed {abs(age) / 1000:g} s {when}, "
        f"at most {limit / 1000:g} s is allowed",
    )
    return (*(check for check in checks if check.code != _STALE_DATA), stale)


def _risk_check(policy: RiskPolicy) -> Check:
    wanted, cap = policy.risk_fraction, policy.max_risk_per_trade
    passed = _ZERO < wanted <= cap
    sentence = _RISK_FITS if passed else f"{wanted:.2%} of equity at risk, at most {cap:.2%}"
    return Check("max_risk_per_trade", passed, wanted, cap, sentence)


def _reward_check(plan: TradePlan, policy: RiskPolicy) -> Check:
    reward, least = _reward(plan), policy.min_rr
    passed = reward >= least
    sentence = _RR_FITS if passed else f"{reward:.2f} R for 1 R, at least {least}"
    return Check("min_rr", passed, reward, least, sentence)


def _reward(plan: TradePlan) -> Decimal:
    """Return the plan's R, or what its prices give before costs where that is less.

    A gate that believed the plan's own figure would inherit its mistakes.
    """
    near = plan.entry_near
    risk = abs(near - plan.stop_loss.price)
    if risk == _ZERO:
        return _ZERO
    gain_of = plan.direction.gain
    gains = [one.fraction * gain_of(one.price, entry=near) for one in plan.targets]
    told, found = exact(plan.risk_reward), sum(gains, _ZERO) / risk
    return told if told <= found else found


def _restriction(plan: TradePlan, facts: MarketFacts | None, policy: RiskPolicy) -> Check:
    if not policy.restricted:
        return _ALLOWED
    banned = restricted_assets(policy.restricted)
    assets = {underlying(plan.symbol)}
    if facts is not None:
        assets.add(facts.instrument.underlying)
    hit = sorted(assets & banned)
    if not hit:
        return _ALLOWED
    return Check(
        code="restricted_symbol",
        passed=False,
        measured=hit[0],
        limit=", ".join(sorted(banned)),
        sentence=f"{plan.symbol} trades {hit[0]}, which is restricted",
    )
