"""From facts to words: one notice as one chat reads it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from snipersight.bot.notifications.formatters import (
    format_alert,
    format_cornix,
    format_digest,
    format_json,
    format_markdown,
    format_summary,
    format_update,
    title_of,
)
from snipersight.bot.notifications.notices.chats import told_to
from snipersight.bot.notifications.notices.dashboard_link import with_link
from snipersight.bot.notifications.notices.quiet import is_silent
from snipersight.domain.channels import Button, Chat, ChatRole, Rendered
from snipersight.domain.notices import (
    Alert,
    Digest,
    Notice,
    PlainText,
    ScanSummary,
    Severity,
    Signal,
    SignalUpdate,
)

_WITH_BUTTONS: Final = "telegram"
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")


Rows = tuple[tuple[Button, ...], ...]


def render(
    notice: Notice,
    chat: Chat,
    *,
    pictures: Path,
    at_us: int,
    buttons: Rows = (),
    public_url: str = "",
) -> tuple[Rendered, ...]:
    """Return the messages a wanted notice becomes in a chat, in order.

    One, and for a chat that Cornix reads a second one with an approved signal: Cornix takes a
    message whole, so that its text stands alone.

    Args:
        notice: a notice the chat wants.
        chat: where it goes; its role decides what is said.
        pictures: folder of the charts; a signal's is named after its plan.
        at_us: when it is told, microseconds UTC.
        buttons: rows of them, for those who may press them.
        public_url: where people reach the dashboard; empty: messages do not link to it.
    """
    facts = told_to(chat, notice)
    silent = is_silent(chat, facts, at_us=at_us)
    message = Rendered(
        title=title_of(facts),
        markdown=with_link(markdown_of(facts, chat.role), facts, chat.role, public_url=public_url),
        data=format_json(facts, role=chat.role),
        picture=picture_of(facts, pictures),
        severity=facts.severity if isinstance(facts, Alert) else Severity.INFO,
        is_silent=silent,
        buttons=buttons if _may_press(chat) else (),
    )
    cornix = format_cornix(facts) if chat.cornix and isinstance(facts, Signal) else ""
    if not cornix:
        return (message,)
    return (message, _text_alone(message.title, cornix, is_silent=silent))


def markdown_of(notice: Notice, role: ChatRole) -> str:
    """Return a notice as CommonMark for readers of a role."""
    match notice:
        case Signal():
            text = format_markdown(notice, role=role)
        case SignalUpdate():
            text = format_update(notice, role=role)
        case Alert():
            text = format_alert(notice)
        case ScanSummary():
            # All of them: those without a message of their own are told nowhere else.
            text = format_summary(notice, role=role, top=len(notice.signals))
        case Digest():
            text = format_digest(notice, role=role)
        case _:
            text = notice.markdown
    return text


def picture_of(notice: Notice, pictures: Path) -> str | None:
    """Return the path of a signal's chart; None where none was drawn, and for everything else.

    Without one the text need not fit a caption. A plan whose name is no plain file name has none.
    """
    if not isinstance(notice, Signal):
        return None
    plan_id = str(notice.decision.plan.plan_id)
    if not _FILE_NAME.fullmatch(plan_id):
        return None
    path = pictures / f"{plan_id}.png"
    return str(path) if path.is_file() else None


def _may_press(chat: Chat) -> bool:
    """Return whether a chat's readers may decide on what they read, by buttons that come back."""
    return chat.role is ChatRole.PRIVATE and chat.channel == _WITH_BUTTONS


def _text_alone(title: str, markdown: str, *, is_silent: bool) -> Rendered:
    text = PlainText(markdown=markdown, title=title)
    return Rendered(title=title, markdown=markdown, data=format_json(text), is_silent=is_silent)
