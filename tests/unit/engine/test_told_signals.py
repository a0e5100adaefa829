"""Told signals are followed on closed bars: the same turns whenever one looks."""

import asyncio
from collections import Counter
from dataclasses import replace
from functools import cache

from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.notices import Signal, SignalEvent, SignalUpdate
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.report import Refusal
from snipersight.engine.told_signals import Follower
from snipersight.planner.smc_source import SmcPlanSource
from tests.builders.decisions import an_approval
from tests.fakes.candle_table import CandleTable
from tests.fakes.events import RecordingEvents
from tests.fakes.scanning import NOON_MS, a_lively_profile, scan, synthetic_table

SYMBOLS = ("BTC/USDT:USDT", "SOL/USDT:USDT", "DOGE/USDT:USDT")
E = SignalEvent
ENDS = {
    "expired": E.EXPIRED,
    "target_touched": E.MISSED,
    "stop_touched": E.INVALIDATED,
    "structure_shift": E.INVALIDATED,
}


def table() -> CandleTable:
    return synthetic_table(SYMBOLS)


@cache
def judged() -> tuple[tuple[TradePlan, ...], tuple[Refusal, ...]]:
    """Return the plans of two days and what the last scan says of those that ended."""
    profile = a_lively_profile()
    ended: list[Refusal] = []
    plans: dict[str, TradePlan] = {}
    for hours in range(0, 48, 6):
        report = scan(table(), profile, as_of_ms=NOON_MS - hours * DAY_MS // 24)
        found = [ranked.plan for ranked in report.plans]
        found += [refusal.plan for refusal in report.refusals if refusal.plan is not None]
        plans |= {plan.plan_id: plan for plan in found}
        ended += [refusal for refusal in report.refusals if refusal.plan is not None]
    return tuple(plans.values()), tuple(ended)


def a_signal(plan: TradePlan) -> Signal:
    return Signal(
        decision=an_approval(plan),
        account_id="main",
        currency=Currency("USDT"),
        instrument=None,
        last_price=plan.last_price,
        judged_ms=int(plan.created_at.timestamp() * 1000),
    )


def turns(
    plans: tuple[TradePlan, ...],
    *,
    as_of_ms: int = NOON_MS,
    source: CandleSource | None = None,
    sink: RecordingEvents | None = None,
    knows_profile: bool = True,
) -> list[SignalUpdate]:
    smc = SmcPlanSource(a_lively_profile())
    follower = Follower(
        source=source or table(),
        plans_of=lambda name: smc if knows_profile and name == smc.profile.name else None,
        sink=sink or RecordingEvents(),
        as_of_ms=as_of_ms,
    )
    return list(asyncio.run(follower.updates(a_signal(plan) for plan in plans)))


def of_plan(updates: list[SignalUpdate], plan: TradePlan) -> list[SignalUpdate]:
    return [each for each in updates if each.signal.decision.plan is plan]


def test_what_was_told_earlier_is_told_the_same_later():
    plans, _ = judged()
    now = turns(plans)
    assert {update.event for update in now} >= {E.ENTERED, E.CLOSED, E.MISSED}
    earlier_ms = NOON_MS - DAY_MS // 2
    for plan in plans:
        early = of_plan(turns((plan,), as_of_ms=earlier_ms), plan)
        assert early == [each for each in of_plan(now, plan) if each.at_ms <= earlier_ms]


def test_a_plan_ends_unfilled_for_the_reason_that_a_scan_gives():
    plans, refusals = judged()
    now = turns(plans)
    compared = Counter[str]()
    for refusal in refusals:
        if refusal.plan is None or refusal.reason.name not in ENDS:
            continue
        ended = [each.event for each in now if each.signal.decision.plan == refusal.plan]
        if E.ENTERED in ended:
            assert "had been touched" in refusal.detail
            continue
        assert ended[-1:] == [ENDS[refusal.reason.name]]
        compared[refusal.reason.name] += 1
    assert compared["structure_shift"] > 0, compared


def test_without_the_profile_prices_alone_are_followed():
    plans, _ = judged()
    details = {each.detail for each in turns(plans, knows_profile=False)}
    assert not any("structure" in detail for detail in details)
    assert any("stop" in detail for detail in details)


def test_a_market_that_cannot_be_read_is_followed_the_next_time():
    plans, _ = judged()
    sink = RecordingEvents()
    faults = {Symbol(SYMBOLS[0]): VenueUnavailable("timed out", where="sandbox")}
    found = turns(plans, source=replace(table(), faults=faults), sink=sink)
    assert {each.signal.decision.plan.symbol for each in found} == set(SYMBOLS[1:])
    told = [fields for name, fields in sink.events if name == "data_quality"]
    assert {fields["symbol"] for fields in told} == {SYMBOLS[0]}
    rest = {symbol: bars for symbol, bars in table().base.items() if symbol != SYMBOLS[1]}
    found = turns(plans, source=replace(table(), base=rest), sink=sink)
    assert SYMBOLS[1] not in {each.signal.decision.plan.symbol for each in found}


def test_signals_of_other_venues_and_without_a_new_bar_have_no_turn():
    plans, _ = judged()
    elsewhere = tuple(replace(plan, venue="binance") for plan in plans)
    assert turns(elsewhere) == []
    newest = max(plans, key=lambda plan: plan.created_at)
    decided_ms = int(newest.created_at.timestamp() * 1000)
    assert turns((newest,), as_of_ms=decided_ms) == []
