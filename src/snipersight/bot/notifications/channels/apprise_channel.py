"""Everything Apprise speaks to: Discord, e-mail, SMS and many more, each under a name of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bot.notifications.channels.apart import call_apart
from snipersight.bot.notifications.channels.pictures import read_picture
from snipersight.bot.notifications.channels.vendor_logs import mask_vendor_logs
from snipersight.bot.notifications.markup.markdown_entities import to_entities
from snipersight.bot.telemetry.masking import register_secrets
from snipersight.domain.channels import (
    Body,
    Delivered,
    Rendered,
    SendOutcome,
    Stopped,
    TryAgain,
    Unsendable,
)
from snipersight.domain.notices import Severity

if TYPE_CHECKING:
    from apprise import NotifyBase

SEND_TIMEOUT_S: Final = 60.0
_TYPES: Final = {
    Severity.INFO: "info",
    Severity.WARNING: "warning",
    Severity.ERROR: "failure",
    Severity.CRITICAL: "failure",
}


class AppriseNotifier:
    """The channel `apprise`, whose addresses are the names of configured URLs.

    Messages are plain text: each service has its own idea of markup, and text arrives as it was
    written on all of them. What is too long for a service goes out in several messages, unless
    its URL says otherwise (`?overflow=`). Apprise tells only whether a service took a message,
    so that every failure may have been delivered after all.

    A URL is a secret as a whole; only its name is ever shown.

    Args:
        urls: Apprise's URL of each name, `{"discord": "discord://…"}`.
        timeout_s: for one message. A service that takes longer is not waited for, though its
            thread goes on and may still deliver.
    """

    name = "apprise"

    def __init__(self, urls: Mapping[str, str], *, timeout_s: float = SEND_TIMEOUT_S) -> None:
        register_secrets(urls.values())
        mask_vendor_logs()
        self._urls = dict(urls)
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        """Return the names, no URL."""
        return f"AppriseNotifier(names={sorted(self._urls)})"

    def prepare(self, message: Rendered) -> tuple[Body, ...]:
        """Return one message; a rendering in which nothing is to be seen becomes none."""
        text = to_entities(message.markdown).text or message.title
        if not text.strip():
            return ()
        kind = _TYPES[message.severity]
        return ({"title": message.title, "text": text, "type": kind, "photo": message.picture},)

    async def send(self, address: str, body: Body, *, key: str, reply_to: str = "") -> SendOutcome:
        """Hand one prepared message to a service; see `domain.channels.Notifier`.

        Services know neither `key` nor `reply_to`.
        """
        url = self._urls.get(address)
        if url is None:
            return _not_configured(address, "is not configured")
        text, title = body.get("text"), body.get("title")
        if not isinstance(text, str) or not isinstance(title, str):
            return Unsendable(error="what is stored is no message of this channel")
        try:
            async with asyncio.timeout(self._timeout_s):
                taken = await call_apart(partial(_hand_over, url, title, text, body))
        except TimeoutError:
            return TryAgain(error=f"{address} took too long", is_ambiguous=True)
        except Exception as error:  # noqa: BLE001 - the code of a hundred services, one message
            return TryAgain(error=f"{address} failed: {type(error).__name__}", is_ambiguous=True)
        if taken is None:
            return _not_configured(address, "is no URL that Apprise understands")
        return Delivered() if taken else TryAgain(error=f"{address} refused", is_ambiguous=True)

    async def close(self) -> None:
        """Do nothing: each message has connections of its own."""


def _not_configured(address: str, what: str) -> Stopped:
    return Stopped(
        error=f"{address!r} {what} — correct NOTIFY_APPRISE_URLS, then `snipersight notify retry`",
        is_whole_channel=False,
    )


def _hand_over(url: str, title: str, text: str, body: Body) -> bool | None:
    """Notify one service in this thread; None if its URL is not understood."""
    from apprise import Apprise, NotifyFormat

    service = _service(url)
    if service is None:
        return None
    apprise = Apprise()
    apprise.add(service)
    taken = apprise.notify(
        body=text,
        title=title,
        notify_type=str(body.get("type", "info")),
        body_format=NotifyFormat.TEXT,
        attach=_attachment(body.get("photo"), service),
    )
    return bool(taken)


def _service(url: str) -> NotifyBase | None:
    from apprise import Apprise, AppriseAsset, OverflowMode

    asset = AppriseAsset(app_id="SniperSight", app_desc="SniperSight")
    service = Apprise.instantiate(url, asset=asset)
    if service is not None and "overflow=" not in url.lower():
        service.overflow_mode = OverflowMode.SPLIT
    return service


def _attachment(photo: object, service: NotifyBase) -> str | None:
    if not isinstance(photo, str) or not service.attachment_support:
        return None
    # A picture that cannot be sent must not hold the message up for ever.
    return photo if isinstance(read_picture(Path(photo)), bytes) else None
