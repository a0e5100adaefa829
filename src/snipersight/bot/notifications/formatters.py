"""What a message says: a notice in, Markdown or JSON out.

The Markdown is CommonMark in which a line break is a line break. Whatever comes from elsewhere is
escaped, so that it arrives as written.
"""

from __future__ import annotations

from snipersight.bot.notifications.wording.alert_text import alert_words
from snipersight.bot.notifications.wording.cornix import format_cornix
from snipersight.bot.notifications.wording.digest_text import digest_words
from snipersight.bot.notifications.wording.escaping import clean, escape
from snipersight.bot.notifications.wording.evidence import evidence_line
from snipersight.bot.notifications.wording.notice_json import format_json
from snipersight.bot.notifications.wording.signal_text import signal_words
from snipersight.bot.notifications.wording.summary_text import summary_title, summary_words
from snipersight.bot.notifications.wording.templating import render
from snipersight.bot.notifications.wording.told import Tellable, told_of
from snipersight.bot.notifications.wording.update_text import update_title, update_words
from snipersight.domain.channels import ChatRole
from snipersight.domain.notices import (
    Alert,
    Digest,
    Notice,
    PlainText,
    ScanSummary,
    SignalUpdate,
)

__all__ = [
    "escape",
    "evidence_line",
    "format_alert",
    "format_confluence_breakdown",
    "format_cornix",
    "format_digest",
    "format_json",
    "format_markdown",
    "format_rationale",
    "format_risk_metrics",
    "format_summary",
    "format_update",
    "title_of",
]

_PRIVATE = ChatRole.PRIVATE


def format_markdown(thing: Tellable, *, role: ChatRole = _PRIVATE) -> str:
    """Return the message of a signal, of a verdict, or of a plan nobody judged yet.

    Args:
        thing: a refusal shows the checks it failed; a plan alone has no size.
        role: who reads it; a public chat gets no size, amount or balance.
    """
    return _about("signal_template", thing, role)


def format_confluence_breakdown(thing: Tellable) -> str:
    """Return every factor with its points: ✓ for, ○ without effect, ✗ against the trade."""
    return _about("confluence_breakdown", thing, _PRIVATE)


def format_rationale(thing: Tellable) -> str:
    """Return the reasoning of a plan under its heading; nothing for a plan without one."""
    return _about("rationale", thing, _PRIVATE)


def format_risk_metrics(thing: Tellable, *, role: ChatRole = _PRIVATE) -> str:
    """Return risk, reward to risk, size, margin and leverage.

    Args:
        thing: only an approval has more than reward to risk.
        role: who reads it; a public chat gets percent and leverage alone.
    """
    return _about("risk_metrics", thing, role)


def format_update(update: SignalUpdate, *, role: ChatRole = _PRIVATE) -> str:
    """Return the message of an event in the life of a signal."""
    return render("update_template", u=update_words(update, role))


def format_alert(alert: Alert) -> str:
    """Return the message of an alert; alerts are for private chats alone."""
    return render("alert_template", a=alert_words(alert))


def format_summary(summary: ScanSummary, *, role: ChatRole = _PRIVATE, top: int = 10) -> str:
    """Return the message of a scan.

    Args:
        summary: what it found.
        role: who reads it; a public chat gets no size or amount.
        top: how many signals are listed, those of the highest score.

    Raises:
        ValueError: `top` is below 0.
    """
    if top < 0:
        raise ValueError(f"the best {top} signals cannot be listed")
    return render("batch_summary_template", s=summary_words(summary, role, top))


def format_digest(digest: Digest, *, role: ChatRole = _PRIVATE) -> str:
    """Return the message of a day; a public chat gets nothing of the account."""
    return render("digest_template", d=digest_words(digest, role))


def title_of(notice: Notice) -> str:
    """Return a notice in a few words on one line, for channels with a subject; plain text."""
    return clean(_title(notice))


def _title(notice: Notice) -> str:
    if isinstance(notice, Alert):
        return f"{notice.severity.value.upper()}: {notice.title or notice.trigger}"
    if isinstance(notice, ScanSummary):
        return f"{summary_title(notice)} on {notice.venue}"
    if isinstance(notice, Digest):
        return f"Day {notice.day}"
    if isinstance(notice, PlainText):
        return notice.title
    if isinstance(notice, SignalUpdate):
        plan = notice.signal.decision.plan
        return f"{update_title(notice)}: {plan.direction} {plan.symbol}"
    plan = notice.decision.plan
    return f"{plan.direction} {plan.symbol} {plan.confluence.score:.1f}/100"


def _about(template: str, thing: Tellable, role: ChatRole) -> str:
    return render(template, s=signal_words(told_of(thing), role))
