"""The daily digest: what one UTC day brought, told on the first look of the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from snipersight.bootstrap.account_names import PRACTICE
from snipersight.bootstrap.scan_notices import ScanNotices
from snipersight.bot.notifications.notices.payload_kinds import UpdatePayload
from snipersight.bot.notifications.notices.payloads import decode_payload, notice_draft
from snipersight.bot.notifications.notices.reading import read_notice
from snipersight.domain.errors import DataInvalid
from snipersight.domain.ledger import EntryState, LedgerEntry
from snipersight.domain.notices import Digest, SignalEvent, SignalUpdate
from snipersight.domain.standing import EquityMarks
from snipersight.domain.store import AccountRow, UnitOfWork
from snipersight.domain.units import Money
from snipersight.risk.registry import RiskPorts
from snipersight.storage.told_signals import Payload

_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def store_digest(notices: ScanNotices, ports: RiskPorts) -> bool:
    """Store the digest of yesterday, once; False where it was stored, or there is nothing to say.

    To be called before the account is marked on the new day: its marks then still tell how
    yesterday ended.

    Raises:
        StateUnavailable: the store cannot be read or written.
    """
    midnight = _midnight(ports.clock())
    begin = midnight - _DAY
    signals, updates = notices.told.stored_between(
        notices.account_id, _us(begin), _us(begin + _DAY)
    )
    row, held = ports.store.view(ports.account_id, _account)
    positions = sum((entry.opened_us or 0) < _us(midnight) for entry in held)
    if not signals and not updates and not positions:
        return False
    events = tuple(_read(updates, notices))
    digest = digest_of(
        row, begin.date().isoformat(), told=len(signals), events=events, positions=positions
    )
    return notices.outbox.put(notice_draft(digest))


def digest_of(
    row: AccountRow,
    day: str,
    *,
    told: int,
    events: Iterable[SignalUpdate],
    positions: int,
) -> Digest:
    """Return what a day brought.

    Args:
        row: the account, marked on that day last; marked on another one, its equity is not told.
        day: the UTC day, `2026-11-22`.
        told: signals told on it.
        events: what became of signals on it, by the candles and of positions that were held.
        positions: held at its end and still open.
    """
    everything = tuple(events)
    known = [each for each in everything if not each.is_actual]
    trades = [each for each in everything if each.is_actual and each.event is SignalEvent.CLOSED]
    results, earned = _results(known), _results(trades)
    marks = row.standing.marks
    is_marked = marks is not None and marks.day == day
    return Digest(
        day=day,
        account_id=row.account_id,
        currency=row.currency,
        told=told,
        events=dict(Counter(each.event for each in known)),
        net_r=sum(results, Decimal(0)) if results else None,
        hits=sum(result > 0 for result in results),
        open_positions=positions,
        equity=Money(marks.units * marks.unit_value) if marks and is_marked else None,
        change=_change(marks) if marks and is_marked else None,
        trades=len(trades),
        trades_net_r=sum(earned, Decimal(0)) if earned else None,
        is_practice=row.account_id == PRACTICE,
    )


def _results(events: Iterable[SignalUpdate]) -> list[Decimal]:
    closed = (each.net_r for each in events if each.event is SignalEvent.CLOSED)
    return [net_r for net_r in closed if net_r is not None]


def _change(marks: EquityMarks) -> Money:
    return Money(marks.units * (marks.unit_value - marks.day_open))


def _account(unit: UnitOfWork) -> tuple[AccountRow, list[LedgerEntry]]:
    held = [entry for entry in unit.live_entries() if entry.state is EntryState.OPEN]
    return unit.account, held


def _read(payloads: Iterable[Payload], notices: ScanNotices) -> Iterable[SignalUpdate]:
    for payload in payloads:
        try:
            decoded = decode_payload(payload)
            if isinstance(decoded, UpdatePayload):
                update = read_notice(decoded, notices.reader)
                if isinstance(update, SignalUpdate):
                    yield update
        except DataInvalid:
            continue  # its own notice is given up where a person sees it


def _midnight(now_us: int) -> datetime:
    now = _EPOCH + now_us * _MICROSECOND
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
