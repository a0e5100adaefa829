"""Which scans are evidence, of what, and that the same scan counts once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from snipersight.bootstrap.evidence.recording import origin_of, record_report
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain.evidence import EvidenceFilter, Origin
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
