"""Links of entities: which Telegram accepts, and how it writes them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

_SCHEME: Final = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://?(?P<rest>.*)", re.DOTALL)
_INNER: Final = re.compile(r"(?P<scheme>tg|ton|tonsite):(//)?(?P<rest>.*)", re.DOTALL | re.I)
_LABEL: Final = re.compile(r"[^\s.:/?#@\[\]]+")
MAX_ID: Final = 1 << 63


def checked_link(link: str) -> str:
    """Return a link as Telegram keeps it, with scheme and path; empty where it takes none.

    `example.org` becomes `http://example.org/`. Only http, https, tg and ton links are taken.
    """
    inner = _INNER.fullmatch(link)
    if inner is not None:
        return f"{inner['scheme'].lower()}://{inner['rest']}"
    scheme, rest = "http", link
    found = _SCHEME.fullmatch(link) if "://" in link else None
    if found is not None:
        scheme, rest = found["scheme"].lower(), found["rest"].lstrip("/")
    if scheme not in {"http", "https"} or not rest or any(c.isspace() for c in rest):
        return ""
    return _written_out(scheme, rest)


def _written_out(scheme: str, rest: str) -> str:
    cut = next((place for place, c in enumerate(rest) if c in "/?#"), len(rest))
    host, tail = rest[:cut], rest[cut:]
    if not _is_host(host):
        return ""
    return f"{scheme}://{host.lower()}{tail if tail.startswith('/') else '/' + tail}"


def _is_host(host: str) -> bool:
    name, _, port = host.rpartition("@")[2].partition(":")
    labels = name.split(".")
    has_dot = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    return has_dot and (not port or port.isdecimal())


def user_of_link(link: str) -> str:
    """Return the user id of `tg://user?id=…`; empty for every other link."""
    return _digits(_query_of(link, "user").get("id", ""))


def emoji_of_link(link: str) -> str:
    """Return the emoji id of `tg://emoji?id=…`; empty for every other link."""
    return _digits(_query_of(link, "emoji").get("id", ""))


def time_of_link(link: str) -> tuple[str, str]:
    """Return seconds and format of `tg://time?unix=…&format=…`; empty for every other link."""
    query = _query_of(link, "time")
    return _digits(query.get("unix", "")), query.get("format", "")


def _query_of(link: str, host: str) -> dict[str, str]:
    found = _INNER.fullmatch(link.strip())
    if found is None or found["scheme"].lower() != "tg":
        return {}
    parts = urlsplit(f"tg://{found['rest'].lstrip('/')}")
    if parts.netloc.lower() != host or parts.path not in {"", "/"}:
        return {}
    return dict(parse_qsl(parts.query))


def _digits(written: str) -> str:
    is_number = written.isascii() and written.isdecimal() and not written.startswith("0")
    return written if is_number and int(written) < MAX_ID else ""
