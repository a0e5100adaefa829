"""Which scans are evidence, of what, and that the same scan counts once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from snipersight.bootstrap.evidence.recording import (
    origin_of,
    record_report,
    record_while_held,
)
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain.errors import LeaseLost
from snipersight.domain.evidence import EvidenceFilter, Origin, ScanCount, SignalRecord
from snipersight.domain.timeframe import HOUR_MS
from tests.fakes.memory_evidence import MemoryEvidence
from tests.fakes.scanning import NOON_MS, a_lively_profile, scan, synthetic_table

SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT")
BUILT_IN, OTHER_SEED = SourceChoice(), SourceChoice(seed=3)
EXCHANGE, FOLDER = SourceChoice(exchange="binance"), SourceChoice(data=Path("candles"))


@pytest.mark.parametrize(
    ("choice", "is_stand_in", "is_past", "origin"),
    [
        (EXCHANGE, False, False, Origin.LIVE),
        (EXCHANGE, True, False, Origin.PRACTICE),
        (FOLDER, False, False, Origin.LIVE),
        (BUILT_IN, False, False, Origin.PRACTICE),
        (SourceChoice(seed=7), False, False, Origin.PRACTICE),
        (OTHER_SEED, False, False, None),
        (EXCHANGE, False, True, None),
        (FOLDER, False, True, None),
        (BUILT_IN, False, True, None),
    ],
)
def test_a_scan_is_evidence_of_the_market_it_looked_at_now(choice, is_stand_in, is_past, origin):
    assert origin_of(choice, is_stand_in=is_stand_in, is_past=is_past) is origin


def recorded(evidence: MemoryEvidence, *, now_ms: int = NOON_MS) -> int:
    report = scan(synthetic_table(SYMBOLS), a_lively_profile(), as_of_ms=NOON_MS)
    return asyncio.run(
        record_report(
            report,
            source=synthetic_table(SYMBOLS),
            evidence=evidence,
            account_id="tests",
            origin=Origin.LIVE,
            now_ms=now_ms,
        )
    )


def test_the_same_scan_again_is_nothing_new():
    evidence = MemoryEvidence()
    assert recorded(evidence) > 0
    assert recorded(evidence) == 0
    assert len(evidence.scans(EvidenceFilter())) == 1


def test_candles_that_end_long_ago_say_nothing_about_the_present():
    evidence = MemoryEvidence()
    assert recorded(evidence, now_ms=NOON_MS + 2 * HOUR_MS) == 0
    assert not evidence.scans(EvidenceFilter())


class Part:
    """A part of a scan that is another's from a number of looks on."""

    def __init__(self, *, looks: int) -> None:
        self.looks = looks

    async def require(self) -> None:
        self.looks -= 1
        if self.looks < 0:
            raise LeaseLost("another process has it")


def told_while(
    evidence: MemoryEvidence, part: Part, *, symbols: tuple[str, ...] = SYMBOLS
) -> int | None:
    """Record a scan of some symbols; None where it was refused."""
    table = synthetic_table(symbols)
    report = scan(table, a_lively_profile(), as_of_ms=NOON_MS)
    # As parts of one scan name themselves: each is a look of its own.
    report = replace(report, context_id=f"{report.context_id}_{len(symbols)}")
    try:
        return asyncio.run(
            record_while_held(
                report,
                require=part.require,
                source=table,
                evidence=evidence,
                account_id="tests",
                origin=Origin.LIVE,
                now_ms=NOON_MS,
            )
        )
    except LeaseLost:
        return None


def kept(evidence: MemoryEvidence) -> tuple[list[SignalRecord], list[ScanCount]]:
    found = [one for one, _ in evidence.unfinished()]
    return sorted(found, key=lambda one: one.key), list(evidence.scans(EvidenceFilter()))


def test_a_worker_that_slept_while_it_recorded_counts_no_candidate_twice():
    alone, shared = MemoryEvidence(), MemoryEvidence()
    assert told_while(alone, Part(looks=9))
    assert told_while(shared, Part(looks=1), symbols=SYMBOLS[:1]) is None  # overtaken meanwhile
    told_while(shared, Part(looks=9))
    signals, scans = kept(shared)
    assert signals == kept(alone)[0]
    assert sum(one.symbols for one in scans) == len(SYMBOLS)
    whole: Counter[str] = Counter()
    for one in scans:
        whole.update(one.funnel)
    assert dict(whole) == dict(kept(alone)[1][0].funnel)


def test_whoever_was_overtaken_before_records_nothing():
    evidence = MemoryEvidence()
    assert told_while(evidence, Part(looks=0)) is None
    assert kept(evidence) == ([], [])
