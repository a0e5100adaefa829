"""Runs the dashboard in the foreground until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.access.tokens import list_tokens
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.dashboard.missing import if_elsewhere, is_there, lost
from snipersight.bootstrap.dashboard_settings import is_loopback
from snipersight.bootstrap.database_place import database_url
from snipersight.bootstrap.run_settings import parse_address
from snipersight.bootstrap.session import open_surroundings
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.store import system_us
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.storage.database_url import parse_database_url

if TYPE_CHECKING:
    from snipersight.web.dashboard import Dashboard
    from snipersight.web.serving import Listening


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How somebody wants the dashboard to run; None where the settings say it.

    Args:
        listen: `127.0.0.1:8321`.
        tls_cert, tls_key: PEM files.
        allow_remote: listen beyond this machine without them.
        link: print a link that lets a browser in.
    """

    listen: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    allow_remote: bool = False
    link: bool = False


def serve_dashboard(env_file: Path | None, asked: Asked) -> ExitCode:
    """Serve until SIGINT or SIGTERM.

    Raises:
        ConfigInvalid: settings or options are wrong, or would let others overhear tokens.
        VenueUnavailable: nobody can listen there.
    """
    surroundings = open_surroundings(env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    settings = surroundings.settings
    listening = listening_of(settings, asked)
    needs_link = _has_no_token(settings)
    _serve(settings, listening, shows_link=asked.link or needs_link)
    return ExitCode.OK


def listening_of(settings: Settings, asked: Asked) -> Listening:
    """Return where to listen.

    Raises:
        ConfigInvalid: it is no address, half a certificate, or beyond this machine without one.
    """
    from snipersight.web.serving import Listening

    text = asked.listen or settings.dashboard_listen
    found = parse_address(text)
    if found is None:
        raise ConfigInvalid(
            f"{text!r} is no address", where="--listen", next_step="write 127.0.0.1:8321"
        )
    cert = asked.tls_cert or settings.dashboard_tls_cert
    key = asked.tls_key or settings.dashboard_tls_key
    if (cert is None) != (key is None):
        raise ConfigInvalid(
            "a certificate and its key belong together",
            where="--tls-cert, --tls-key",
            next_step="name both",
        )
    if cert is None and not is_loopback(found[0]) and not asked.allow_remote:
        raise ConfigInvalid(
            f"{found[0]} can be reached from other machines, and tokens could be overheard",
            where="--listen",
            next_step="name a certificate with --tls-cert and --tls-key, leave it on 127.0.0.1 "
            "behind a proxy or a tunnel, or say --allow-remote on a network you trust",
        )
    return Listening(host=found[0], port=found[1], tls_cert=cert, tls_key=key)


def _has_no_token(settings: Settings) -> bool:
    """Return whether nobody can log in yet; the store is created on the way, as by every command.

    One that was lost is not: an empty one in its place would hide that.
    """
    missing = lost(settings)
    if missing is not None:
        say(f"warning: {missing}; the dashboard waits for it")
        return False
    url = database_url(settings)
    if not is_there(url):
        place = parse_database_url(url).place
        say(f"An empty database is begun: {place}; {if_elsewhere(settings)}.")
    try:
        with open_books(settings, account_id=None, follows_balance=False) as books:
            now_us = system_us()
            return not any(token.is_valid(now_us) for token in list_tokens(books))
    except StateUnavailable as error:
        say(f"warning: {error}; the dashboard waits for it")
        return False


def _serve(settings: Settings, listening: Listening, *, shows_link: bool) -> None:
    from snipersight.web.dashboard import open_dashboard
    from snipersight.web.security.origins import Place
    from snipersight.web.serving import address_of, listening_socket, serve, server_of

    place = Place(
        host=listening.host,
        has_tls=listening.has_tls,
        allowed_hosts=settings.dashboard_allowed_hosts,
        public_url=settings.public_url or "",
    )
    with listening_socket(listening) as made, open_dashboard(settings, place) as opened:
        bound = replace(listening, port=made.getsockname()[1])
        server = server_of(
            opened.app,
            bound,
            on_ready=announcing(address_of(bound, made), opened, shows_link=shows_link),
            on_stop=opened.keeping.lasting.end_all,
        )
        gc.freeze()  # what was imported stays: nobody has to look through it again
        asyncio.run(serve(server, made))


def announcing(address: str, opened: Dashboard, *, shows_link: bool) -> Callable[[], None]:
    """Return what tells the terminal where the dashboard is.

    Args:
        address: of it, as a browser on this machine opens it.
        opened: makes links.
        shows_link: whether somebody is to be let in by one; a log is told of no link.
    """

    def announce() -> None:
        print(address, flush=True)
        if shows_link:
            _tell_link(f"{address}/login/once?code={opened.links.make()}")
        say("Ctrl-C ends it.")

    return announce


def _tell_link(link: str) -> None:
    """Show a link to whoever sits at the terminal; a log must not keep it."""
    if sys.stderr.isatty():
        say(f"Log in once, as admin, within ten minutes: {link}")
    else:
        say("Nobody can log in yet: `snipersight dashboard token add NAME --scope admin`")
