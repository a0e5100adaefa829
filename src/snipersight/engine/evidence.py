"""From a scan to what is kept of it: one record a plan, and the count of how candidates ended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from snipersight.analysis.sessions import Session, sessions_at
from snipersight.domain.decision import Stage, TerminalReason
from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence import (
    Costs,
    Origin,
    ScanCount,
    SignalKey,
    SignalRecord,
    SignalTerms,
    Verdict,
)
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.plan import PlanId, TradePlan
from snipersight.domain.plan_json import plan_json
from snipersight.domain.profile import Profile
from snipersight.domain.units import Symbol
from snipersight.engine.report import ScanReport

# No record of funding is kept, so a position of a perpetual is taken to pay the exchanges' usual
# base rate every time, on whichever side it is. Half the time it would have been paid instead.
FUNDING_RATE: Final = 0.0001  # of the notional
FUNDING_INTERVAL_MS: Final = 8 * 3_600_000

_HOUR_MS: Final = 3_600_000
_APPROVED: Final = TerminalReason(stage=Stage.APPROVED)
# Sessions overlap; a moment belongs to the one that opened last.
_LATEST_FIRST: Final = (
    (Session.NEW_YORK, "new_york"),
    (Session.LONDON, "london"),
    (Session.ASIA, "asia"),
)


def signal_key(account_id: str, plan_id: PlanId) -> SignalKey:
    """Return `<account>:<plan_id>`."""
    return SignalKey(f"{account_id}:{plan_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the signals of one look at the market have in common.

    Args:
        account_id: whose gate judged.
        origin: scan, practice or replay.
        context_id: the look.
        profile: thresholds and management.

    Attributes:
        profile_hash: of the profile, which takes longer to tell than all the rest.
    """

    account_id: str
    origin: Origin
    context_id: str
    profile: Profile
    profile_hash: str = field(init=False)

    def __post_init__(self) -> None:
        """Tell the profile's hash once."""
        object.__setattr__(self, "profile_hash", self.profile.content_hash)


def signal_records(
    report: ScanReport,
    instruments: Mapping[Symbol, Instrument],
    *,
    account_id: str,
    origin: Origin,
) -> tuple[SignalRecord, ...]:
    """Return one record for every plan of a report: approved, refused, and the shadows.

    Nobody could have acted on any of them before the scan spoke, so candles count from then on.

    Args:
        report: of a scan.
        instruments: the markets of its plans; fees and tick are read.
        account_id: whose gate judged.
        origin: live or practice.

    Raises:
        DataInvalid: the market of a plan is missing, or its fees are.
    """
    shared = Circumstances(
        account_id=account_id,
        origin=origin,
        context_id=report.context_id,
        profile=report.profile,
    )
    records: dict[SignalKey, SignalRecord] = {}
    for plan, reason, is_kept in _plans(report):
        record = signal_record(
            plan,
            reason,
            shared,
            instrument=_market(plan, instruments),
            judged_ms=report.as_of_ms,
            leader=str(report.leaders.get(plan.plan_id, "")),
            text="" if is_kept else json.dumps(plan_json(plan), ensure_ascii=False),
        )
        records.setdefault(record.key, record)
    return tuple(records.values())


def _plans(report: ScanReport) -> Iterator[tuple[TradePlan, TerminalReason, bool]]:
    """Yield every plan, how it ended, and whether the audit holds it."""
    for ranked in report.plans:
        yield ranked.plan, _APPROVED, True
    for refusal in report.refusals:
        plan = refusal.plan or refusal.shadow
        if plan is not None:
            yield plan, refusal.reason, refusal.reason.stage is not Stage.GATED


def _market(plan: TradePlan, instruments: Mapping[Symbol, Instrument]) -> Instrument:
    market = instruments.get(plan.symbol)
    if market is None:
        raise DataInvalid("the market of a plan is no longer listed", where=str(plan.symbol))
    return market


def scan_count(report: ScanReport, *, account_id: str, origin: Origin) -> ScanCount:
    """Return how the candidates of a scan ended."""
    return ScanCount(
        context_id=report.context_id,
        account_id=account_id,
        origin=origin,
        profile=report.profile.name,
        venue=report.venue,
        at_ms=report.as_of_ms,
        symbols=len(report.universe),
        funnel=dict(report.funnel),
    )


