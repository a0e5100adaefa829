"""What goes between the server and a protocol: a request read whole, and its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, read whole before anything can go wrong with it.

    Args:
        method: `GET`, `POST` …
        host: in small letters, without the port.
        path: with the slash, without the query.
        query: as it was sent, percent-encoded.
        body: as it was sent.
        headers: names in small letters.
        at_us: when it came, by the venue's clock, microseconds UTC.
    """

    method: str
    host: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    at_us: int = 0

    @property
    def at_ms(self) -> int:
        """Return when it came, milliseconds UTC."""
        return self.at_us // 1_000

    @property
    def text(self) -> str:
        """Return the body as text; what is not UTF-8 is replaced."""
        return self.body.decode("utf-8", "replace")

    def parameters(self) -> dict[str, str]:
        """Return the fields of query and form body, the body's winning."""
        return dict(_fields(self.query, self.text))


@lru_cache(maxsize=32)  # every check of a request reads its fields again
def _fields(query: str, text: str) -> tuple[tuple[str, str], ...]:
    return (
        *parse_qsl(query, keep_blank_values=True),
        *parse_qsl(text, keep_blank_values=True),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer.

    Args:
        body: a JSON value; text is sent as it is, as a page.
        status: of HTTP.
        headers: beside the usual ones.
    """

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_page(self) -> bool:
        """Return whether the body is text that no program wrote."""
        return isinstance(self.body, str)

    def encoded(self) -> bytes:
        """Return the bytes of the body."""
        return (self.body if self.is_page else dumps(self.body)).encode()


def dumps(value: object) -> str:
    """Return JSON as venues write it: no spaces, decimals as plain text."""
    return json.dumps(value, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} is no JSON value")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultAnswer:
    """What a venue says in a fault of a kind.

    Args:
        reply: the answer.
        may_be_done: whether the request may have been carried out all the same.
    """

    reply: Reply
    may_be_done: bool = False


def html_page(status: int, reason: str) -> Reply:
    """Return the page of a proxy in front of a venue that did not answer."""
    title = f"{status} {reason}"
    return Reply(
        status=status,
        body=(
            f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
            f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
        ),
    )
