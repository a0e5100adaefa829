"""Fan-out of one notice: what each chat gets of it, in which order, and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from snipersight.bot.notifications.notices.chats import told_to, wants
from snipersight.bot.notifications.notices.payloads import decode_payload, shortened
from snipersight.bot.notifications.notices.reading import DecisionReader, read_notice
from snipersight.bot.notifications.notices.rendering import Rows, render
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.channels import Body, Chat, Notifier, Rendered
from snipersight.domain.errors import DataInvalid
from snipersight.domain.notices import (
    SIGNAL_PRIORITY,
    UPDATE_PRIORITY,
    Alert,
    Digest,
    Notice,
    PlainText,
    ScanSummary,
    Severity,
    Signal,
    SignalUpdate,
)
from snipersight.domain.outbox import DeliveryDraft, StoredNotice

_HOUR_US: Final = 3_600_000_000
_DAY_US: Final = 24 * _HOUR_US


def nothing_known(_: Signal) -> str:
    """Return that nobody kept count of what a score has meant."""
    return ""


def no_buttons(_: Signal) -> Rows:
    """Return none: nobody is asked."""
    return ()


def deliveries_of(
    notice: StoredNotice,
    chats: Sequence[Chat],
    notifiers: Mapping[str, Notifier],
    *,
    reader: DecisionReader,
    pictures: Path,
    now_us: int,
    meaning: Callable[[Signal], str] = nothing_known,
    buttons: Callable[[Signal], Rows] = no_buttons,
    public_url: str = "",
) -> tuple[DeliveryDraft, ...]:
    """Return the messages a stored notice becomes, chat by chat, in order within each.

    None for a notice that nobody wants, and for one that is past its age: it was stored while
    nobody was to be told, and is no news any more.

    Args:
        notice: as it was claimed.
        chats: every chat there is; one whose channel has no notifier is passed over.
        notifiers: by name of the channel.
        reader: finds audit records.
        pictures: folder of the charts.
        now_us: microseconds UTC of the database.
        meaning: says what a signal's score has meant so far; empty: nothing is known.
        buttons: what people may press under a signal that is offered to them.
        public_url: where people reach the dashboard; empty: messages do not link to it.

    Raises:
        DataInvalid: the payload or its record cannot be read; the notice is to be given up.
        StateUnavailable: the audit cannot be read now.
    """
    facts = read_notice(decode_payload(notice.payload), reader)
    if isinstance(facts, Signal):
        facts = replace(facts, evidence=meaning(facts))
    expires_us = expiry_of(facts, notice.created_us)
    if expires_us is not None and expires_us <= now_us:
        return ()
    priority, thread = urgency_of(facts), thread_under(facts)
    told_chats = [chat for chat in chats if chat.channel in notifiers and wants(chat, facts)]
    rows = buttons(facts) if isinstance(facts, Signal) and facts.is_offered else ()
    prepared = _prepared(
        facts,
        told_chats,
        notifiers,
        words=partial(render, pictures=pictures, at_us=now_us, buttons=rows, public_url=public_url),
    )
    return tuple(
        DeliveryDraft(
            key=shortened(f"{notice.key}|{chat.lane}|{part}"),
            channel=chat.channel,
            address=chat.address,
            body=body,
            priority=priority,
            expires_us=expires_us,
            thread=thread,
            begins=threads_begun(facts, chat),
        )
        for chat, bodies in prepared
        for part, body in enumerate(bodies, start=1)
    )


def urgency_of(notice: Notice) -> int:
    """Return the priority of its deliveries: alerts 40 or 30, signals 25, updates 20, rest 10."""
    match notice:
        case Alert():
            return 40 if notice.severity is Severity.CRITICAL else 30
        case Signal():
            return SIGNAL_PRIORITY
        case SignalUpdate():
            return UPDATE_PRIORITY
        case _:
            return 10


def expiry_of(notice: Notice, created_us: int) -> int | None:
    """Return from when on it is no news any more, microseconds UTC; None: it never ages.

    Args:
        notice: what is told.
        created_us: when it was stored.
    """
    age_us = _age_us(notice)
    if age_us is None:
        return None
    end_us = created_us + age_us
    if isinstance(notice, Signal):
        return min(end_us, int(notice.decision.plan.valid_until.timestamp() * 1_000_000))
    return end_us


def thread_under(notice: Notice) -> str:
    """Return the key under which its messages reply to each other; empty for none."""
    match notice:
        case Signal():
            return notice.thread
        case SignalUpdate():
            return notice.signal.thread
        case _:
            return ""


def threads_begun(notice: Notice, chat: Chat) -> tuple[str, ...]:
    """Return the signals that a summary tells a chat of.

    Those without a message of their own are told there, and what becomes of them replies to it.
    """
    facts = told_to(chat, notice)
    return tuple(one.thread for one in facts.signals) if isinstance(facts, ScanSummary) else ()


def _age_us(notice: Notice) -> int | None:
    match notice:
        case PlainText():
            age = None
        case Alert():
            age = 3 * _DAY_US if notice.severity is Severity.CRITICAL else _DAY_US
        case ScanSummary():
            age = 6 * _HOUR_US
        case Digest():
            age = 2 * _DAY_US
        case _:
            age = _DAY_US
    return age


def _prepared(
    notice: Notice,
    chats: Sequence[Chat],
    notifiers: Mapping[str, Notifier],
    *,
    words: Callable[[Notice, Chat], tuple[Rendered, ...]],
) -> list[tuple[Chat, list[Body]]]:
    """Return what each chat gets; a channel that cannot prepare it keeps no other from it.

    Raises:
        DataInvalid: no channel can, so that nobody would be told.
    """
    prepared: list[tuple[Chat, list[Body]]] = []
    failed: DataInvalid | None = None
    for chat in chats:
        messages = words(notice, chat)
        try:
            bodies = [body for one in messages for body in notifiers[chat.channel].prepare(one)]
        except DataInvalid as error:
            failed = error
            log_structured(
                f"{chat.lane} is not told: {error}", level="ERROR", stage="notifications"
            )
        else:
            prepared.append((chat, bodies))
    if failed is not None and not prepared:
        raise failed
    return prepared
