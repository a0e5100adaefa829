"""One step of a replay as values of JSON: `snipersight.step/1`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.cli.plan_json import ranked_plan_json, refusal_json
from snipersight.domain.plan_json import Json, number
from snipersight.domain.wording import iso_of

if TYPE_CHECKING:
    from snipersight.engine.stepping.following import Followed
    from snipersight.engine.stepping.happenings import Happening
    from snipersight.engine.stepping.stepper import Step

SCHEMA: Final = "snipersight.step/1"


def step_json(step: Step) -> Json:
    """Return everything that was known at a close; `plans` and `refusals` are those of a scan."""
    bar = step.bar
    return {
        "schema": SCHEMA,
        "number": step.number,
        "at": iso_of(step.at_ms),
        "symbol": bar.symbol,
        "timeframe": bar.timeframe.name,
        "bar": {
            name: number(float(getattr(bar, name)[0]))
            for name in ("open", "high", "low", "close", "volume")
        },
        "happenings": [_happening_json(one) for one in step.happenings],
        "planned": [one.plan.plan_id for one in step.planned],
        "decided": [one.setup_id for one in step.decided],
        "followed": [_followed_json(one) for one in step.followed],
        "plans": [ranked_plan_json(one, chart=None) for one in step.report.plans],
        "refusals": [refusal_json(one) for one in step.report.refusals],
    }


def _happening_json(happening: Happening) -> Json:
    return {
        "role": happening.role,
        "timeframe": happening.timeframe.name,
        "kind": happening.kind.value,
        "name": happening.name,
        "direction": happening.direction.value,
        "low": number(happening.low),
        "high": number(happening.high),
        "bar": iso_of(happening.at_ms),
        "measure": None if happening.measure is None else number(happening.measure),
        "why": happening.why or None,
    }


def _followed_json(followed: Followed) -> Json:
    outcome = followed.outcome
    return {
        "plan_id": followed.plan.plan_id,
        "direction": followed.plan.direction.value,
        "status": outcome.status.value,
        "ending": outcome.ending.value,
        "entered": iso_of(outcome.entered_ms) if outcome.entered_ms else None,
        "ended": iso_of(outcome.ended_ms) if outcome.ended_ms else None,
        "filled_fraction": number(outcome.filled_fraction),
        "targets_hit": outcome.targets_hit,
        "net_r": number(outcome.net_r),
    }
