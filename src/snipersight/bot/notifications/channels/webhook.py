"""A webhook: signed JSON to an address of one's own, for machines that read what is told.

Headers and signature follow Standard Webhooks 1.0, so that its libraries verify them.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from snipersight.bot.notifications.channels.http_guard import (
    PointsInward,
    check_webhook_url,
    guarded_resolver,
)
from snipersight.bot.notifications.channels.vendor_logs import mask_vendor_logs
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
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

SEND_TIMEOUT_S: Final = 20.0
SHORTEST_SECRET: Final = 16  # characters
TEXT_SCHEMA: Final = "snipersight.text/1"
_PREFIX: Final = "whsec_"
_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9_:|@+=/-]{1,128}")  # a point would blur what is signed
_LONGEST_WAIT_S: Final = 3600.0
_AGAIN: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
_WRONG_ADDRESS: Final = (
    *(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
    *(HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE),
)
_RETRY: Final = "then `snipersight notify retry`"
SETTINGS: Final = "NOTIFY_WEBHOOK"


class WebhookNotifier:
    """The channel `webhook`: one address that gets every message as JSON by POST.

    Each request carries `webhook-id`, the same for every attempt at a message, `webhook-timestamp`
    (seconds UTC of the attempt) and `webhook-signature`: `v1,` and the Base64 of the HMAC-SHA256
    of `<id>.<timestamp>.<body>`. Redirects are not followed, proxies of the environment not used.
    Neither the secret nor the path of the address appears in a log, error or repr.

    Args:
        url: where to; HTTPS and public unless `allow_private`.
        secret: shared with the receiver: `whsec_` and Base64, or any text of 16 characters or
            more, whose UTF-8 bytes are the key then.
        allow_private: let the address point inward, and be plain HTTP.
        timeout_s: for one request in all.
        clock: seconds since 1970.
        settings: what the names of its variables begin with, for messages.
        once_mended: what a person does once its cause is gone, for messages.

    Raises:
        ConfigInvalid: the address points inward or is none, or the secret is too short.
    """

    name = "webhook"

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        allow_private: bool = False,
        timeout_s: float = SEND_TIMEOUT_S,
        clock: Callable[[], float] = time.time,
        settings: str = SETTINGS,
        once_mended: str = _RETRY,
    ) -> None:
        self._settings = settings
        self._once_mended = once_mended
        check_webhook_url(url, allow_private=allow_private, setting=self._allowing)
        self._key = _key_of(secret, where=f"{settings}_SECRET")
        register_secrets([url, secret])
        mask_vendor_logs()
        self._url = url
        self._host = urlsplit(url).hostname or ""
        self._allow_private = allow_private
        self._timeout_s = timeout_s
        self._clock = clock
        self._session: ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __repr__(self) -> str:
        """Return the host, neither path nor secret."""
        return f"WebhookNotifier(host={self._host!r})"

    def prepare(self, message: Rendered) -> tuple[Body, ...]:
        """Return one message: the rendering's data, or its text where it has none."""
        return webhook_bodies(message)

    async def send(self, address: str, body: Body, *, key: str, reply_to: str = "") -> SendOutcome:
        """Post one prepared message; see `domain.channels.Notifier`.

        The channel has one address, and messages do not hang together: neither `address` nor
        `reply_to` has an effect.
        """
        from aiohttp import ClientError, InvalidURL

        data = body.get("data")
        if not isinstance(data, Mapping):
            return Unsendable(error="what is stored is no message of this channel")
        content = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            async with self._connected().post(
                self._url, data=content, headers=self._headers(key, content), allow_redirects=False
            ) as answer:
                return self._outcome(answer)
        except PointsInward as error:
            return Stopped(error=str(error), is_whole_channel=False)
        except InvalidURL:
            return Stopped(
                error=f"{self._host} is no host — check {self._settings}_URL, {self._once_mended}",
                is_whole_channel=False,
            )
        except (ClientError, TimeoutError, OSError) as error:
            return self._failure(error)

    async def close(self) -> None:
        """Close the connections; the next message opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @property
    def _allowing(self) -> str:
        return f"{self._settings}_ALLOW_PRIVATE"

    def _connected(self) -> ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._loop is not loop:
            from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

            # A connection is made for each message: its address is looked up and checked anew.
            connector = TCPConnector(
                resolver=guarded_resolver(
                    allow_private=self._allow_private, setting=self._allowing
                ),
                use_dns_cache=False,
                force_close=True,
            )
            self._session = ClientSession(
                connector=connector,
                timeout=ClientTimeout(total=self._timeout_s),
                cookie_jar=DummyCookieJar(),
            )
            self._loop = loop
        return self._session

    def _headers(self, key: str, content: bytes) -> dict[str, str]:
        message_id = message_id_of(key)
        timestamp = str(int(self._clock()))
        return {
            "content-type": "application/json",
            "user-agent": "SniperSight",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(self._key, message_id, timestamp, content),
        }

    def _outcome(self, answer: ClientResponse) -> SendOutcome:
        status = answer.status
        reason = f"{self._host} answered {status}"
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return Delivered()
        if status in _WRONG_ADDRESS or status < HTTPStatus.BAD_REQUEST:
            return Stopped(
                error=(
                    f"{reason} — check {self._settings}_URL and its server, {self._once_mended}"
                ),
                is_whole_channel=False,
            )
        if status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            after_s = wait_s(answer.headers.get("retry-after", ""), now_s=self._clock())
            is_ambiguous = status >= HTTPStatus.INTERNAL_SERVER_ERROR
            return TryAgain(error=reason, after_s=after_s, is_ambiguous=is_ambiguous)
        return Unsendable(error=reason)

    def _failure(self, error: Exception) -> TryAgain:
        from aiohttp import ClientConnectorError, ConnectionTimeoutError

        # An error's own text may hold the address; what kind it is says enough.
        reason = f"{self._host}: {type(error).__name__}"
        never_left = isinstance(error, (ClientConnectorError, ConnectionTimeoutError))
        return TryAgain(error=reason, is_ambiguous=not never_left)


def webhook_bodies(message: Rendered) -> tuple[Body, ...]:
    """Return the one message of a rendering: its data, or its text where it has none."""
    text = {"schema": TEXT_SCHEMA, "title": message.title, "markdown": message.markdown}
    return ({"data": dict(message.data) or text},)


def message_id_of(key: str) -> str:
    """Return an idempotency key as it stands in `webhook-id`.

    A key with a point, a space or a letter that headers do not carry becomes a hash of itself.
    """
    if _PLAIN_ID.fullmatch(key):
        return key
    return f"msg_{hashlib.sha256(key.encode()).hexdigest()}"


def signature(key: bytes, message_id: str, timestamp: str, content: bytes) -> str:
    """Return the value of `webhook-signature` under Standard Webhooks 1.0."""
    signed = f"{message_id}.{timestamp}.".encode() + content
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def wait_s(retry_after: str, *, now_s: float) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, at most an hour.

    Args:
        retry_after: seconds or an HTTP date; empty for none.
        now_s: seconds since 1970.

    Returns:
        None where there is nothing that can be read.
    """
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return min(float(retry_after), _LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    left_s = (aware - datetime.fromtimestamp(now_s, UTC)).total_seconds()
    return min(max(left_s, 0.0), _LONGEST_WAIT_S)


def _key_of(secret: str, *, where: str) -> bytes:
    if len(secret) < SHORTEST_SECRET:
        raise ConfigInvalid(
            f"the webhook's secret has {len(secret)} characters, at least {SHORTEST_SECRET} are "
            "needed",
            where=where,
            next_step="set a long random one here and at the receiver",
        )
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX) + "==", validate=True)
    except binascii.Error:
        raise ConfigInvalid(
            f"the webhook's secret begins with {_PREFIX} and is no Base64",
            where=where,
            next_step="copy it again, or use one without that prefix",
        ) from None
