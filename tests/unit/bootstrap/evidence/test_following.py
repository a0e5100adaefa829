"""Kept signals are followed on closed bars: the same ends whenever one looks, each turn told once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache

import pytest

from snipersight.bootstrap.evidence.following import FollowCounts, follow
from snipersight.bootstrap.evidence.recording import record_report
from snipersight.domain.candles import Candles
from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.evidence import (
    EvidenceFilter,
    Kind,
    Origin,
    Outcome,
    OutcomeStatus,
    SignalKey,
    SignalRecord,
)
from snipersight.domain.plan import PlanId
from snipersight.domain.ports import CandleSource, PlanSource
from snipersight.domain.timeframe import DAY_MS, HOUR_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.report import ScanReport
from snipersight.planner.smc_source import SmcPlanSource
from tests.builders.evidence import a_scan, a_signal, some_terms
from tests.fakes.candle_table import CandleTable
from tests.fakes.events import RecordingEvents
from tests.fakes.memory_evidence import MemoryEvidence
from tests.fakes.scanning import NOON_MS, a_lively_profile, scan, synthetic_table

SYMBOLS = ("BTC/USDT:USDT", "SOL/USDT:USDT", "DOGE/USDT:USDT")
SCANNED_MS = NOON_MS - DAY_MS
S = OutcomeStatus


def table() -> CandleTable:
    return synthetic_table(SYMBOLS)


@cache
def report() -> ScanReport:
    profile = a_lively_profile(gates={"min_score": 30})
    return scan(table(), profile, as_of_ms=SCANNED_MS)


def evidence_of_a_scan(origin: Origin = Origin.PRACTICE) -> MemoryEvidence:
    evidence = MemoryEvidence()
    recorded = record_report(
        report(),
        source=table(),
        evidence=evidence,
        account_id="tests",
        origin=origin,
        now_ms=SCANNED_MS,
    )
    assert asyncio.run(recorded) >= 5
    return evidence


def plans_of(_name: str) -> PlanSource:
    return SmcPlanSource(report().profile)


def followed(
    evidence: MemoryEvidence,
    *,
    now_ms: int = NOON_MS,
    source: CandleSource | None = None,
    sink: RecordingEvents | None = None,
    lists_all: bool = True,
    seconds: float | None = None,
) -> FollowCounts:
    return asyncio.run(
        follow(
            source or table(),
            evidence,
            now_ms=now_ms,
            origin=Origin.PRACTICE,
            plans_of=plans_of,
            sink=sink or RecordingEvents(),
            lists_all=lists_all,
            seconds=seconds,
        )
    )


def ends(evidence: MemoryEvidence) -> dict[str, Outcome]:
    keys = evidence.table(EvidenceFilter()).key
    return {key: evidence.outcomes(key)[Kind.MODELLED] for key in keys}


def test_every_signal_has_one_state_and_the_states_add_up():
    evidence = evidence_of_a_scan()
    followed(evidence)
    statuses = Counter(one.status for one in ends(evidence).values())
    kept = len(evidence.table(EvidenceFilter()))
    assert statuses.total() == kept == len({plan.plan_id for plan in report().signals})
    assert statuses[S.CLOSED] >= 1
    assert statuses[S.MISSED] + statuses[S.INVALIDATED] >= 1


def test_looking_every_hour_ends_as_looking_once_does():
    once, hourly = evidence_of_a_scan(), evidence_of_a_scan()
    followed(once)
    for now_ms in range(SCANNED_MS, NOON_MS + 1, 3 * HOUR_MS):
        followed(hourly, now_ms=now_ms)
    assert ends(hourly) == ends(once)


def test_each_turn_is_told_once_under_a_name_of_its_own():
    evidence, sink = evidence_of_a_scan(), RecordingEvents()
    for now_ms in (SCANNED_MS + 6 * HOUR_MS, NOON_MS, NOON_MS):
        followed(evidence, now_ms=now_ms, sink=sink)
    keys = [str(fields["event_key"]) for _name, fields in sink.events]
    assert len(keys) == len(set(keys)) > 0
    final = {f"outcome:{key}:{one.status}" for key, one in ends(evidence).items()}
    assert {key for key in final if not key.endswith("waiting")} <= set(keys)


def test_a_second_look_at_the_same_moment_changes_nothing():
    evidence = evidence_of_a_scan()
    assert followed(evidence).changed > 0
    assert followed(evidence).changed == 0


def test_what_ended_before_the_scan_spoke_was_nobodys_to_enter():
    evidence = evidence_of_a_scan()
    voided = {
        f"tests:{one.plan.plan_id}"
        for one in report().refusals
        if one.plan is not None and one.reason.name in ("target_touched", "stop_touched")
    }
    assert voided
    followed(evidence)
    found = {key: one for key, one in ends(evidence).items() if key in voided}
    assert {one.status for one in found.values()} <= {S.MISSED, S.INVALIDATED}
    assert all(one.entered_ms == 0 and one.ended_ms <= SCANNED_MS for one in found.values())


def test_what_the_scan_says_is_over_is_over_by_the_candles_too():
    evidence = evidence_of_a_scan()
    followed(evidence)
    reasons = {
        "target_touched": S.MISSED,
        "stop_touched": S.INVALIDATED,
        "structure_shift": S.INVALIDATED,
        "expired": S.EXPIRED,
    }
    for one in report().refusals:
        if one.plan is not None and one.reason.name in reasons:
            end = ends(evidence)[f"tests:{one.plan.plan_id}"]
            assert end.status is reasons[one.reason.name], one


def test_a_market_that_is_gone_leaves_its_signals_unknown():
    gone = replace(table(), listed={Symbol(SYMBOLS[0]): table().listed[Symbol(SYMBOLS[0])]})
    evidence = evidence_of_a_scan()
    followed(evidence, source=gone)
    lost = [one for key, one in ends(evidence).items() if "no longer listed" in one.note]
    assert lost
    assert {one.status for one in lost} == {S.UNKNOWN}


def test_a_market_that_is_away_for_an_hour_is_followed_when_it_is_back():
    evidence, away = evidence_of_a_scan(), replace(table(), listed={})
    followed(evidence, source=away, now_ms=SCANNED_MS + HOUR_MS)
    assert len(evidence.unfinished()) == len(evidence.table(EvidenceFilter()))
    followed(evidence)
    assert S.UNKNOWN not in {one.status for one in ends(evidence).values()}


def test_a_market_that_a_recording_lacks_is_not_gone():
    gone = replace(table(), listed={})
    evidence = evidence_of_a_scan()
    assert followed(evidence, source=gone, lists_all=False).changed == 0
    assert followed(evidence).changed > 0


def test_a_market_that_cannot_be_read_is_told_and_followed_the_next_time():
    away = VenueUnavailable("no answer", where="sandbox")
    broken = replace(table(), faults={Symbol(SYMBOLS[1]): away})
    evidence, sink = evidence_of_a_scan(), RecordingEvents()
    counts = followed(evidence, source=broken, sink=sink)
    assert len(counts.problems) == 1
    assert sink.named("data_quality")[0]["symbol"] == SYMBOLS[1]
    assert followed(evidence).looked_at > 0
    assert followed(evidence).looked_at == 0 or not followed(evidence).problems


def test_a_venue_that_does_not_answer_leaves_everything_for_the_next_time():
    class Away(CandleTable):
        async def instruments(self):
            raise VenueUnavailable("no answer", where="sandbox")

    evidence = evidence_of_a_scan()
    counts = followed(evidence, source=Away(base={}, listed={}))
    assert counts.left > 0
    assert "no answer" in counts.problems[0]


def test_what_there_is_no_time_for_comes_first_the_next_time():
    evidence = evidence_of_a_scan()
    assert followed(evidence, seconds=0).left > 0
    counts = followed(evidence)
    assert counts.left == 0
    assert counts.changed > 0


def test_replayed_signals_are_not_followed_on_a_live_market():
    evidence = evidence_of_a_scan(Origin.REPLAY)
    assert followed(evidence) == FollowCounts()


def test_nothing_is_read_before_a_bar_has_closed():
    evidence = evidence_of_a_scan()
    counts = followed(evidence, now_ms=SCANNED_MS + 60_000)
    assert counts == FollowCounts()


def an_open_signal(bars: Candles) -> SignalRecord:
    """Return a signal that the next bar enters and nothing ends."""
    price, known_ms = float(bars.close[-100]), int(bars.close_time[-100])
    terms = some_terms(
        near=price * 1.001,
        mid=price,
        far=price * 0.999,
        stop=price * 0.5,
        targets=((price * 2, 1.0),),
        known_ms=known_ms,
        valid_until_ms=known_ms + DAY_MS,
    )
    return a_signal(
        venue="sandbox",
        symbol=bars.symbol,
        origin=Origin.PRACTICE,
        timeframe=bars.timeframe,
        decided_ms=known_ms,
        terms=terms,
    )


def test_missing_candles_in_the_middle_of_a_trade_are_counted():
    bars = table().base[Symbol(SYMBOLS[0])]
    hole = range(len(bars) - 60, len(bars) - 50)
    keep = [place for place in range(len(bars)) if place not in hole]
    holed = replace(bars, **{name: getattr(bars, name)[keep] for name in _COLUMNS})
    evidence, signal = MemoryEvidence(), an_open_signal(bars)
    evidence.record(a_scan(), [signal])
    followed(evidence, source=replace(table(), base={bars.symbol: holed}))
    end = evidence.outcomes(signal.key)[Kind.MODELLED]
    assert (end.status, end.missing_bars) == (S.OPEN, 10)


def test_a_position_that_stays_open_is_told_as_entered_once():
    evidence, sink = MemoryEvidence(), RecordingEvents()
    signal = an_open_signal(table().base[Symbol(SYMBOLS[0])])
    evidence.record(a_scan(), [signal])
    for minutes in (60, 30, 0):
        followed(evidence, now_ms=NOON_MS - minutes * 60_000, sink=sink)
    assert sink.names == ["plan_entered"]
    assert sink.events[0][1]["event_key"] == f"outcome:{signal.key}:open"


@pytest.mark.parametrize(
    ("days", "lists_all", "status"),
    [(13, True, S.OPEN), (14, True, S.UNKNOWN), (30, False, S.OPEN)],
)
def test_a_market_that_falls_silent_ends_what_lives_on_it(days, lists_all, status):
    evidence, signal = MemoryEvidence(), an_open_signal(table().base[Symbol(SYMBOLS[0])])
    evidence.record(a_scan(), [signal])
    followed(evidence, now_ms=NOON_MS + days * DAY_MS, lists_all=lists_all)
    assert evidence.outcomes(signal.key)[Kind.MODELLED].status is status


def test_terms_that_contradict_each_other_keep_no_other_signal_from_its_outcome():
    good = an_open_signal(table().base[Symbol(SYMBOLS[0])])
    terms = replace(good.terms, stop=good.terms.near * 2)
    bad = replace(good, key=SignalKey("main:bad"), plan_id=PlanId("bad"), terms=terms)
    evidence = MemoryEvidence()
    evidence.record(a_scan(), [good, bad])
    assert followed(evidence).problems == ()
    assert {key: one.status for key, one in ends(evidence).items()} == {
        good.key: S.OPEN,
        bad.key: S.UNKNOWN,
    }


def test_an_old_position_takes_the_finer_bars_from_no_later_signal():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Noting(CandleTable):
        asked: list[tuple[int, int]] = field(default_factory=list)

        async def candles(self, symbol, timeframe, *, start_ms, end_ms):
            if timeframe.name == "5m":
                self.asked.append((start_ms, end_ms))
            return await CandleTable.candles(
                self, symbol, timeframe, start_ms=start_ms, end_ms=end_ms
            )

    late = replace(
        an_open_signal(table().base[Symbol(SYMBOLS[0])]), timeframe=Timeframe.parse("1h")
    )
    early_ms = late.decided_ms - 80 * DAY_MS
    terms = replace(late.terms, known_ms=early_ms, valid_until_ms=NOON_MS)
    early = replace(late, key=SignalKey("main:early"), decided_ms=early_ms, terms=terms)
    evidence = MemoryEvidence()
    evidence.record(a_scan(), [early, late])
    source = Noting(base=table().base, listed=table().listed)
    followed(evidence, source=source)
    assert any(start <= late.decided_ms and end == NOON_MS for start, end in source.asked)


@pytest.mark.parametrize("days", [2, 30])
def test_candles_that_begin_after_the_time_for_an_entry_tell_nothing(days):
    symbol = Symbol(SYMBOLS[0])
    first_ms = int(table().base[symbol].open_time[0])
    known_ms = first_ms - days * DAY_MS
    terms = some_terms(known_ms=known_ms, valid_until_ms=known_ms + DAY_MS)
    signal = a_signal(
        venue="sandbox",
        symbol=symbol,
        origin=Origin.PRACTICE,
        timeframe=table().base[symbol].timeframe,
        decided_ms=known_ms,
        terms=terms,
    )
    evidence = MemoryEvidence()
    evidence.record(a_scan(), [signal])
    followed(evidence)
    end = evidence.outcomes(signal.key)[Kind.MODELLED]
    assert end.status is S.UNKNOWN
    assert "no candles" in end.note


_COLUMNS = ("open_time", "open", "high", "low", "close", "volume")
