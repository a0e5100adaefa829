"""What a finished scan leaves as evidence; whatever fails here never ends a scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.evidence.following import FollowCounts, follow, plans_of_profiles
from snipersight.bootstrap.evidence.recording import origin_of, record_report
from snipersight.bootstrap.score_meaning import refresh_after_scan
from snipersight.bootstrap.session import Session
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain import wording as texts
from snipersight.domain.errors import SniperSightError
from snipersight.domain.evidence import EvidenceStore, Origin

if TYPE_CHECKING:
    from snipersight.engine.report import ScanReport

# Whoever scans wants plans; what is left is followed by the next scan, or by `outcomes`.
FOLLOWING_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a scan was asked, as far as it decides what it is evidence of.

    Args:
        choice: where candles come from.
        is_past: the moment was named.
        is_what_if: it was sized for another equity than the account's.
        follows: there is time to follow earlier signals.
    """

    choice: SourceChoice
    is_past: bool
    is_what_if: bool
    follows: bool = True


async def keep_scan(
    session: Session, report: ScanReport, asked: Asked, *, warn: Callable[[str], object]
) -> FollowCounts:
    """Record the signals of a scan, and follow the earlier ones of its market for a moment.

    Args:
        session: the scan's, still open.
        report: of the scan.
        asked: how.
        warn: told, in one sentence, of what could not be kept.
    """
    origin = _origin(session, asked)
    if origin is None:
        return FollowCounts()
    telemetry = session.events.telemetry
    if telemetry is None:  # nobody wants any, or the store cannot be used and that has been said
        return FollowCounts()
    try:
        return await _keep(session, report, telemetry.evidence, origin, asked)
    except SniperSightError as error:
        warn(f"not all evidence of this scan is kept: {error}")
        return FollowCounts()
    except Exception as error:  # noqa: BLE001  plans were found and shown; that stands
        cause = f"{type(error).__name__}: {error} (a fault of the program)"
        warn(f"not all evidence of this scan is kept: {cause}")
        return FollowCounts()


def _origin(session: Session, asked: Asked) -> Origin | None:
    """Return what the scan is evidence of; None: of nothing."""
    # Without books nothing was judged: every verdict says so, and nothing else.
    if asked.is_what_if or session.books is None:
        return None
    is_stand_in = session.surroundings.settings.exchange_gateway is not None
    return origin_of(asked.choice, is_stand_in=is_stand_in, is_past=asked.is_past)


async def _keep(
    session: Session, report: ScanReport, evidence: EvidenceStore, origin: Origin, asked: Asked
) -> FollowCounts:
    await record_report(
        report,
        source=session.source,
        evidence=evidence,
        account_id=session.account.account_id,
        origin=origin,
        now_ms=session.clock() // 1000,
    )
    counts = FollowCounts()
    if asked.follows:
        counts = await _follow(session, report, evidence, origin, asked)
    await refresh_after_scan(session, evidence, origin)
    return counts


async def _follow(
    session: Session, report: ScanReport, evidence: EvidenceStore, origin: Origin, asked: Asked
) -> FollowCounts:
    """Follow the earlier signals of the market a scan has just read."""
    return await follow(
        session.source,
        evidence,
        now_ms=report.as_of_ms,
        origin=origin,
        plans_of=plans_of_profiles(session.surroundings.home.profiles),
        sink=session.sink,
        lists_all=asked.choice.data is None,
        seconds=FOLLOWING_S,
    )


def left_sentence(counts: FollowCounts) -> str:
    """Return that there was no time for some signals; empty where there was."""
    if not counts.left:
        return ""
    earlier = texts.counted(counts.left, "earlier signal")
    return f"{earlier} could not be followed now; the next scan or `snipersight outcomes` goes on"
