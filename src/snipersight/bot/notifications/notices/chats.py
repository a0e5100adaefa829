"""Which chat is told what: by the role of its readers, then by its own filters."""

from __future__ import annotations

from dataclasses import replace

from snipersight.bot.notifications.notices.alerts import is_about
from snipersight.domain.channels import Chat, ChatRole
from snipersight.domain.decision import Rejected
from snipersight.domain.instrument import underlying_of
from snipersight.domain.notices import (
    Alert,
    Digest,
    Notice,
    ScanSummary,
    Signal,
    SignalUpdate,
)
from snipersight.domain.plan import TradePlan


def wants(chat: Chat, notice: Notice) -> bool:
    """Return whether a chat is told of a notice.

    An audience is told of approved signals, of what became of them by the candles, of scans and of
    days; never of an alert, a refusal, a trade that is held, or what an operator wrote. Of a plan
    that is traded, only an audience is told what the ledger tells the others. Filters ask signals
    and their updates; of a scan, a chat with filters is told where one of its signals is left. A
    chat without practice is told of none of it, its days included. That a chat takes nothing is
    told to the others.
    """
    if chat.role is ChatRole.PUBLIC and not _is_public(notice):
        return False
    match notice:
        case Signal():
            wanted = takes_signal(chat, notice)
        case SignalUpdate():
            wanted = _is_for(chat, notice) and takes_signal(chat, notice.signal)
        case Digest():
            wanted = chat.practice or not notice.is_practice
        case ScanSummary():
            wanted = _takes_summary(chat, notice)
        case Alert():
            wanted = not is_about(notice, chat)
        case _:
            wanted = True
    return wanted


def told_to(chat: Chat, notice: Notice) -> Notice:
    """Return what is left of a wanted notice for a chat.

    Of a scan, the signals that its filters pass. To an audience, a day without equity and without
    what was really traded; the wording leaves them out as well, but what is not there cannot be
    told.
    """
    if isinstance(notice, ScanSummary):
        return replace(notice, signals=tuple(_passing(chat, notice)))
    if isinstance(notice, Digest) and chat.role is ChatRole.PUBLIC:
        return replace(notice, equity=None, change=None, trades=0, trades_net_r=None)
    return notice


def takes_signal(chat: Chat, signal: Signal) -> bool:
    """Return whether a signal passes a chat's filters; an empty filter passes everything."""
    plan = signal.decision.plan
    return (
        (chat.practice or not signal.is_practice)
        and (not chat.tiers or plan.confluence.tier in chat.tiers)
        and (not chat.directions or plan.direction in chat.directions)
        and (not chat.symbols or _is_listed(chat, plan))
    )


def _is_listed(chat: Chat, plan: TradePlan) -> bool:
    """Return whether the plan's market is listed, or its asset: PEPE stands for 1000PEPE/USDT."""
    base = plan.symbol.partition("/")[0]
    return not chat.symbols.isdisjoint((plan.symbol, base, underlying_of(base)[0]))


def _is_public(notice: Notice) -> bool:
    match notice:
        case Signal():
            return not isinstance(notice.decision, Rejected)
        case SignalUpdate():
            return not notice.is_actual and not isinstance(notice.signal.decision, Rejected)
        case ScanSummary() | Digest():
            return True
        case _:
            return False


def _is_for(chat: Chat, update: SignalUpdate) -> bool:
    return chat.role is ChatRole.PUBLIC or not update.is_for_audience


def _takes_summary(chat: Chat, summary: ScanSummary) -> bool:
    if summary.is_practice and not chat.practice:
        return False
    has_filters = bool(chat.tiers or chat.symbols or chat.directions)
    return not has_filters or bool(_passing(chat, summary))


def _passing(chat: Chat, summary: ScanSummary) -> list[Signal]:
    return [
        signal
        for signal in summary.signals
        if takes_signal(chat, signal)
        and (chat.role is ChatRole.PRIVATE or not isinstance(signal.decision, Rejected))
    ]
