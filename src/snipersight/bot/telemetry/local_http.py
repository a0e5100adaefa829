"""A small HTTP server for this machine: answers GET on threads of its own, to known names alone."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.errors import VenueUnavailable

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_PATIENCE_S: Final = 5.0
_REQUEST_S: Final = 10.0  # a caller that says nothing keeps no thread for longer
_POLL_S: Final = 0.2
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_WILDCARDS: Final = ("", "0.0.0.0", "::")  # noqa: S104 - what is compared, not listened on
_PLAIN: Final = ("Content-Type", "text/plain; charset=utf-8")

Page = Callable[[], tuple[str, str, bytes]]  # status, content type, body


def known_hosts(listen_host: str, allowed: Iterable[str]) -> Callable[[str], bool]:
    """Return whether a request that names this host is answered.

    A web page anywhere may ask for an address of its own name that it has pointed at this machine,
    and read the answer. It cannot choose what the browser then sends as Host.

    Args:
        listen_host: what is listened on; where it is every address, any address is known, for
            only a name can be pointed elsewhere.
        allowed: further names.
    """
    names = {name.strip().lower() for name in (*_LOOPBACK, listen_host, *allowed)} - {""}

    def is_known(header: str) -> bool:
        host = _host_of(header)
        is_any = listen_host in _WILDCARDS and _is_address(host)
        return host in names or is_any

    return is_known


def pages(by_path: Mapping[str, Page], *, more: Mapping[str, WSGIApplication]) -> WSGIApplication:
    """Return an application that shows these pages, and 404 for every other path.

    Args:
        by_path: what each path shows.
        more: applications that answer a path themselves.
    """

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        page = by_path.get(path)
        if page is None:
            return more.get(path, _unknown)(environ, start)
        status, content_type, body = page()
        start(status, [("Content-Type", content_type), ("Cache-Control", "no-store")])
        return [body]

    return answer


@contextmanager
def served_app(
    app: WSGIApplication,
    *,
    host: str,
    port: int,
    what: str,
    next_step: str,
    allowed_hosts: Collection[str] = (),
) -> Iterator[str]:
    """Serve an application until the end of the block; yield its address, `http://127.0.0.1:9464`.

    Args:
        app: what answers; GET and HEAD alone reach it.
        host: to listen on; nobody is asked who they are.
        port: 0 for any that is free.
        what: is served, for the error: `metrics`.
        next_step: what to do if nobody can listen there.
        allowed_hosts: names besides the listening address that a request may call us by.

    Raises:
        VenueUnavailable: nobody can listen there.
    """
    try:
        server = _Server(host, port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise VenueUnavailable(
            f"{what} cannot be served: {reason}", where=f"{host}:{port}", next_step=next_step
        ) from error
    server.set_app(_guarded(app, known_hosts(host, allowed_hosts)))
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_S,), name=what, daemon=True)
    thread.start()
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_PATIENCE_S)


def _guarded(app: WSGIApplication, is_known: Callable[[str], bool]) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if not is_known(environ.get("HTTP_HOST", "")):
            start("421 Misdirected Request", [_PLAIN])
            return [b"this name is not served here; RUN_ALLOWED_HOSTS names those that are\n"]
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            start("405 Method Not Allowed", [_PLAIN, ("Allow", "GET, HEAD")])
            return [b"only GET and HEAD are answered\n"]
        return app(environ, start)

    return answer


def _unknown(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("404 Not Found", [_PLAIN])
    return [b"nothing is served under this path\n"]


def _host_of(header: str) -> str:
    try:
        found = urlsplit(f"//{header.strip()}")
        _ = found.port  # one that is no number makes no name
        return (found.hostname or "").lower()
    except ValueError:  # that, or half an IPv6 address
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Handler(WSGIRequestHandler):
    timeout = _REQUEST_S

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: a question every few seconds is no news."""


class _Server(ThreadingMixIn, WSGIServer):
    """Listens on a name or an address of either family."""

    daemon_threads = True
    block_on_close = False  # a caller that hangs keeps nobody from ending

    def __init__(self, host: str, port: int) -> None:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        self.address_family = found[0][0]
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Listen without asking the network for this machine's name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep what went wrong with a request for those who look: most often the caller left."""
        log_structured(f"a request failed: {sys.exc_info()[1]!r}", level="DEBUG", stage="http")
