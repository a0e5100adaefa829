"""The way from a message to the page of its signal."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from snipersight.domain.channels import ChatRole
from snipersight.domain.notices import Notice, Signal, SignalUpdate

_WORDS: Final = "Open on the dashboard"


def signal_url(public_url: str, plan_id: str, account: str) -> str:
    """Return the address of a signal's page, `https://bot.example.org/signals/3f1c…?account=main`."""
    path, own = quote(plan_id, safe=""), quote(account, safe="")
    return f"{public_url}/signals/{path}?account={own}"


def with_link(markdown: str, notice: Notice, role: ChatRole, *, public_url: str) -> str:
    """Return a message with a link to its signal's page at its end.

    Args:
        markdown: the message.
        notice: what it is about; of signals and what became of them alone there is a page.
        role: who reads it; a public chat is not told where the dashboard is.
        public_url: where people reach it; empty: nobody does, and the message stays as it is.
    """
    signal = notice.signal if isinstance(notice, SignalUpdate) else notice
    if not public_url or role is not ChatRole.PRIVATE or not isinstance(signal, Signal):
        return markdown
    url = signal_url(public_url, str(signal.decision.plan.plan_id), signal.account_id)
    return f"{markdown}\n\n🔎 [{_WORDS}](<{url}>)"
