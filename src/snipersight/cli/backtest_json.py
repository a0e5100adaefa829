"""What a backtest shows, as a document for programs: `snipersight.backtest/1`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from snipersight.domain.units import plain
from snipersight.domain.wording import iso_of

if TYPE_CHECKING:
    from snipersight.engine.backtesting.results import BacktestTrade
    from snipersight.engine.backtesting.study import Study

SCHEMA: Final = "snipersight.backtest/1"


def study_json(study: Study, profile: str, remarks: Sequence[str] = ()) -> dict[str, Any]:
    """Return a study as values of JSON; money is text, statistics are numbers.

    Args:
        study: of the backtest.
        profile: its name.
        remarks: what the reader should know of the candles.
    """
    result, verdict = study.result, study.verdict
    return {
        "schema": SCHEMA,
        "profile": profile,
        "source": result.source,
        "from": iso_of(result.period.start_ms),
        "to": iso_of(result.period.end_ms),
        "markets": list(result.markets),
        "bars": result.bars,
        "currency": result.currency,
        "starting_balance": plain(result.starting_balance),
        "balance": plain(result.standing.balance),
        "remarks": list(remarks),
        "funding": asdict(result.funding),
        "rearmed": [iso_of(one) for one in result.rearmed_ms],
        "verdict": {
            "finding": verdict.finding.value,
            "sentence": verdict.sentence,
            "reasons": [asdict(one) for one in verdict.reasons],
        },
        "equity": asdict(study.equity),
        "trades": asdict(study.trades),
        "ranges": asdict(study.ranges),
        "holding": None if study.holding is None else asdict(study.holding),
        "random": None if study.random is None else asdict(study.random),
        "costs": None if study.costs is None else asdict(study.costs),
        "years": [asdict(one) for one in study.years],
        "regimes": [asdict(one) for one in study.regimes],
        "trials": study.trials.count,
        "funnel": dict(result.funnel),
        "daily": [
            {"day": iso_of(int(day_ms)), "equity": float(equity), "exposure": float(exposure)}
            for day_ms, equity, exposure in zip(
                result.daily.days_ms, result.daily.equity, result.daily.exposure, strict=True
            )
        ],
        "list": [_trade(one) for one in result.trades],
    }


def _trade(trade: BacktestTrade) -> dict[str, Any]:
    plan, outcome = trade.plan, trade.outcome
    return {
        "plan_id": plan.plan_id,
        "symbol": plan.symbol,
        "direction": plan.direction.value,
        "decided": iso_of(int(plan.created_at.timestamp() * 1000)),
        "size": plain(trade.staged.whole),
        "risk": plain(trade.risk),
        "status": outcome.status.value,
        "ending": outcome.ending.value,
        "entered": iso_of(outcome.entered_ms) if outcome.entered_ms else None,
        "ended": iso_of(outcome.ended_ms) if outcome.ended_ms else None,
        "net_r": outcome.net_r,
        "mae_r": outcome.mae_r,
        "mfe_r": outcome.mfe_r,
        "result": plain(trade.result),
    }
