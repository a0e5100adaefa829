"""The words of an alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from snipersight.bot.notifications.wording.escaping import Markdown, clean, escape_lines
from snipersight.bot.notifications.wording.numbers import utc_minute
from snipersight.domain.notices import Alert, Severity

_EMOJI: Final[Mapping[Severity, str]] = {
    Severity.INFO: "ℹ️",
    Severity.WARNING: "⚠️",
    Severity.ERROR: "❗",
    Severity.CRITICAL: "🚨",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWords:
    """Everything the template of an alert inserts.

    Args:
        text: what happened, with its own line breaks.
        subject: what it is about; empty where it is about everything.
    """

    emoji: str
    severity: str
    title: str
    text: Markdown
    subject: str
    time: str


def alert_words(alert: Alert) -> AlertWords:
    """Return the texts of an alert."""
    return AlertWords(
        emoji=_EMOJI[alert.severity],
        severity=alert.severity.value.upper(),
        title=clean(alert.title) or clean(alert.trigger) or "?",
        text=escape_lines(alert.text),
        subject=alert.subject,
        time=utc_minute(alert.at_ms),
    )
