"""Serves the dashboard until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from snipersight.domain.errors import ConfigInvalid, VenueUnavailable
from snipersight.web.patience import PatientProtocol

_HEAD_BYTES: Final = 16 * 1024
_MESSAGE_BYTES: Final = 256 * 1024  # of a WebSocket
_QUEUE: Final = 512
_END_S: Final = 3
_HERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is opened, not listened on
_KEEP_S: Final = 30
_PING_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where to listen.

    Args:
        host: name or address.
        port: 0 for any that is free.
        tls_cert: certificate with its chain, PEM; None: plain http.
        tls_key: its private key, PEM.
    """

    host: str
    port: int
    tls_cert: Path | None = None
    tls_key: Path | None = None

    @property
    def has_tls(self) -> bool:
        """Return whether it speaks https."""
        return self.tls_cert is not None


@contextlib.contextmanager
def listening_socket(listening: Listening) -> Iterator[socket.socket]:
    """Yield a socket that listens; close it afterwards.

    Raises:
        VenueUnavailable: nobody can listen there.
    """
    where = f"{listening.host}:{listening.port}"
    try:
        found = socket.getaddrinfo(
            listening.host, listening.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        made = socket.create_server(found[0][4][:2], family=found[0][0], backlog=_QUEUE)
        # Connections inherit it. Without, the body of an answer waits 40 ms for its head's receipt.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, OverflowError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise VenueUnavailable(
            f"the dashboard cannot be served: {reason}",
            where=where,
            next_step="end what listens there, or name another address with --listen",
        ) from error
    with contextlib.closing(made):
        made.setblocking(False)
        yield made


def address_of(listening: Listening, made: socket.socket) -> str:
    """Return what a browser on this machine opens, `http://127.0.0.1:8321`."""
    host, port = _HERE.get(listening.host, listening.host), made.getsockname()[1]
    scheme = "https" if listening.has_tls else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def server_of(
    app: ASGIApp,
    listening: Listening,
    *,
    on_ready: Callable[[], object] = lambda: None,
    on_stop: Callable[[], object] = lambda: None,
) -> uvicorn.Server:
    """Return a server of an application.

    Args:
        app: what answers.
        listening: whether it speaks https, and with which certificate.
        on_ready: called once requests are answered.
        on_stop: ends connections that last.

    Raises:
        ConfigInvalid: certificate and key cannot be used.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="websockets-sansio",
        ws_max_size=_MESSAGE_BYTES,
        ws_ping_interval=_PING_S,
        ws_ping_timeout=_PING_S,
        h11_max_incomplete_event_size=_HEAD_BYTES,
        timeout_keep_alive=_KEEP_S,
        timeout_graceful_shutdown=_END_S,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # what a request says of its origin anybody can say
        server_header=False,
        ssl_certfile=listening.tls_cert,
        ssl_keyfile=listening.tls_key,
    )
    try:
        config.load()
    except OSError as error:  # ssl.SSLError is one
        reason = (error.strerror or type(error).__name__).lower()
        raise ConfigInvalid(
            f"certificate and key cannot be used: {reason}",
            where=f"{listening.tls_cert}, {listening.tls_key}",
            next_step="name PEM files that belong together, the key without a password",
        ) from error
    return _Server(config, on_ready=on_ready, on_stop=on_stop)


async def serve(server: uvicorn.Server, made: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        server: of `server_of`.
        made: listens.
    """

    def stop() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop)
    await server.serve(sockets=[made])


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it, and ends what lasts before it waits for its end."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        on_ready: Callable[[], object],
        on_stop: Callable[[], object],
    ) -> None:
        super().__init__(config)
        self._on_ready: Final = on_ready
        self._on_stop: Final = on_stop

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and say so."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End connections that last, then all others."""
        self._on_stop()
        await super().shutdown(sockets)
