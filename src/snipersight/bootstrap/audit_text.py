"""What a record says, in a few words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.wording import short_number
from snipersight.risk.audit.codec import APPROVED
from snipersight.risk.audit.ledger_fold import LEDGER_KINDS

_LONGEST_NUMBER: Final = 10
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FRAME: Final = ("event", "format")
Body = Mapping[str, object]


def moment_text(at_us: int) -> str:
    """Return microseconds as a time of UTC to the second; what is no time, as it is."""
    try:
        return f"{_EPOCH + timedelta(microseconds=at_us):%Y-%m-%d %H:%M:%S}"
    except OverflowError:
        return f"{at_us} µs"


def summary(record: AuditRecord, body: Body) -> str:
    """Return in a few words what a record says."""
    if record.kind in LEDGER_KINDS:
        return _of_entry(body)
    return _SUMMARIES.get(record.kind, _of_anything)(body)


def part(body: Body, name: str) -> Body:
    """Return a mapping within a body; an empty one where there is none."""
    held = body.get(name)
    return held if isinstance(held, Mapping) else {}


def value_text(written: object) -> str:
    """Return a value of a body without the type that stands beside it; a dash for None."""
    if written is None:
        return "–"
    if isinstance(written, Mapping) and len(written) == 1:
        return str(next(iter(written.values())))
    return str(written)


def short_text(written: object) -> str:
    """Return a value as `value_text`, a long number with seven significant digits."""
    text = value_text(written)
    if len(text) <= _LONGEST_NUMBER:
        return text
    try:
        return short_number(Decimal(text))
    except InvalidOperation:
        return text


def _of_decision(body: Body) -> str:
    reason = f" ({body['reason']})" if body.get("reason") else ""
    if body.get("verdict") != APPROVED:
        codes = body.get("codes")
        named = ", ".join(map(str, codes)) if isinstance(codes, list) else ""
        return (f"rejected: {named}" if named else "rejected") + reason
    sizes = part(body, "sizes")
    if not sizes:
        return f"approved{reason}"
    taken = ", reserved" if body.get("reserved") is True else ""
    return f"approved {sizes.get('size')}, risk {short_text(sizes.get('risk'))}{taken}"


def _of_entry(body: Body) -> str:
    entry = part(body, "entry")
    sizes = f"open {entry.get('open_size')}, pending {entry.get('pending_size')}"
    return f"{entry.get('state')}: {sizes}, realised {short_text(entry.get('realised'))}"


def _of_gate(body: Body) -> str:
    return f"{body.get('gate')} {'passed' if body.get('passed') is True else 'failed'}"


def _of_policy(body: Body) -> str:
    return "the limits in force"


def _of_flow(body: Body) -> str:
    return f"{body.get('amount')} {body.get('reason') or ''}".rstrip()


def _of_breaker(body: Body) -> str:
    breaker = part(body, "breaker")
    return f"{body.get('event')}: {breaker.get('sentence') or breaker.get('name')}"


def _of_command(body: Body) -> str:
    return f"{body.get('command')} {body.get('reason') or ''}".rstrip()


def _of_pruned(body: Body) -> str:
    return f"records up to {body.get('base_seq')} were archived"


def _of_order(body: Body) -> str:
    request = part(body, "request")
    if not request:
        said = f": {body['problem']}" if body.get("problem") else ""
        filled = f"{body.get('filled')} of {body.get('size')}"
        return f"{body.get('client_id')} {body.get('event')}, {filled} filled{said}"
    price = request.get("price") or request.get("trigger_price") or "market"
    asked = f"{request.get('kind')} {body.get('size')} {body.get('symbol')} at {price}"
    return f"{body.get('client_id')} journaled: {asked}"


def _of_kill(body: Body) -> str:
    what = f"{body.get('event')}{', flatten' if body.get('flatten') is True else ''}"
    return f"kill switch {what}" + (f": {body['reason']}" if body.get("reason") else "")


def _of_reconciled(body: Body) -> str:
    told = (f"{name} {value_text(body[name])}" for name in sorted(body) if name not in _FRAME)
    return ", ".join((str(body.get("event")), *told))


def _of_anything(body: Body) -> str:
    return ", ".join(sorted(body))


_SUMMARIES: Final[Mapping[str, Callable[[Body], str]]] = {
    AuditKind.DECISION.value: _of_decision,
    AuditKind.QUALITY_GATE.value: _of_gate,
    AuditKind.POLICY.value: _of_policy,
    AuditKind.FLOW.value: _of_flow,
    AuditKind.BREAKER.value: _of_breaker,
    AuditKind.OPERATOR.value: _of_command,
    AuditKind.PRUNED.value: _of_pruned,
    AuditKind.ORDER.value: _of_order,
    AuditKind.KILL.value: _of_kill,
    AuditKind.RECONCILED.value: _of_reconciled,
}
