"""A recorded quarter of five perpetuals: the backtest beside the replay, plan by plan.

The replay judges every plan alone, beside nothing, and follows it with exact shares. So where the
account had room, the same plan was sent at the same close, and came to the same end: on the same
bar, for the same reason, within what lots leave of a share.
"""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

import pytest

from snipersight.bootstrap.evidence.backtest import Making, open_world, run_backtest
from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.evidence.replay import replay
from snipersight.bootstrap.profiles import list_profiles
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.evidence import (
    EvidenceFilter,
    Kind,
    Outcome,
    OutcomeStatus,
    SignalRecord,
    Verdict,
)
from snipersight.domain.timeframe import DAY_MS
from snipersight.engine.backtesting.results import BacktestResult
from tests.fakes.memory_evidence import MemoryEvidence
from tests.fakes.recorded import OHLCV

FOLDER = OHLCV / "c_no_licence" / "binance_usdm_1h_2023_2025"
SYMBOLS = ",".join(f"{one}/USDT:USDT" for one in ("BTC", "ETH", "SOL", "LINK", "XRP"))
START_MS = 1_711_929_600_000  # 2024-04-01
END_MS = 1_719_792_000_000  # 2024-07-01

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded candles are not here"),
]


def a_request(*, end_ms: int = END_MS) -> RecordedRequest:
    return RecordedRequest(
        data=FOLDER,
        profile=list_profiles(Path("no-own-profiles"))["balanced"].load(),
        symbols=SYMBOLS,
        start_ms=START_MS,
        end_ms=end_ms,
    )


async def backtested(request: RecordedRequest) -> BacktestResult:
    settings = load_settings()[0]
    world = await open_world(request, settings, Making(), progress=lambda *_: None)
    return await run_backtest(world, progress=lambda *_: None)


@cache
def a_quarter() -> BacktestResult:
    return asyncio.run(backtested(a_request()))


@cache
def told() -> dict[str, tuple[SignalRecord, Outcome]]:
    """Return what the replay says of every plan."""
    evidence = MemoryEvidence()
    settings = load_settings()[0]
    asyncio.run(replay(a_request(), settings, evidence, progress=lambda *_: None))
    found = {}
    for key in evidence.table(EvidenceFilter()).key:
        signal = evidence.signal(key)
        assert signal is not None
        found[str(signal.plan_id)] = (signal, evidence.outcomes(key)[Kind.MODELLED])
    return found


def decided_ms(result: BacktestResult) -> dict[str, int]:
    """Return when each plan that the account looked at was decided."""
    plans = [one.plan for one in result.trades]
    plans += [one.plan for one in result.refused if one.plan is not None]
    return {one.plan_id: int(one.created_at.timestamp() * 1000) for one in plans}


def written(record: AuditDraft) -> tuple[object, ...]:
    """Return a record; of a verdict without its inputs, which say until when rules were checked."""
    body = {} if record.kind is AuditKind.DECISION else dict(record.body)
    return record.kind, record.subject, record.at_us, body


def test_the_account_looks_at_the_plans_that_the_replay_judges():
    judged = {
        plan_id: signal.decided_ms
        for plan_id, (signal, _) in told().items()
        if signal.verdict in (Verdict.APPROVED, Verdict.REJECTED)
    }
    seen = decided_ms(a_quarter())
    assert len(judged) > 20
    assert set(judged) <= set(seen)
    assert {plan_id: seen[plan_id] for plan_id in judged} == judged


def test_what_was_sent_at_its_close_ends_as_the_replay_says():
    compared = 0
    for trade in a_quarter().trades:
        signal, outcome = told()[trade.plan.plan_id]
        assert signal.verdict is Verdict.APPROVED
        if trade.staged.terms.known_ms != signal.terms.known_ms:
            continue  # its market was taken when it was decided
        mine = trade.outcome
        if not mine.status.is_final:
            assert outcome.ended_ms == 0 or outcome.ended_ms > END_MS
            continue  # the replay goes on to the end of the data
        lot = float(trade.staged.lot / trade.staged.whole)
        assert (mine.status, mine.ending) == (outcome.status, outcome.ending)
        assert (mine.entered_ms, mine.ended_ms) == (outcome.entered_ms, outcome.ended_ms)
        assert mine.targets_hit == outcome.targets_hit
        assert mine.net_r == pytest.approx(outcome.net_r, abs=1e-9 + 3 * lot)
        compared += 1
    assert compared > 15


def test_the_money_of_each_trade_is_its_result_in_r():
    closed = [one for one in a_quarter().trades if one.outcome.status is OutcomeStatus.CLOSED]
    assert len(closed) > 10
    for trade in closed:
        # The gate may count a unit's costs higher than the plan, never lower.
        risk = float(trade.staged.whole) * trade.staged.terms.risk_per_unit
        assert risk <= float(trade.risk) * (1 + 1e-9)
        assert float(trade.result) == pytest.approx(trade.outcome.net_r * risk, abs=1e-6)


def test_a_quarter_that_ends_earlier_is_the_beginning_of_the_longer_one():
    end_ms = END_MS - 40 * DAY_MS
    whole, part = a_quarter(), asyncio.run(backtested(a_request(end_ms=end_ms)))
    began = [one for one in whole.trades if one.entry.reserved_us <= end_ms * 1000]
    assert len(began) == len(part.trades) > 5
    for one, other in zip(part.trades, began, strict=True):
        assert one.staged.approved == other.staged.approved
        assert list(one.steps) == [step for step in other.steps if step.at_ms <= end_ms]
    earlier = [one for one in whole.records if one.at_us <= end_ms * 1000]
    assert [written(one) for one in part.records] == [written(one) for one in earlier]
    count = len(part.daily.equity)
    assert part.daily.equity.tolist() == whole.daily.equity[:count].tolist()
