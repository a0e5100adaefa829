"""By which names the dashboard is called, and from which pages it may be written to.

A page anywhere may point its own name at this machine and ask: only known names are answered. A page
on this machine, at another port, counts as the same site to a browser, which sends our cookie along:
whatever changes something, and every WebSocket, must come from a page of ours.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from snipersight.bot.telemetry.local_http import known_hosts
from snipersight.web.security.problems import Problem

_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_LONGEST_PATH: Final = 2048
_OWN_SITE: Final = ("same-origin", "none")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the dashboard is.

    Args:
        host: that it listens on.
        has_tls: it is spoken to by https without anything in between.
        allowed_hosts: names besides that one that it answers to.
        public_url: under which people reach it, such as `https://bot.example.org`; empty: the same.
    """

    host: str
    has_tls: bool = False
    allowed_hosts: Collection[str] = ()
    public_url: str = ""


class Origins:
    """Refuses requests under names, from pages and for paths that are not ours.

    Args:
        place: where the dashboard is.
    """

    def __init__(self, place: Place) -> None:
        public_host = urlsplit(place.public_url).hostname if place.public_url else None
        names = (*place.allowed_hosts, *((public_host,) if public_host else ()))
        self._is_known: Final = known_hosts(place.host, names)
        self._scheme: Final = "https" if place.has_tls else "http"
        self._public: Final = _normal(place.public_url)

    def problem(self, scope: Scope) -> Problem | None:
        """Return why a request or WebSocket is refused; None: nothing speaks against it."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_known(hosts[0]):
            return Problem(
                status=421,
                what="this name is not served here",
                where="Host",
                next_step="DASHBOARD_ALLOWED_HOSTS and PUBLIC_URL name those that are",
            )
        if is_strange(scope):
            return Problem(status=400, what="there is no such path", where="path")
        return None if self._is_from_us(scope, headers) else _FOREIGN

    def is_public(self, scope: Scope) -> bool:
        """Return whether a browser reached us by https, itself or through `PUBLIC_URL`."""
        if self._scheme == "https":
            return True
        origin = _normal(f"https://{Headers(scope=scope).get('host', '')}")
        return origin != "" and origin == self._public

    def _is_from_us(self, scope: Scope, headers: Headers) -> bool:
        if scope["type"] == "http" and scope["method"] in _SAFE:
            return True
        origins = headers.getlist("origin")
        if not origins:
            # Browsers send it with everything that counts; programs do not, and show their token.
            return "cookie" not in headers and "sec-fetch-site" not in headers
        if headers.get("sec-fetch-site", "none") not in _OWN_SITE:
            return False
        here = _normal(f"{self._scheme}://{headers['host']}")
        return len(origins) == 1 and _normal(origins[0]) in {here, self._public} - {""}


_FOREIGN: Final = Problem(
    status=403,
    what="this came from a page that is not ours",
    where="Origin",
    next_step="open the dashboard's own address, and do it there",
)


def is_strange(scope: Scope) -> bool:
    """Return whether a path is none that a page of ours links to: parents, backslashes, controls."""
    path = scope["path"]
    if not path.startswith("/") or "//" in path or len(path) > _LONGEST_PATH:
        return True
    if any(part in (".", "..") for part in path.split("/")):
        return True
    return any(letter == "\\" or not letter.isprintable() for letter in path)


def local_path(wanted: str) -> str:
    """Return a path of ours that somebody wants to go on to; `/` for everything else."""
    path = wanted.partition("?")[0]
    if is_strange({"path": path}) or not wanted.isascii() or not wanted.isprintable():
        return "/"
    return "/" if "\\" in wanted or len(wanted) > _LONGEST_PATH else wanted


def _normal(origin: str) -> str:
    """Return scheme, host and port of an origin; empty where it is none."""
    try:
        parts = urlsplit(origin)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    return f"{parts.scheme}://{host}:{port}" if host and port and not parts.username else ""
