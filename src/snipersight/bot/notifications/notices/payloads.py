"""Notices as they lie in the store: a kind and what the facts of a message are read from.

A payload holds no wording. What a decision said is read from its audit record when the message is
worded, so that a payload stays small and says nothing that the audit does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from snipersight.bot.notifications.notices.payload_fields import LATEST_MS, Fields, unknown_kind
from snipersight.bot.notifications.notices.payload_kinds import (
    BreakerPayload,
    Payload,
    SignalPayload,
    SummaryPayload,
    UpdatePayload,
    priority_of,
)
from snipersight.domain.errors import DataInvalid
from snipersight.domain.notices import (
    Alert,
    Digest,
    PlainText,
    Severity,
    SignalEvent,
    lane_of_signal,
    thread_of,
    update_key,
)
from snipersight.domain.outbox import NOTICES
from snipersight.domain.standing import BreakerName, TradingState, TrippedBreaker
from snipersight.domain.store import QueueDraft
from snipersight.domain.units import Currency, Money
from snipersight.risk.audit.exact_json import decode, encode

LONGEST_KEY: Final = 128  # the column's width
LONGEST_TEXT: Final = 20_000  # a dozen messages on any channel
_LONGEST_NAME: Final = 64  # accounts, plans, scans
_LONGEST_LINE: Final = 500
_LONGEST_DETAIL: Final = 4_000
_MOST_SIGNALS: Final = 1_000  # of one scan
_MOST_TARGETS: Final = 100
_BREAKER_FIELDS: Final[Mapping[str, type]] = {
    "name": BreakerName,
    "state": TradingState,
    "tripped_us": int,
    "until_us": int,
    "sentence": str,
}


def notice_draft(
    payload: Payload, *, key: str | None = None, available_us: int | None = None
) -> QueueDraft:
    """Return what stores a notice, under a key by which it is stored once.

    Args:
        payload: what is to be told.
        key: needed for a text alone, which has no identity of its own.
        available_us: not before, microseconds UTC of the database; None: at once.

    Raises:
        ValueError: a text has no key.
    """
    chosen = key if key is not None else _key_of(payload)
    if not chosen:
        raise ValueError("a text needs a key")
    return QueueDraft(
        topic=NOTICES,
        key=shortened(chosen),
        payload=encode_payload(payload),
        lane=_lane_of(payload),
        priority=priority_of(payload),
        available_us=available_us,
    )


def _lane_of(payload: Payload) -> str:
    match payload:
        case SignalPayload() | UpdatePayload():
            return lane_of_signal(payload.account, payload.plan_id)
        case _:
            return ""


def shortened(key: str) -> str:
    """Return a key that fits into its column; of a longer one the end becomes its hash."""
    if len(key) <= LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{key[: LONGEST_KEY - len(digest) - 1]}#{digest}"


def encode_payload(payload: Payload) -> dict[str, object]:
    """Return a payload as canonical JSON values: text, int, bool, None, lists and mappings."""
    match payload:
        case SignalPayload():
            return _signal_json(payload)
        case UpdatePayload():
            return _update_json(payload)
        case SummaryPayload():
            return _summary_json(payload)
        case Digest():
            return _digest_json(payload)
        case _:
            return _spoken_json(payload)


def decode_payload(stored: Mapping[str, object]) -> Payload:
    """Return what a stored payload says.

    Raises:
        DataInvalid: its kind is unknown, or a field is missing, of another type or outside its
            bounds; the message names it.
    """
    kind = stored.get("kind")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise unknown_kind(kind)
    return reader(Fields(stored, str(kind)))


def _key_of(payload: Payload) -> str:
    match payload:
        case SignalPayload():
            key = thread_of(payload.account, payload.plan_id)
        case UpdatePayload():
            key = update_key(
                payload.account,
                payload.plan_id,
                payload.event,
                target=payload.target,
                is_actual=payload.is_actual,
            )
        case BreakerPayload(breaker=breaker):
            key = f"breaker:{payload.account}:{breaker.name}:{breaker.tripped_us}"
        case Alert():
            key = f"alert:{payload.trigger}:{payload.at_ms}:{payload.subject}"
        case SummaryPayload():
            key = f"summary:{payload.account}:{payload.batch}"
        case Digest():
            key = f"digest:{payload.account_id}:{payload.day}"
        case _:
            key = ""  # a text has no identity of its own
    return key


def _signal_json(payload: SignalPayload) -> dict[str, object]:
    return {
        "kind": "signal",
        "account": payload.account,
        "seq": payload.seq,
        "plan_id": payload.plan_id,
        "batch": payload.batch,
        "practice": payload.is_practice,
        "offers": payload.is_offered,
    }


def _update_json(payload: UpdatePayload) -> dict[str, object]:
    return {
        "kind": "update",
        "account": payload.account,
        "seq": payload.seq,
        "plan_id": payload.plan_id,
        "event": payload.event.value,
        "at_ms": payload.at_ms,
        "price": _exact(payload.price),
        "target": payload.target,
        "net_r": _exact(payload.net_r),
        "actual": payload.is_actual,
        "detail": payload.detail,
        "practice": payload.is_practice,
        "entry_id": payload.entry_id,
        "audience": payload.is_for_audience,
    }


def _spoken_json(payload: BreakerPayload | Alert | PlainText) -> dict[str, object]:
    match payload:
        case BreakerPayload():
            breaker = encode(payload.breaker)
            return {"kind": "breaker", "account": payload.account, "breaker": breaker}
        case Alert():
            return _alert_json(payload)
        case PlainText():
            return {"kind": "text", "markdown": payload.markdown, "title": payload.title}


def _alert_json(alert: Alert) -> dict[str, object]:
    return {
        "kind": "alert",
        "trigger": alert.trigger,
        "severity": alert.severity.value,
        "title": alert.title,
        "text": alert.text,
        "subject": alert.subject,
        "at_ms": alert.at_ms,
    }


def _summary_json(payload: SummaryPayload) -> dict[str, object]:
    return {
        "kind": "summary",
        "account": payload.account,
        "batch": payload.batch,
        "profile": payload.profile,
        "venue": payload.venue,
        "as_of_ms": payload.as_of_ms,
        "seqs": list(payload.seqs),
        "funnel": [[reason, count] for reason, count in payload.funnel],
        "scanned": payload.scanned,
        "regimes": dict(payload.regimes),
        "practice": payload.is_practice,
    }


def _digest_json(digest: Digest) -> dict[str, object]:
    return {
        "kind": "digest",
        "day": digest.day,
        "account": digest.account_id,
        "currency": digest.currency,
        "told": digest.told,
        "events": {event.value: count for event, count in digest.events.items()},
        "net_r": _exact(digest.net_r),
        "hits": digest.hits,
        "open_positions": digest.open_positions,
        "equity": _exact(digest.equity),
        "change": _exact(digest.change),
        "trades": digest.trades,
        "trades_net_r": _exact(digest.trades_net_r),
        "practice": digest.is_practice,
    }


def _exact(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _signal_of(fields: Fields) -> SignalPayload:
    return SignalPayload(
        account=_name(fields, "account"),
        seq=fields.whole("seq", least=1),
        plan_id=_name(fields, "plan_id"),
        batch=fields.text("batch", most=_LONGEST_LINE),
        is_practice=fields.flag("practice"),
        is_offered=fields.flag_if_any("offers"),
    )


def _update_of(fields: Fields) -> UpdatePayload:
    return UpdatePayload(
        account=_name(fields, "account"),
        seq=fields.whole_or_none("seq", least=1),
        plan_id=_name(fields, "plan_id"),
        event=fields.choice("event", SignalEvent),
        at_ms=fields.moment("at_ms"),
        price=fields.exact_or_none("price"),
        target=fields.whole_or_none("target", least=1, most=_MOST_TARGETS),
        net_r=fields.exact_or_none("net_r"),
        is_actual=fields.flag("actual"),
        detail=fields.text_or_nothing("detail", most=_LONGEST_DETAIL),
        is_practice=fields.flag("practice"),
        entry_id=fields.text_or_nothing("entry_id", most=_LONGEST_NAME),
        is_for_audience=fields.flag_if_any("audience"),
    )


def _breaker_of(fields: Fields) -> BreakerPayload:
    held = fields.raw("breaker")
    try:
        breaker = replace(decode(TrippedBreaker, held))
    except (DataInvalid, TypeError, AttributeError, ValueError) as error:
        raise fields.strange("breaker", held) from error
    if not all(_is_sound(breaker, name) for name in _BREAKER_FIELDS):
        raise fields.strange("breaker", held)
    return BreakerPayload(account=_name(fields, "account"), breaker=breaker)


def _is_sound(breaker: TrippedBreaker, name: str) -> bool:
    """Return whether a field is of its type: what was decoded may hold any, with its type."""
    value: object = getattr(breaker, name)
    if name == "until_us" and value is None:
        return True
    if name in ("tripped_us", "until_us"):
        return type(value) is int and 0 <= value <= LATEST_MS * 1000
    return isinstance(value, _BREAKER_FIELDS[name])


def _alert_of(fields: Fields) -> Alert:
    return Alert(
        trigger=_name(fields, "trigger"),
        severity=fields.choice("severity", Severity),
        title=fields.text("title", most=_LONGEST_LINE, least=1),
        text=fields.text("text", most=LONGEST_TEXT),
        subject=fields.text("subject", most=_LONGEST_LINE),
        at_ms=fields.moment("at_ms"),
    )


def _summary_of(fields: Fields) -> SummaryPayload:
    seqs = fields.rows("seqs")
    if len(seqs) > _MOST_SIGNALS or any(type(seq) is not int or seq < 1 for seq in seqs):
        raise fields.strange("seqs", seqs)
    return SummaryPayload(
        account=_name(fields, "account"),
        batch=fields.text("batch", most=_LONGEST_LINE, least=1),
        profile=fields.text("profile", most=_LONGEST_LINE),
        venue=fields.text("venue", most=_LONGEST_LINE),
        as_of_ms=fields.moment("as_of_ms"),
        seqs=tuple(seq for seq in seqs if isinstance(seq, int)),
        funnel=tuple(fields.count("funnel", row) for row in fields.rows("funnel")),
        scanned=fields.whole("scanned"),
        regimes=fields.counts("regimes"),
        is_practice=fields.flag("practice"),
    )


def _digest_of(fields: Fields) -> Digest:
    return Digest(
        day=fields.text("day", most=10, least=10),
        account_id=_name(fields, "account"),
        currency=Currency(fields.text("currency", most=10, least=2)),
        told=fields.whole("told"),
        events=_events_of(fields),
        net_r=fields.exact_or_none("net_r"),
        hits=fields.whole("hits"),
        open_positions=fields.whole("open_positions"),
        equity=_money(fields, "equity"),
        change=_money(fields, "change"),
        trades=fields.whole("trades"),
        trades_net_r=fields.exact_or_none("trades_net_r"),
        is_practice=fields.flag("practice"),
    )


def _events_of(fields: Fields) -> dict[SignalEvent, int]:
    counts = fields.counts("events")
    try:
        return {SignalEvent(name): count for name, count in counts.items()}
    except ValueError as error:
        raise fields.strange("events", counts) from error


def _text_of(fields: Fields) -> PlainText:
    return PlainText(
        markdown=fields.text("markdown", most=LONGEST_TEXT, least=1),
        title=fields.text("title", most=_LONGEST_LINE, least=1),
    )


def _name(fields: Fields, name: str) -> str:
    return fields.text(name, most=_LONGEST_NAME, least=1)


def _money(fields: Fields, name: str) -> Money | None:
    number = fields.exact_or_none(name)
    return None if number is None else Money(number)


_READERS: Final[Mapping[str, Callable[[Fields], Payload]]] = {
    "signal": _signal_of,
    "update": _update_of,
    "breaker": _breaker_of,
    "alert": _alert_of,
    "summary": _summary_of,
    "digest": _digest_of,
    "text": _text_of,
}
