"""An explanation as one JSON object, `snipersight.explain/1`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from snipersight.analysis.facts import Block, Gap, Pool, PriceZone, Reading
from snipersight.cli.report_json import profile_json
from snipersight.domain.decision import Candidate
from snipersight.domain.plan_json import check_json, decision_json, number, plan_json
from snipersight.domain.ports import LeaderState
from snipersight.domain.profile import Profile
from snipersight.domain.wording import iso_of

if TYPE_CHECKING:
    from snipersight.engine.explain import Explanation

SCHEMA: Final = "snipersight.explain/1"
Json = dict[str, Any]


def explanation_json(explanation: Explanation, profile: Profile) -> Json:
    """Return everything that was known and judged, as JSON values."""
    return {
        "schema": SCHEMA,
        "symbol": explanation.symbol,
        "as_of": iso_of(explanation.as_of_ms),
        "profile": profile_json(profile),
        "readings": {role: _reading(found) for role, found in explanation.readings.items()},
        "leader": _leader(explanation.leader),
        "candidates": [_candidate(candidate) for candidate in explanation.candidates],
        "approved": [
            {"plan_id": decision.plan.plan_id, **decision_json(decision)}
            for decision in explanation.approved
        ],
        "notes": list(explanation.notes),
    }


def _candidate(candidate: Candidate) -> Json:
    return {
        "at": iso_of(candidate.at_ms),
        "reason": None if candidate.reason is None else str(candidate.reason),
        "detail": candidate.detail,
        "direction": None if candidate.direction is None else candidate.direction.value,
        "setup_id": candidate.setup_id,
        "plan": None if candidate.plan is None else plan_json(candidate.plan),
        "checks": [check_json(check) for check in candidate.checks],
    }


def _leader(leader: LeaderState | None) -> Json | None:
    if leader is None:
        return None
    return {
        "trend": leader.trend,
        "regime": None if leader.regime is None else leader.regime.value,
        "known_at": None if leader.known_at_ms is None else iso_of(leader.known_at_ms),
    }


def _reading(found: Reading) -> Json:
    return {
        "timeframe": found.timeframe.name,
        "known_at": iso_of(found.known_at_ms),
        "close": number(found.close),
        "atr": number(found.atr),
        "internal_trend": found.internal_trend,
        "swing_trend": found.swing_trend,
        "regime": None if found.regime is None else found.regime.value,
        "adx": number(found.adx),
        "atr_percentile": number(found.atr_percentile),
        "swing_low": found.swing_low,
        "swing_high": found.swing_high,
        "protected": found.protected,
        "blocks": [_block(block) for block in found.blocks],
        "gaps": [_gap(gap) for gap in found.gaps],
        "pools": [_pool(pool) for pool in found.pools],
    }


def _zone(zone: PriceZone) -> Json:
    return {"low": zone.low, "high": zone.high, "at": iso_of(zone.at_ms)}


def _block(block: Block) -> Json:
    return {
        **_zone(block.zone),
        "direction": block.direction.value,
        "state": block.state.name.lower(),
        "penetration": number(block.penetration),
        "is_induced": block.is_induced,
        "known_at": iso_of(block.known_at_ms),
    }


def _gap(gap: Gap) -> Json:
    return {
        **_zone(gap.zone),
        "direction": gap.direction.value,
        "is_inverse": gap.is_inverse,
        "fill": number(gap.fill),
        "known_at": iso_of(gap.known_at_ms),
    }


def _pool(pool: Pool) -> Json:
    return {
        "label": pool.kind.label(pool.side),
        "side": "above" if pool.side.sign > 0 else "below",
        "price": pool.price,
        "at": iso_of(pool.at_ms),
        "touches": pool.touches,
    }
