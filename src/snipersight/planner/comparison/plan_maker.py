"""Candidates of one market from shapes: whole plans, or why there is none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from snipersight.domain.confluence import Confluence
from snipersight.domain.decision import Candidate, Check, Stage, TerminalReason
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import SetupId, StopLoss, TradePlan, plan_id_of, setup_id_of
from snipersight.domain.profile import Profile
from snipersight.domain.quick import quick
from snipersight.domain.regime import Regime
from snipersight.domain.units import Price
from snipersight.planner.axis import Axis
from snipersight.planner.comparison.pricing import PricedShape, price_shape
from snipersight.planner.comparison.shapes import PlanShape
from snipersight.planner.costs import Costs
from snipersight.planner.declined import NoPlan
from snipersight.planner.floors import known_rules, require_side


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """An entry at the close of a bar.

    Args:
        shape: distances of the plan.
        open_ms: when the bar opened, milliseconds UTC.
        close: its close.
        atr: Wilder's ATR over 14 bars then, in quote currency.
        regime: of the market then; None declines the plan.
        confluence: what it is ranked and its size is scaled by.
    """

    shape: PlanShape
    open_ms: int
    close: Price
    atr: Price
    regime: Regime | None
    confluence: Confluence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    axis: Axis
    costs: Costs


class PlanMaker:
    """Makes the candidates of one market and source.

    Args:
        instrument: the market; a plan is declined where rules of it are unknown.
        profile: floors, costs, validity, name.
        source: what makes the plans, with every number they depend on: part of their identity.
        rationale: of every plan, in plain words.
    """

    def __init__(
        self, instrument: Instrument, profile: Profile, *, source: str, rationale: str
    ) -> None:
        self._instrument, self._profile, self._source = instrument, profile, source
        self._rationale = rationale
        self._timeframe = profile.timeframe("trigger")
        lifetime_ms = profile.setup.valid_bars * self._timeframe.duration_ms
        self._lifetime = timedelta(milliseconds=lifetime_ms)
        text = f"{profile.content_hash}|{source}"
        self._sides = {side: self._terms(side) for side in Direction}
        self._content_hash = hashlib.sha256(text.encode()).hexdigest()[:16]

    def candidate(self, idea: Idea) -> Candidate:
        """Return the plan of an idea, or why the market makes none of it.

        Declined by the floors that hold for setups too, in this order: `unknown_instrument`,
        `no_short`, `regime_unknown`, and what `price_shape` names.
        """
        setup_id = setup_id_of(
            self._instrument.venue,
            self._instrument.symbol,
            idea.shape.direction,
            self._timeframe,
            self._source,
            idea.open_ms,
        )
        try:
            plan = self._plan(setup_id, idea)
        except NoPlan as refusal:
            return self._declined(setup_id, idea, refusal.check)
        return Candidate(
            symbol=plan.symbol,
            at_ms=idea.open_ms + self._timeframe.duration_ms,
            reason=None,
            setup_id=setup_id,
            direction=plan.direction,
            plan=plan,
            confluence=idea.confluence,
        )

    def _declined(self, setup_id: SetupId, idea: Idea, check: Check) -> Candidate:
        return Candidate(
            symbol=self._instrument.symbol,
            at_ms=idea.open_ms + self._timeframe.duration_ms,
            reason=TerminalReason(stage=Stage.DECLINED, name=check.code),
            detail=check.sentence,
            setup_id=setup_id,
            direction=idea.shape.direction,
            checks=(check,),
        )

    def _terms(self, direction: Direction) -> _Terms | NoPlan:
        """Return what all plans of a side have in common, or why there can be none."""
        try:
            tick, fees = known_rules(self._instrument)
            require_side(direction, self._instrument)
        except NoPlan as refusal:
            return refusal
        slippage = self._profile.planner.slippage_fraction
        return _Terms(
            axis=Axis(direction=direction, tick=tick),
            costs=Costs(fees=fees, slippage_fraction=slippage),
        )

    def _plan(self, setup_id: SetupId, idea: Idea) -> TradePlan:
        terms = self._sides[idea.shape.direction]
        if isinstance(terms, NoPlan):
            raise NoPlan(terms.check)
        regime = _known_regime(idea)
        priced = price_shape(
            idea.shape,
            close=idea.close * idea.shape.direction.sign,
            atr=idea.atr,
            axis=terms.axis,
            costs=terms.costs,
            rules=self._profile.planner,
        )
        return self._assembled(setup_id, idea, priced, terms.axis, regime)

    def _assembled(
        self,
        setup_id: SetupId,
        idea: Idea,
        priced: PricedShape,
        axis: Axis,
        regime: Regime,
    ) -> TradePlan:
        instrument, profile = self._instrument, self._profile
        closed_at_ms = idea.open_ms + self._timeframe.duration_ms
        created_at = datetime.fromtimestamp(closed_at_ms / 1000, UTC)
        return TradePlan(
            setup_id=setup_id,
            plan_id=plan_id_of(setup_id, closed_at_ms, self._content_hash),
            venue=instrument.venue,
            symbol=instrument.symbol,
            market=instrument.kind,
            direction=axis.direction,
            trade_type=profile.trade_type,
            timeframe=self._timeframe,
            profile=profile.name,
            created_at=created_at,
            valid_until=created_at + self._lifetime,
            entry_near=axis.price(priced.near),
            entry_mid=axis.price(priced.mid),
            entry_far=axis.price(priced.far),
            stop_loss=StopLoss(
                price=axis.price(priced.stop),
                rationale=f"{priced.distance_atr:.2f} ATR from the entry",
                distance_atr=priced.distance_atr,
            ),
            targets=priced.targets,
            risk_reward=priced.risk_reward,
            round_trip_cost=priced.round_trip_cost,
            atr=idea.atr,
            last_price=idea.close,
            confluence=idea.confluence,
            regime=regime,
            rationale=self._rationale,
        )


def _known_regime(idea: Idea) -> Regime:
    if idea.regime is None:
        sentence = "the market's regime is not known"
        raise NoPlan(Check(code="regime_unknown", passed=False, sentence=sentence))
    return idea.regime
