"""Events of orders, positions, breakers and the kill switch, derived from the audit chain.

The chain is written in the transaction that it tells of, so that nothing happens without an event
and no event is told of what did not happen. Verdicts are not told again: the scan tells them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from snipersight.bot.telemetry.events import EventType, TelemetryEvent
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.execution import IntentState, Leg, OrderIntent
from snipersight.risk.audit.query import body_of

RiskOf = Callable[[str], Decimal | None]  # entry id to its planned loss, account currency
Told = list[tuple[EventType, dict[str, object]]]

KINDS: Final = tuple(
    kind.value
    for kind in (
        AuditKind.FILLED,
        AuditKind.REDUCED,
        AuditKind.CLOSED,
        AuditKind.STOP_MOVED,
        AuditKind.ORDER,
        AuditKind.KILL,
        AuditKind.RECONCILED,
        AuditKind.BREAKER,
    )
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_R_DIGITS: Final = 4
_HASH_LETTERS: Final = 8
_ENDS: Final = {
    IntentState.CANCELLED.value: EventType.ORDER_CANCELLED,
    IntentState.EXPIRED.value: EventType.ORDER_CANCELLED,  # by the venue
    IntentState.REFUSED.value: EventType.ORDER_REFUSED,
    IntentState.ABSENT.value: EventType.ORDER_REFUSED,  # it never arrived
    IntentState.UNKNOWN.value: EventType.ORDER_UNKNOWN,
}
_ORDER_FIELDS: Final = (
    *("client_id", "leg", "index", "generation", "symbol", "size", "filled", "average_price"),
    *("venue_id", "problem"),
)
_FILL_FIELDS: Final = ("client_id", "fill_id", "traded", "price", "fee", "fee_currency")
_ENTRY_FIELDS: Final = ("entry_id", "plan_id", "origin", "venue", "symbol", "direction")


def audit_events(record: AuditRecord, *, risk_of: RiskOf) -> tuple[TelemetryEvent, ...]:
    """Return what a record of the chain tells; nothing for a kind that is no event.

    An order that ended tells first that the venue had accepted it, for whoever looked too late to
    see it working.

    Args:
        record: of the chain.
        risk_of: what an entry of the ledger was planned to lose; None where nobody knows.

    Raises:
        StateUnavailable: the record is damaged.
    """
    tellers: Mapping[str, Callable[[Mapping[str, object]], Told]] = {
        AuditKind.ORDER.value: _of_order,
        AuditKind.FILLED.value: _of_fill,
        AuditKind.REDUCED.value: _of_fill,
        AuditKind.CLOSED.value: lambda body: _of_close(body, risk_of),
        AuditKind.STOP_MOVED.value: _of_stop,
        AuditKind.BREAKER.value: _of_breaker,
        AuditKind.KILL.value: _of_kill,
        AuditKind.RECONCILED.value: _of_reconciled,
    }
    teller = tellers.get(record.kind)
    if teller is None:
        return ()
    return tuple(
        _event(record, event_type, number, fields)
        for number, (event_type, fields) in enumerate(teller(body_of(record)))
    )


def accepted_events(intent: OrderIntent) -> tuple[TelemetryEvent, ...]:
    """Return that a venue has an order; nothing while that is not known."""
    if intent.state is not IntentState.WORKING:
        return ()
    average = intent.average_price
    body = {
        "client_id": intent.client_id,
        "leg": intent.leg.value,
        "index": intent.index,
        "generation": intent.generation,
        "symbol": intent.request.symbol,
        "size": str(intent.request.size),
        "filled": str(intent.filled_size),
        "average_price": None if average is None else str(average),
        "venue_id": intent.venue_id,
    }
    at = time_of(intent.updated_us)
    head = {"account": intent.account_id, "subject": intent.trade_id}
    return tuple(
        TelemetryEvent(
            event_type=event_type,
            at=at,
            fields={**head, **fields},
            key=_order_key(intent.account_id, event_type, intent.client_id),
        )
        for event_type, fields in _accepted(body)
    )


def time_of(at_us: int) -> datetime:
    """Return a time in microseconds UTC as a zoned one."""
    return _EPOCH + timedelta(microseconds=at_us)


def _event(
    record: AuditRecord, event_type: EventType, number: int, fields: dict[str, object]
) -> TelemetryEvent:
    account = record.account_id
    # With the hash: a store that was brought back from a backup gives a number once more.
    key = f"audit:{account}:{record.seq}:{record.hash[:_HASH_LETTERS]}:{number}"
    if event_type in (EventType.ORDER_ACCEPTED, EventType.STOP_PLACED):
        # Told by whoever sees it first: the chain, or the order while it is working.
        key = _order_key(account, event_type, str(fields["client_id"]))
    head = {"account": account, "subject": record.subject, "actor": record.actor}
    return TelemetryEvent(
        event_type=event_type, at=time_of(record.at_us), fields={**head, **fields}, key=key
    )


def _order_key(account_id: str, event_type: EventType, client_id: str) -> str:
    return f"order:{account_id}:{client_id}:{event_type.value}"


def _of_order(body: Mapping[str, object]) -> Told:
    state, fields = body.get("event"), _picked(body, *_ORDER_FIELDS)
    if state == IntentState.JOURNALED.value:
        return [(EventType.ORDER_SUBMITTED, fields)]
    told: Told = []
    if state == IntentState.FILLED.value and body.get("leg") == Leg.TARGET.value:
        told.append((EventType.TARGET_HIT, fields | {"target": _number(body.get("index")) + 1}))
    if isinstance(state, str) and state in _ENDS:
        told.append((_ENDS[state], fields | {"state": state}))
    # What was refused or is unknown may have no id of the venue, and was never in the book.
    return [*(_accepted(body) if body.get("venue_id") else []), *told]


def _accepted(body: Mapping[str, object]) -> Told:
    fields = _picked(body, *_ORDER_FIELDS)
    told: Told = [(EventType.ORDER_ACCEPTED, fields)]
    if body.get("leg") == Leg.STOP.value:
        told.append((EventType.STOP_PLACED, fields))
    return told


def _of_fill(body: Mapping[str, object]) -> Told:
    """Tell an execution; what a person traded elsewhere has no order."""
    if "fill_id" not in body:
        return []
    fields = _entry_fields(body) | _picked(body, *_FILL_FIELDS)
    return [(EventType.ORDER_FILLED, fields | {"size": fields.pop("traded", None)})]


def _of_close(body: Mapping[str, object], risk_of: RiskOf) -> Told:
    entry = _mapping(body.get("entry"))
    realised = _decimal(entry.get("realised"))
    risk = risk_of(str(entry.get("entry_id", "")))
    fields = _entry_fields(body) | {
        "price": body.get("price"),
        "by_stop": body.get("by_stop"),
        "net": None if realised is None else str(realised),
        "net_r": _in_r(realised, risk),
    }
    return [*_of_fill(body), (EventType.POSITION_CLOSED, fields)]


def _in_r(realised: Decimal | None, risk: Decimal | None) -> float | None:
    if realised is None or risk is None or risk <= 0:
        return None
    return round(float(realised / risk), _R_DIGITS)


def _of_stop(body: Mapping[str, object]) -> Told:
    fields = _entry_fields(body)
    match body.get("is_covered"):
        case True:
            return [(EventType.POSITION_PROTECTED, fields)]
        case False:
            return [(EventType.POSITION_UNPROTECTED, fields)]
        case _:
            return [(EventType.STOP_MOVED, fields | _picked(body, "price"))]


def _of_breaker(body: Mapping[str, object]) -> Told:
    breaker = _mapping(body.get("breaker"))
    fields = _picked(breaker, "name", "state", "until_us", "sentence")
    is_tripped = body.get("event") == "tripped"
    kind = EventType.BREAKER_TRIPPED if is_tripped else EventType.BREAKER_RELEASED
    return [(kind, fields | ({} if is_tripped else {"how": body.get("event")}))]


def _of_kill(body: Mapping[str, object]) -> Told:
    return [(EventType.KILL, {"step": body.get("event")} | _picked(body, "flatten", "reason"))]


def _of_reconciled(body: Mapping[str, object]) -> Told:
    fields = {name: value for name, value in body.items() if name not in ("format", "event")}
    return [(EventType.RECONCILIATION, {"found": body.get("event"), **fields})]


def _entry_fields(body: Mapping[str, object]) -> dict[str, object]:
    return _picked(_mapping(body.get("entry")), *_ENTRY_FIELDS)


def _picked(body: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: body[name] for name in names if body.get(name) not in (None, "")}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _decimal(value: object) -> Decimal | None:
    """Return an exact number as records spell it, `{"decimal": "1.5"}`."""
    spelt = value.get("decimal") if isinstance(value, Mapping) else value
    return Decimal(spelt) if isinstance(spelt, str) else None
