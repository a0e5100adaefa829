"""The exporter `webhook`: batches of events as signed JSON to an address of one's own.

It posts as notices are posted: headers and signature of Standard Webhooks 1.0, no redirects, no
proxies of the environment, and no address that points inward unless that is allowed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from snipersight.bot.notifications.channels.webhook import WebhookNotifier
from snipersight.bot.telemetry.exporters.port import ExportFailed, ExportRefused
from snipersight.domain.channels import Delivered, SendOutcome, TryAgain
from snipersight.domain.event_log import StoredEvent

SCHEMA: Final = "snipersight.events/1"
SETTINGS: Final = "EVENTS_WEBHOOK"
_ONCE_MENDED: Final = "then `snipersight events send`"


class WebhookExporter:
    """Posts events: `{"schema": "snipersight.events/1", "events": [{"seq": …, "event": …}, …]}`.

    An event may come twice, after an answer that was lost; a batch that comes again as it was has
    the same `webhook-id`, and an event always has the same `seq`.

    Args:
        url, secret, allow_private, timeout_s: as of `WebhookNotifier`.

    Raises:
        ConfigInvalid: the address points inward or is none, or the secret is too short.
    """

    name = "webhook"
    most = 100

    def __init__(
        self, url: str, secret: str, *, allow_private: bool = False, timeout_s: float = 20.0
    ) -> None:
        self._poster = WebhookNotifier(
            url,
            secret,
            allow_private=allow_private,
            timeout_s=timeout_s,
            settings=SETTINGS,
            once_mended=_ONCE_MENDED,
        )

    def export(self, events: Sequence[StoredEvent]) -> None:
        """Post one batch.

        Raises:
            ExportFailed: there was no answer, or one that says to come again.
            ExportRefused: the receiver refuses it, or its address points inward.
        """
        data = {"schema": SCHEMA, "events": [_told(event) for event in events]}
        content = json.dumps(data, ensure_ascii=False, sort_keys=True)
        key = f"events_{hashlib.sha256(content.encode()).hexdigest()[:32]}"
        outcome = asyncio.run(self._post(data, key))
        if isinstance(outcome, Delivered):
            return
        if isinstance(outcome, TryAgain):
            raise ExportFailed(outcome.error, after_s=outcome.after_s)
        raise ExportRefused(getattr(outcome, "error", type(outcome).__name__))

    def close(self) -> None:
        """Do nothing: every batch has a connection of its own."""

    async def _post(self, data: dict[str, Any], key: str) -> SendOutcome:
        try:
            return await self._poster.send("", {"data": data}, key=key)
        finally:
            await self._poster.close()


def _told(event: StoredEvent) -> dict[str, Any]:
    named = {"key": event.key} if event.key else {}
    return {"seq": event.seq, **named, **json.loads(event.body)}
