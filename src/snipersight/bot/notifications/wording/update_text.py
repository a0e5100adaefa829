"""The words of an event in the life of a signal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.bot.notifications.wording.numbers import signed_multiple, utc_minute
from snipersight.bot.notifications.wording.told import told_of
from snipersight.domain.channels import ChatRole
from snipersight.domain.notices import SignalEvent, SignalUpdate
from snipersight.domain.wording import share

_EMOJI: Final[Mapping[SignalEvent, str]] = {
    SignalEvent.APPROACHING: "👀",
    SignalEvent.ENTERED: "📥",
    SignalEvent.TARGET_HIT: "🎯",
    SignalEvent.STOP_MOVED: "🛡",
    SignalEvent.CLOSED: "🏁",
    SignalEvent.MISSED: "💨",
    SignalEvent.INVALIDATED: "❌",
    SignalEvent.EXPIRED: "⌛",
    SignalEvent.DECIDED: "🗳",
}
_TITLES: Final[Mapping[SignalEvent, str]] = {
    SignalEvent.APPROACHING: "Near the entry zone",
    SignalEvent.ENTERED: "Entered",
    SignalEvent.TARGET_HIT: "Target hit",
    SignalEvent.STOP_MOVED: "Stop moved",
    SignalEvent.CLOSED: "Closed",
    SignalEvent.MISSED: "Missed",
    SignalEvent.INVALIDATED: "Invalid",
    SignalEvent.EXPIRED: "Expired",
    SignalEvent.DECIDED: "Decided",
}
_SENTENCES: Final[Mapping[SignalEvent, str]] = {
    SignalEvent.APPROACHING: "Price comes close to the entry zone.",
    SignalEvent.ENTERED: "Price reached the entry zone.",
    SignalEvent.TARGET_HIT: "Price reached a target.",
    SignalEvent.STOP_MOVED: "The protective stop lies elsewhere now.",
    SignalEvent.CLOSED: "The trade is over.",
    SignalEvent.MISSED: "Price reached the first target without an entry.",
    SignalEvent.INVALIDATED: "The idea failed before an entry.",
    SignalEvent.EXPIRED: "Its time passed without an entry.",
    SignalEvent.DECIDED: "",  # in the detail
}
# Of a position that is held: it may have been entered anywhere.
_REAL: Final[Mapping[SignalEvent, str]] = {SignalEvent.ENTERED: "The position is open."}
_PRICE_WORDS: Final[Mapping[SignalEvent, str]] = {
    SignalEvent.APPROACHING: "now",
    SignalEvent.STOP_MOVED: "to",
}

_WITHOUT_RESULT: Final = (SignalEvent.ENTERED, SignalEvent.CLOSED)  # nothing yet; in the title


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateWords:
    """Everything the template of an update inserts; empty texts are not shown.

    Args:
        result: net R so far; of an end it stands in the title.
        source: the reader's own position, the candles alone, or a person.
        detail: the reason; in a public chat only of what happened by the candles.
    """

    emoji: str
    title: str
    direction: str
    symbol: str
    sentence: str
    price: str
    result: str
    time: str
    source: str
    detail: str
    is_practice: bool


def update_words(update: SignalUpdate, role: ChatRole) -> UpdateWords:
    """Return the texts of an event.

    Args:
        update: what happened.
        role: who reads it.
    """
    told, event = told_of(update.signal), update.event
    is_told_all = role is ChatRole.PRIVATE or not update.is_actual
    detail = update.detail if is_told_all else ""
    return UpdateWords(
        emoji=_EMOJI[event],
        title=update_title(update),
        direction=told.plan.direction.value,
        symbol=told.symbol,
        sentence=_sentence(update) or detail,
        price=_price(update),
        result=_result(update),
        time=utc_minute(update.at_ms),
        source=_source(update),
        detail=detail if _sentence(update) else "",
        is_practice=told.is_practice,
    )


def update_title(update: SignalUpdate) -> str:
    """Return what happened in a few words: `Target 2 hit`, `Closed with +1.20R net`."""
    if update.event is SignalEvent.TARGET_HIT and update.target is not None:
        return f"Target {update.target} hit"
    if update.event is SignalEvent.CLOSED and update.net_r is not None:
        return f"Closed with {signed_multiple(update.net_r)} net"
    return _TITLES[update.event]


def _sentence(update: SignalUpdate) -> str:
    targets, place = update.signal.decision.plan.targets, update.target
    if place is not None and 1 <= place <= len(targets):
        return f"The plan closes {share(targets[place - 1].fraction)} there."
    known = _REAL if update.is_actual else _SENTENCES
    return known.get(update.event, _SENTENCES[update.event])


def _source(update: SignalUpdate) -> str:
    if update.event is SignalEvent.DECIDED:
        return "said by a person"
    return "your own position" if update.is_actual else "by the candles"


def _price(update: SignalUpdate) -> str:
    if update.price is None:
        return ""
    word = _PRICE_WORDS.get(update.event, "at")
    return f"{word} {_price_text(update, update.price)}"


def _price_text(update: SignalUpdate, price: Decimal) -> str:
    """Return a fill with all its digits: its average may lie between two ticks."""
    return told_of(update.signal).words.with_digits_of(price).price(price)


def _result(update: SignalUpdate) -> str:
    if update.net_r is None or update.event in _WITHOUT_RESULT:
        return ""
    return f"{signed_multiple(update.net_r)} net so far"
