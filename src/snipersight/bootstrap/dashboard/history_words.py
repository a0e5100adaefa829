"""What happened to a plan, record by record, as a trader would say it; the audit page has the records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from snipersight.bootstrap.audit_text import Body, part, summary, value_text
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.execution import Leg
from snipersight.domain.wording import amount_text, short_number, signed_amount, size_text
from snipersight.risk.audit.codec import APPROVED

_JOURNALED: Final = "journaled"
_ABSENT: Final = "absent"
_NUMBERED: Final = {Leg.ENTRY.value: "Entry", Leg.TARGET.value: "Target"}
_SINGLE: Final = {Leg.STOP.value: "Stop", Leg.FLATTEN.value: "Close"}


def told(record: AuditRecord, body: Body) -> str:
    """Return what a record says of a plan; of a kind that is rare, its own summary."""
    words = _WORDS.get(record.kind)
    return summary(record, body) if words is None else words(body)


def _number(written: object, show: Callable[[Decimal], str]) -> str:
    """Return a number of a record as people read it; what is none, as it stands there."""
    text = value_text(written)
    try:
        return show(Decimal(text))
    except InvalidOperation:
        return text


def _size(written: object) -> str:
    return _number(written, size_text)


def _price(written: object) -> str:
    return _number(written, short_number)


def _of_decision(body: Body) -> str:
    if body.get("verdict") != APPROVED:
        codes = body.get("codes")
        named = ", ".join(map(str, codes)) if isinstance(codes, list) else ""
        reason = named or value_text(body.get("reason"))
        return f"Refused: {reason.replace('_', ' ')}"
    sizes = part(body, "sizes")
    if not sizes:
        return "Approved"
    taken = ", budget taken" if body.get("reserved") is True else ""
    risk = _number(sizes.get("risk"), amount_text)
    return f"Approved: {_size(sizes.get('size'))}, risk {risk}{taken}"


def _of_order(body: Body) -> str:
    name, event, request = _order_name(body), str(body.get("event")), part(body, "request")
    size = _size(body.get("size"))
    if event == _JOURNALED:
        price = request.get("price") or request.get("trigger_price")
        return f"{name} ordered: {size} at {'market' if price is None else _price(price)}"
    ended = "not found at the venue" if event == _ABSENT else event
    average = body.get("average_price")
    at = "" if average is None else f" at {_price(average)}"
    why = f": {body['problem']}" if body.get("problem") else ""
    return f"{name} {ended}, {_size(body.get('filled'))} of {size} filled{at}{why}"


def _order_name(body: Body) -> str:
    leg, index = str(body.get("leg")), body.get("index")
    if leg in _NUMBERED and isinstance(index, int):
        return f"{_NUMBERED[leg]} {index + 1}"
    return _SINGLE.get(leg, "Order")


def _of_budget(body: Body) -> str:
    entry = part(body, "entry")
    at, stop = _price(entry.get("entry_price")), _price(entry.get("stop_price"))
    return f"Budget taken for {_size(entry.get('pending_size'))} at {at}, stop {stop}"


def _of_fill(body: Body) -> str:
    entry = part(body, "entry")
    held, rest = _size(entry.get("open_size")), _size(entry.get("pending_size"))
    waits = "" if rest == "0" else f", {rest} still to be filled"
    return f"{_filled(body, 'Filled')}{held} held{waits}"


def _of_exit(body: Body) -> str:
    return f"{_filled(body, 'Partly closed')}{_held(body)}"


def _of_close(body: Body) -> str:
    return f"Closed, {_result(body)}"


def _of_stop(body: Body) -> str:
    stop, covered = _price(part(body, "entry").get("stop_price")), body.get("is_covered")
    if covered is None:
        return f"Stop moved to {stop}"
    return f"Stop at {stop} covers all that is held" if covered else "Not all of it has a stop"


def _of_release(body: Body) -> str:
    return "What was not filled is given up; its budget is free again"


def _of_expiry(body: Body) -> str:
    return "What was not filled in time is given up; its budget is free again"


def _of_funding(body: Body) -> str:
    return f"Funding: {_held(body)}"


def _filled(body: Body, word: str) -> str:
    if body.get("size") is None or body.get("price") is None:
        return f"{word}: "
    return f"{word}: {_size(body['size'])} at {_price(body['price'])}; "


def _held(body: Body) -> str:
    return f"{_size(part(body, 'entry').get('open_size'))} held, {_result(body)} so far"


def _result(body: Body) -> str:
    return _number(part(body, "entry").get("realised"), signed_amount)


def _of_command(body: Body) -> str:
    command, reason = str(body.get("command")), body.get("reason")
    return f"{command.capitalize()}: {reason}" if reason else f"Said: {command}"


_WORDS: Final[Mapping[str, Callable[[Body], str]]] = {
    AuditKind.DECISION.value: _of_decision,
    AuditKind.ORDER.value: _of_order,
    AuditKind.RESERVED.value: _of_budget,
    AuditKind.FILLED.value: _of_fill,
    AuditKind.REDUCED.value: _of_exit,
    AuditKind.CLOSED.value: _of_close,
    AuditKind.STOP_MOVED.value: _of_stop,
    AuditKind.RELEASED.value: _of_release,
    AuditKind.EXPIRED.value: _of_expiry,
    AuditKind.FUNDING.value: _of_funding,
    AuditKind.OPERATOR.value: _of_command,
}
