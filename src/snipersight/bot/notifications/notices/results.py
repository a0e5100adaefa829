"""The result of a real position in R, from the records of what was closed of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.errors import DataInvalid
from snipersight.domain.plan import TradePlan
from snipersight.risk.audit.codec import decode_entry

CLOSES: Final = (AuditKind.REDUCED.value, AuditKind.CLOSED.value)
_ZERO: Final = Decimal(0)


def net_r_of(closes: Iterable[AuditRecord], plan: TradePlan) -> Decimal | None:
    """Return what a position earned, in units of what its plan risked for the same size.

    R = Σ realised ÷ (Σ size closed × (|entry_near − stop| + round-trip cost) × quote rate); both
    sums in account currency, realised net of costs.

    Args:
        closes: the records of its entry that closed a part or all of it.
        plan: what was traded.

    Returns:
        None if nothing was closed.

    Raises:
        DataInvalid: a record does not say what was closed.
    """
    realised, risked = _ZERO, _ZERO
    loss_per_unit = abs(plan.entry_near - plan.stop_loss.price) + plan.round_trip_cost
    for record in closes:
        body = json.loads(record.body)
        entry = decode_entry(body.get("entry"))
        realised += _number(body, "realised", record)
        risked += _number(body, "size", record) * loss_per_unit * entry.quote_rate
    return realised / risked if risked > 0 else None


def _number(body: Mapping[str, object], name: str, record: AuditRecord) -> Decimal:
    value = body.get(name)
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise DataInvalid(
            f"record {record.seq} of account {record.account_id} does not say its {name}",
            where="notice",
            next_step="see `snipersight audit verify`; the message can only be given up",
        )
    return number
