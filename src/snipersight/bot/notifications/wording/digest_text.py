"""The words of a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from snipersight.bot.notifications.wording.numbers import money, signed_multiple
from snipersight.domain.channels import ChatRole
from snipersight.domain.notices import Digest, SignalEvent
from snipersight.domain.wording import signed_amount

_EVENTS: Final[Mapping[SignalEvent, str]] = {
    SignalEvent.ENTERED: "entered",
    SignalEvent.TARGET_HIT: "targets hit",
    SignalEvent.CLOSED: "closed",
    SignalEvent.MISSED: "missed",
    SignalEvent.INVALIDATED: "invalid before an entry",
    SignalEvent.EXPIRED: "expired",
}  # what came near, and stops that moved, are nothing a day is judged by


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestWords:
    """Everything the template of a digest inserts; empty texts are not shown.

    Args:
        events: what happened with how often, in the order of a signal's life.
        account, trades, positions, equity, change: in a private chat alone.
    """

    day: str
    told: str
    events: tuple[tuple[str, str], ...]
    net_r: str
    hits: str
    is_practice: bool
    account: str = ""
    trades: str = ""
    positions: str = ""
    equity: str = ""
    change: str = ""


def digest_words(digest: Digest, role: ChatRole) -> DigestWords:
    """Return the texts of a day, in a public chat without the account's."""
    closed = digest.events.get(SignalEvent.CLOSED, 0)
    is_private = role is ChatRole.PRIVATE
    has_change = is_private and digest.change is not None
    return DigestWords(
        day=digest.day,
        told=f"{digest.told:,}",
        events=_events(digest),
        net_r="" if digest.net_r is None else signed_multiple(digest.net_r),
        hits=f"{digest.hits:,} of {closed:,}" if closed else "",
        is_practice=digest.is_practice,
        account=digest.account_id if is_private else "",
        trades=_trades(digest) if is_private else "",
        positions=f"{digest.open_positions:,}" if is_private else "",
        equity=_equity(digest) if is_private else "",
        change=f"{signed_amount(digest.change)} {digest.currency}"
        if has_change and digest.change is not None
        else "",
    )


def _events(digest: Digest) -> tuple[tuple[str, str], ...]:
    counts = ((word, digest.events.get(event, 0)) for event, word in _EVENTS.items())
    return tuple((word, f"{count:,}") for word, count in counts if count)


def _trades(digest: Digest) -> str:
    if not digest.trades:
        return ""
    closed = f"{digest.trades:,} closed"
    net_r = digest.trades_net_r
    return closed if net_r is None else f"{closed}, {signed_multiple(net_r)} net"


def _equity(digest: Digest) -> str:
    return "" if digest.equity is None else money(digest.equity, digest.currency)