def signal_record(
    plan: TradePlan,
    reason: TerminalReason,
    shared: Circumstances,
    *,
    instrument: Instrument,
    judged_ms: int,
    leader: str = "",
    text: str = "",
) -> SignalRecord:
    """Return what is kept of one plan.

    Args:
        plan: the plan, or what would have been planned.
        reason: how it ended; its stage is the verdict.
        shared: whose it is and by which profile.
        instrument: its market.
        judged_ms: when the verdict fell; no earlier bar counts.
        leader: regime of the leading market at the decision; empty where unknown.
        text: the plan as JSON; empty where the audit holds it.

    Raises:
        DataInvalid: the fees of the market are unknown.
    """
    decided_ms = int(plan.created_at.timestamp() * 1000)
    confluence = plan.confluence
    return SignalRecord(
        key=signal_key(shared.account_id, plan.plan_id),
        account_id=shared.account_id,
        plan_id=plan.plan_id,
        setup_id=plan.setup_id,
        origin=shared.origin,
        context_id=shared.context_id,
        profile=plan.profile,
        profile_hash=shared.profile_hash,
        venue=plan.venue,
        symbol=plan.symbol,
        market=plan.market,
        timeframe=plan.timeframe,
        direction=plan.direction,
        trade_type=plan.trade_type.value,
        decided_ms=decided_ms,
        judged_ms=judged_ms,
        verdict=Verdict(reason.stage.value),
        reason=str(reason),
        score=confluence.score,
        tier=confluence.tier.value,
        risk_reward=plan.risk_reward,
        regime=plan.regime.value,
        leader=leader,
        session=session_at(decided_ms),
        factors={factor.name: factor.contribution for factor in confluence.factors},
        terms=signal_terms(
            plan, shared.profile, instrument=instrument, known_ms=max(decided_ms, judged_ms)
        ),
        plan_json=text,
    )


def signal_terms(
    plan: TradePlan, profile: Profile, *, instrument: Instrument, known_ms: int
) -> SignalTerms:
    """Return what the outcome of a plan follows from, under its profile's own management.

    Args:
        plan: prices and times.
        profile: management and slippage, the same that planner and gate count with.
        instrument: fees and tick.
        known_ms: only bars that open then or later count.

    Raises:
        DataInvalid: the fees of the market are unknown.
    """
    rules = profile.management
    near, middle, far = (float(part) for part in rules.entry_fractions)
    return SignalTerms(
        direction=plan.direction,
        near=float(plan.entry_near),
        mid=float(plan.entry_mid),
        far=float(plan.entry_far),
        entry_fractions=(near, middle, far),
        stop=float(plan.stop_loss.price),
        targets=tuple((float(one.price), float(one.fraction)) for one in plan.targets),
        cost_per_unit=float(plan.round_trip_cost),
        atr=float(plan.atr),
        tick=float(instrument.tick or 0),
        known_ms=known_ms,
        valid_until_ms=int(plan.valid_until.timestamp() * 1000),
        break_even=rules.break_even,
        trailing_atr=float(rules.trailing_atr or 0),
        time_stop_ms=int((rules.time_stop_hours or 0) * _HOUR_MS),
        min_rr=float(rules.min_rr),
        costs=_costs(instrument, slippage=float(profile.planner.slippage_fraction)),
    )


def _costs(instrument: Instrument, *, slippage: float) -> Costs:
    """Return what a trade pays; a maker rebate counts as no fee, as it does for the planner."""
    fees = instrument.fees
    if fees is None:
        raise DataInvalid("the fees of a plan's market are unknown", where=str(instrument.symbol))
    is_funded = instrument.kind is MarketKind.PERPETUAL
    return Costs(
        maker=max(float(fees.maker), 0.0),
        taker=max(float(fees.taker), 0.0),
        slippage=slippage,
        funding_rate=FUNDING_RATE if is_funded else 0.0,
        funding_interval_ms=FUNDING_INTERVAL_MS,
    )


def session_at(time_ms: int) -> str:
    """Return the session of a moment, `london`; where two overlap the later one, `none` outside."""
    held = sessions_at(time_ms)
    return next((name for session, name in _LATEST_FIRST if session in held), "none")
