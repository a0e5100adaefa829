"""Whether a scan is evidence of anything, and what of it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from snipersight.bootstrap.sources import DEFAULT_SEED, SourceChoice
from snipersight.domain.errors import LeaseLost
from snipersight.domain.evidence import EvidenceStore, Origin
from snipersight.domain.ports import CandleSource
from snipersight.engine.evidence import scan_count, signal_records
from snipersight.engine.report import ScanReport

# A recording that ends longer ago than this says nothing about the present.
_PRESENT_MS = 3_600_000


def origin_of(choice: SourceChoice, *, is_stand_in: bool, is_past: bool) -> Origin | None:
    """Return what a scan is evidence of; None: of nothing.

    Whoever looks back chooses the moment, so `--as-of` is no evidence; `replay` reads the past
    without choosing. Of the built-in markets only one is practised on; prices of others, under the
    same names, would be taken for its own.

    Args:
        choice: where candles come from.
        is_stand_in: made-up prices answer for an exchange.
        is_past: the moment was named.
    """
    if is_past:
        return None
    if choice.is_built_in:
        return Origin.PRACTICE if choice.seed in (None, DEFAULT_SEED) else None
    return Origin.PRACTICE if is_stand_in and choice.exchange is not None else Origin.LIVE


async def record_report(
    report: ScanReport,
    *,
    source: CandleSource,
    evidence: EvidenceStore,
    account_id: str,
    origin: Origin,
    now_ms: int,
) -> int:
    """Store the signals of a scan and how its candidates ended; return how many signals are new.

    A scan of the past is passed over, as one of recorded candles that end long ago.

    Args:
        report: of the scan.
        source: that was scanned.
        evidence: the store.
        account_id: whose gate judged.
        origin: live or practice.
        now_ms: the present, milliseconds UTC.

    Raises:
        DataInvalid: the market of a plan is no longer listed.
        StateUnavailable: the store cannot be used.
        VenueUnavailable: the venue cannot tell what it lists.
    """
    if abs(now_ms - report.as_of_ms) > _PRESENT_MS:
        return 0
    instruments = await source.instruments()
    signals = signal_records(report, instruments, account_id=account_id, origin=origin)
    count = scan_count(report, account_id=account_id, origin=origin)
    return await asyncio.to_thread(evidence.record, count, signals)


async def record_while_held(
    report: ScanReport,
    *,
    require: Callable[[], Awaitable[object]],
    source: CandleSource,
    evidence: EvidenceStore,
    account_id: str,
    origin: Origin,
    now_ms: int,
) -> int:
    """Record a scan as `record_report` does, as long as its symbols are this process's to scan.

    Evidence lies in a database of its own, so that no transaction can ask for the right and write
    at the same time. A process that was stopped in between, while another took its part over,
    takes its count of candidates back: they are counted with that one's scan. Its signals are
    those that the other finds, each of which is kept once whoever records it.

    Args:
        report, source, evidence, account_id, origin, now_ms: see `record_report`.
        require: raises `LeaseLost` where its part of the scan is another's.

    Raises:
        LeaseLost: it is another's, before or after.
        DataInvalid, StateUnavailable, VenueUnavailable: see `record_report`.
    """
    await require()
    new = await record_report(
        report,
        source=source,
        evidence=evidence,
        account_id=account_id,
        origin=origin,
        now_ms=now_ms,
    )
    try:
        await require()
    except LeaseLost:
        count = scan_count(report, account_id=account_id, origin=origin)
        await asyncio.to_thread(evidence.record, replace(count, symbols=0, funnel={}), ())
        raise
    return new
