"""From a scored setup to a complete trade plan, or to the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from snipersight.analysis.facts import SetupContext
from snipersight.domain.confluence import Confluence
from snipersight.domain.decision import Check
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import StopLoss, Target, TradePlan, plan_id_of
from snipersight.domain.ports import LeaderState
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime
from snipersight.domain.units import Price, exact
from snipersight.planner.axis import Axis
from snipersight.planner.costs import Costs
from snipersight.planner.declined import Declined, NoPlan
from snipersight.planner.entry import PricedZone, price_zone
from snipersight.planner.floors import known_rules, require_cheap, require_reward, require_side
from snipersight.planner.identity import identify_setup
from snipersight.planner.levels import levels_ahead
from snipersight.planner.rationale import write_rationale
from snipersight.planner.stop import PricedStop, price_stop
from snipersight.planner.targets import Stake, choose_targets, weighted_r


def plan_setup(
    context: SetupContext,
    confluence: Confluence,
    *,
    instrument: Instrument,
    profile: Profile,
    leader: LeaderState | None,
) -> TradePlan | Declined:
    """Return the plan of a setup that passed the gates, or why it makes none.

    Leverage plays no part: it never moves a stop.

    Args:
        context: the setup with everything known at its decision.
        confluence: its score.
        instrument: the market's rules; unknown ones decline the plan.
        profile: planner rules, and the name and hash the plan carries.
        leader: BTC's state for the rationale; None for BTC itself.

    Returns:
        A plan, or `Declined` with the code `unknown_instrument`, `no_short`, `regime_unknown`,
        `no_zone`, `tick_too_coarse`, `price_in_zone`, `stop_not_positive`, `stop_too_wide`,
        `cost`, `no_target` or `min_rr`, the first that applies in this order.
    """
    try:
        tick, fees = known_rules(instrument)
        regime = _regime_of(context)
        require_side(context.setup.direction, instrument)
        axis = Axis(direction=context.setup.direction, tick=tick)
        costs = Costs(fees=fees, slippage_fraction=profile.planner.slippage_fraction)
        geometry = _geometry(context, profile, costs=costs, axis=axis)
    except NoPlan as refusal:
        return Declined(check=refusal.check)
    return _assemble(
        context,
        confluence,
        geometry,
        instrument=instrument,
        profile=profile,
        leader=leader,
        regime=regime,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Geometry:
    """All prices of a plan."""

    axis: Axis
    zone: PricedZone
    stop: PricedStop
    targets: tuple[Target, ...]
    round_trip_cost: Decimal
    risk_reward: float


def _regime_of(context: SetupContext) -> Regime:
    if context.zone.regime is None:
        sentence = f"the {context.zone.timeframe} regime is not known yet"
        raise NoPlan(Check(code="regime_unknown", passed=False, sentence=sentence))
    return context.zone.regime


def _geometry(context: SetupContext, profile: Profile, *, costs: Costs, axis: Axis) -> _Geometry:
    rules = profile.planner
    zone = price_zone(context.setup, profile.setup, axis)
    stop = price_stop(context, zone, rules, axis)
    cost = costs.stopped_out(entry=axis.price(zone.near), stop=axis.price(stop.signed))
    require_cheap(cost, stop.distance, rules)
    close = axis.signed(context.setup.close)
    room = exact(rules.min_target_room)
    stake = Stake(near=zone.near, close=close, loss=stop.distance + cost, room=room)
    levels = levels_ahead(context, axis)
    targets = choose_targets(levels, stake, costs=costs, rules=rules, axis=axis)
    risk_reward = weighted_r(targets)
    require_reward(risk_reward, rules)
    return _Geometry(
        axis=axis,
        zone=zone,
        stop=stop,
        targets=targets,
        round_trip_cost=cost,
        risk_reward=risk_reward,
    )


def _assemble(
    context: SetupContext,
    confluence: Confluence,
    geometry: _Geometry,
    *,
    instrument: Instrument,
    profile: Profile,
    leader: LeaderState | None,
    regime: Regime,
) -> TradePlan:
    setup, axis, zone = context.setup, geometry.axis, geometry.zone
    timeframe = context.trigger.timeframe
    setup_id = identify_setup(setup, zone.source, instrument, timeframe)
    created_at = datetime.fromtimestamp(setup.known_at_ms / 1000, UTC)
    lifetime = timedelta(milliseconds=profile.setup.valid_bars * timeframe.duration_ms)
    stop_loss = StopLoss(
        price=axis.price(geometry.stop.signed),
        rationale=geometry.stop.rationale,
        distance_atr=geometry.stop.distance_atr,
    )
    return TradePlan(
        setup_id=setup_id,
        plan_id=plan_id_of(setup_id, setup.known_at_ms, profile.content_hash),
        venue=instrument.venue,
        symbol=instrument.symbol,
        market=instrument.kind,
        direction=setup.direction,
        trade_type=profile.trade_type,
        timeframe=timeframe,
        profile=profile.name,
        created_at=created_at,
        valid_until=created_at + lifetime,
        entry_near=axis.price(zone.near),
        entry_mid=axis.price(zone.mid),
        entry_far=axis.price(zone.far),
        stop_loss=stop_loss,
        targets=geometry.targets,
        risk_reward=geometry.risk_reward,
        round_trip_cost=geometry.round_trip_cost,
        atr=Price(exact(setup.atr)),
        last_price=Price(exact(setup.close)),
        confluence=confluence,
        regime=regime,
        rationale=write_rationale(context, zone.source, stop_loss, geometry.targets, leader),
    )
