"""Whether a scan is evidence of anything, and what of it is kept."""

from __future__ import annotations

import asyncio

from snipersight.bootstrap.sources import DEFAULT_SEED, SourceChoice
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
