"""A notice as one JSON object; `docs/notifications/json.md` and the schema describe it.

Exact numbers are text, rankings are numbers, times are ISO 8601 in UTC. What a public chat must not
see is null there, so that every reader finds the same keys.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

import snipersight
from snipersight.bot.notifications.wording.evidence import evidence_line
from snipersight.bot.notifications.wording.summary_text import ranking, stage_counts
from snipersight.bot.notifications.wording.told import Tellable, Told, told_of
from snipersight.domain.channels import ChatRole
from snipersight.domain.decision import Approved
from snipersight.domain.notices import (
    Alert,
    Digest,
    Notice,
    PlainText,
    ScanSummary,
    SignalEvent,
    SignalUpdate,
)
from snipersight.domain.plan_json import Json, check_json, plan_json
from snipersight.domain.units import plain
from snipersight.domain.wording import iso_of

SIGNAL: Final = "snipersight.signal/1"
UPDATE: Final = "snipersight.update/1"
ALERT: Final = "snipersight.alert/1"
SUMMARY: Final = "snipersight.summary/1"
DIGEST: Final = "snipersight.digest/1"
TEXT: Final = "snipersight.text/1"
# What a digest counts: what became of signals, not what people said of them.
OF_SIGNALS: Final = tuple(event for event in SignalEvent if event is not SignalEvent.DECIDED)


def format_json(thing: Notice | Tellable, *, role: ChatRole = ChatRole.PRIVATE) -> Json:
    """Return a notice, a verdict or a plan as JSON values.

    Args:
        thing: what is told.
        role: who reads it; in public every amount of the account is null.
    """
    is_private = role is ChatRole.PRIVATE
    if isinstance(thing, SignalUpdate):
        return _update(thing, is_private=is_private)
    if isinstance(thing, Alert):
        return _alert(thing)
    if isinstance(thing, ScanSummary):
        return _summary(thing, is_private=is_private)
    if isinstance(thing, Digest):
        return _digest(thing, is_private=is_private)
    if isinstance(thing, PlainText):
        return {**_head(TEXT), "title": thing.title, "markdown": thing.markdown}
    return _signal(told_of(thing), is_private=is_private)


def _head(schema: str) -> Json:
    return {"schema": schema, "version": snipersight.__version__}


def _signal(told: Told, *, is_private: bool) -> Json:
    signal, plan = told.signal, told.plan
    equity = None if signal is None else signal.equity
    distance = (plan.entry_near - told.last_price) / told.last_price if told.last_price else None
    checks = () if told.verdict is None else told.verdict.checks
    return {
        **_head(SIGNAL),
        "status": _status(told),
        "practice": told.is_practice,
        "account": signal.account_id if signal is not None and is_private else None,
        "equity": _exact(equity if is_private else None),
        "judged_at": None if signal is None else iso_of(signal.judged_ms),
        "batch": "" if signal is None else signal.batch,
        "plan": plan_json(plan),
        "last_price": plain(told.last_price),
        "distance_fraction": _exact(distance),
        **_stake(told.approved, told.currency, is_private=is_private),
        "checks": [check_json(check) for check in checks] if is_private else [],
        "evidence": evidence_line(signal.evidence if signal else ""),
    }


def _status(told: Told) -> str:
    if told.verdict is None:
        return "planned"
    return "approved" if told.approved is not None else "refused"


def _stake(approval: Approved | None, currency: str, *, is_private: bool) -> Json:
    """Return leverage, size and risk: nulls before an approval, without amounts in public."""
    if approval is None:
        return {"leverage": None, "size": None, "risk": None}
    size = {
        "base": plain(approval.size),
        "notional": plain(approval.notional),
        "margin": plain(approval.margin),
    }
    return {
        "leverage": plain(approval.leverage),
        "size": size if is_private else None,
        "risk": {
            "fraction": plain(approval.risk_fraction),
            "amount": plain(approval.risk) if is_private else None,
            "currency": (currency or None) if is_private else None,
        },
    }


def _update(update: SignalUpdate, *, is_private: bool) -> Json:
    signal = update.signal
    plan = signal.decision.plan
    is_told_all = is_private or not update.is_actual
    return {
        **_head(UPDATE),
        "event": update.event.value,
        "at": iso_of(update.at_ms),
        "practice": signal.is_practice,
        "account": signal.account_id if is_private else None,
        "plan_id": plan.plan_id,
        "venue": plan.venue,
        "symbol": plan.symbol,
        "direction": plan.direction.value,
        "price": _exact(update.price),
        "target": update.target,
        "net_r": _exact(update.net_r),
        "actual": update.is_actual,
        "detail": update.detail if is_told_all else "",
    }


def _alert(alert: Alert) -> Json:
    return {
        **_head(ALERT),
        "trigger": alert.trigger,
        "severity": alert.severity.value,
        "title": alert.title,
        "text": alert.text,
        "subject": alert.subject,
        "at": iso_of(alert.at_ms),
    }


def _summary(summary: ScanSummary, *, is_private: bool) -> Json:
    # Why plans were refused tells of the account's limits; a public chat gets the stages alone.
    stages = ((stage.value, n) for stage, n in stage_counts(summary.funnel).items() if n)
    funnel = summary.funnel if is_private else stages
    return {
        **_head(SUMMARY),
        "practice": summary.is_practice,
        "batch": summary.batch,
        "profile": summary.profile,
        "venue": summary.venue,
        "as_of": iso_of(summary.as_of_ms),
        "scanned": summary.scanned,
        "signals": [
            _signal(told_of(signal), is_private=is_private) for signal in ranking(summary.signals)
        ],
        "funnel": [{"reason": reason, "count": count} for reason, count in funnel],
        "regimes": dict(summary.regimes),
    }


def _digest(digest: Digest, *, is_private: bool) -> Json:
    return {
        **_head(DIGEST),
        "practice": digest.is_practice,
        "day": digest.day,
        "account": digest.account_id if is_private else None,
        "currency": digest.currency if is_private else None,
        "told": digest.told,
        "events": {event.value: digest.events.get(event, 0) for event in OF_SIGNALS},
        "net_r": _exact(digest.net_r),
        "hits": digest.hits,
        "open_positions": digest.open_positions if is_private else None,
        "equity": _exact(digest.equity if is_private else None),
        "change": _exact(digest.change if is_private else None),
        "trades": digest.trades if is_private else None,
        "trades_net_r": _exact(digest.trades_net_r if is_private else None),
    }


def _exact(number: Decimal | None) -> str | None:
    """Return a number as text; None for one that is not known or not finite."""
    return plain(number) if number is not None and math.isfinite(number) else None
