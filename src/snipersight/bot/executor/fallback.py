"""What goes into the fallback journal while the store is away, and back out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from snipersight.bot.executor.actions import Flatten
from snipersight.bot.executor.evidence import CancelAsked
from snipersight.bot.executor.trade_file import Changes
from snipersight.domain.execution import KillSwitch, OrderIntent, TradeId
from snipersight.domain.orders import ClientOrderId
from snipersight.risk.audit.exact_json import decode, encode

_CHANGES: Final = "changes"
_KILL: Final = "kill"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What of a trade's changes must survive a crash; the venue tells the rest again."""

    trade_id: str
    at_us: int
    journaled: tuple[OrderIntent, ...]
    cancelled: tuple[str, ...]
    exit_reason: str


def must_survive(changes: Changes) -> bool:
    """Return whether changes hold what the venue could not tell again: intents, cancels, exits."""
    return bool(_kept(changes).journaled or _kept(changes).cancelled or _kept(changes).exit_reason)


def changes_record(changes: Changes) -> dict[str, object]:
    """Return a trade's changes as a record of the journal."""
    return {"kind": _CHANGES, "of": encode(_kept(changes))}


def kill_record(switch: KillSwitch) -> dict[str, object]:
    """Return a pulled kill switch as a record of the journal."""
    return {"kind": _KILL, "of": encode(switch)}


def changes_of(record: Mapping[str, object]) -> Changes | None:
    """Return the changes of a record; None if it is of another kind.

    Raises:
        DataInvalid: it cannot be read.
    """
    if record.get("kind") != _CHANGES:
        return None
    kept = decode(_Kept, record.get("of"))
    return Changes(
        trade_id=TradeId(kept.trade_id),
        at_us=kept.at_us,
        journaled=kept.journaled,
        facts=tuple(CancelAsked(client_id=ClientOrderId(one)) for one in kept.cancelled),
        verdicts=(Flatten(why=kept.exit_reason),) if kept.exit_reason else (),
    )


def kill_of(record: Mapping[str, object]) -> KillSwitch | None:
    """Return the kill switch of a record; None if it is of another kind.

    Raises:
        DataInvalid: it cannot be read.
    """
    return decode(KillSwitch, record.get("of")) if record.get("kind") == _KILL else None


def _kept(changes: Changes) -> _Kept:
    asked = [one.client_id for one in changes.facts if isinstance(one, CancelAsked)]
    reasons = [one.why for one in changes.verdicts if isinstance(one, Flatten)]
    return _Kept(
        trade_id=changes.trade_id,
        at_us=changes.at_us,
        journaled=changes.journaled,
        cancelled=tuple(asked),
        exit_reason=reasons[0] if reasons else "",
    )
