"""Addresses that point inward are refused: a webhook must not reach what only this machine can.

A name is looked up once for a connection, and the connection goes to the very addresses that were
checked, so that a name which changes in between (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from urllib.parse import SplitResult, urlsplit

from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver

T = TypeVar("T")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST_6: Final = ipaddress.IPv6Network("2000::/3")  # all that is public so far
# Known to later Pythons than our oldest as not global, or leading on to an IPv4 address.
_SPECIAL_4: Final = tuple(ipaddress.IPv4Network(one) for one in ("192.0.0.0/24", "192.88.99.0/24"))
_SPECIAL_6: Final = tuple(ipaddress.IPv6Network(one) for one in ("2002::/16", "3fff::/20"))
_HOST: Final = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_LOCAL_NAMES: Final = ("localhost", "local", "internal", "intranet", "lan", "home.arpa")
SETTING: Final = "NOTIFY_WEBHOOK_ALLOW_PRIVATE"


class PointsInward(ConfigInvalid):
    """An address leads to this machine, its network or its cloud's metadata service."""


def check_webhook_url(url: str, *, allow_private: bool = False, setting: str = SETTING) -> None:
    """Refuse a URL that a webhook must not be sent to, as far as it says so itself.

    Names are looked up when a connection is made; see `check_destination` for doing so before.

    Args:
        url: the whole of it; never shown, for its path may be a secret.
        allow_private: let it point inward, and be plain HTTP.
        setting: the variable that allows it, for messages.

    Raises:
        PointsInward: its host is such an address, or a name that means one.
        ConfigInvalid: it is no URL of a web server, or is not encrypted.
    """
    parts = _parts(url)
    schemes = ("http", "https") if allow_private else ("https",)
    if parts is None or parts.scheme not in ("http", "https"):
        raise ConfigInvalid(
            "this is no address of a web server", where="webhook", next_step=_allow(setting)
        )
    if parts.scheme not in schemes:
        raise ConfigInvalid(
            f"http://{parts.hostname} is not encrypted", where="webhook", next_step=_allow(setting)
        )
    host = (parts.hostname or "").rstrip(".")
    if not allow_private and (_is_local_name(host) or _is_inward_literal(host)):
        raise _inward(host, setting)


def check_destination(url: str, *, allow_private: bool = False) -> None:
    """Do as `check_webhook_url` does, and look the name up too. It blocks for as long.

    A name that cannot be looked up passes: the network may be down now, and every connection is
    checked again.

    Raises:
        PointsInward, ConfigInvalid: as `check_webhook_url`.
    """
    check_webhook_url(url, allow_private=allow_private)
    host = urlsplit(url).hostname or ""
    if allow_private:
        return
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    refuse_inward(host, (str(address[0]) for *_, address in found))


def refuse_inward(host: str, addresses: Iterable[str], *, setting: str = SETTING) -> None:
    """Refuse a host if any of its addresses points inward.

    Raises:
        PointsInward: one does, or is none that can be read.
    """
    for address in addresses:
        if is_inward(address):
            raise _inward(host, setting)


def is_inward(address: str) -> bool:
    """Return whether an IP address is not one of the public internet; True if it is none at all.

    Inward are loopback, private, shared, link-local (with the clouds' 169.254.169.254),
    unique-local, multicast, reserved and unspecified ones, tunnels, and IPv6 addresses that carry
    such an IPv4 address.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    return not _is_public(found)


def guarded_resolver(*, allow_private: bool, setting: str = SETTING) -> AbstractResolver:
    """Return what looks names up for aiohttp and refuses those that point inward.

    Its `resolve` raises `PointsInward`. It is asked for names only: a host that is an address
    already has to be checked before, with `check_webhook_url`.
    """
    from aiohttp import ThreadedResolver
    from aiohttp.abc import ResolveResult

    lookups = cast("asyncio.AbstractEventLoop", _Lookups())

    class _Guarded(ThreadedResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            found = await super().resolve(host, port, family)
            refuse_inward(host, (one["host"] for one in found), setting=setting)
            return found

    return ThreadedResolver(lookups) if allow_private else _Guarded(lookups)


class _Lookups:
    """Looks names up as an event loop does, but on threads that no process waits for at its end.

    A name server that does not answer holds such a thread for half a minute.
    """

    async def getaddrinfo(
        self, host: str, port: int, **options: Any
    ) -> list[tuple[Any, Any, int, str, Any]]:
        return await _on_own_thread(lambda: socket.getaddrinfo(host, port, **options))

    async def getnameinfo(self, address: tuple[str, int], flags: int = 0) -> tuple[str, str]:
        return await _on_own_thread(lambda: socket.getnameinfo(address, flags))


async def _on_own_thread(work: Callable[[], T]) -> T:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: Exception | None) -> None:
        if done.done():  # nobody waits any more
            return
        if error is None:
            done.set_result(cast("T", result))
        else:
            done.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except Exception as caught:  # noqa: BLE001 - raised again where it is waited for
            error = caught
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=run, name="name-lookup", daemon=True).start()
    return await done


def _parts(url: str) -> SplitResult | None:
    """Return the parts of a URL that every parser reads alike; None for any other.

    What is checked here must be what the client connects to, and clients turn full-width digits
    into addresses, or take a backslash for a slash.
    """
    if not url.isprintable() or set(url) & set(" \\"):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is none
    except ValueError:
        return None
    return parts if _HOST.fullmatch(parts.hostname or "") else None


def _is_local_name(host: str) -> bool:
    name = host.lower()
    is_bare = "." not in name and ":" not in name  # found by the machine's own search list
    return is_bare or name.endswith(tuple(f".{local}" for local in _LOCAL_NAMES))


def _is_inward_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return is_inward(host)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        return _is_public_6(address)
    is_special = any(address in network for network in _SPECIAL_4)
    return address.is_global and not address.is_multicast and not is_special


def _is_public_6(address: ipaddress.IPv6Address) -> bool:
    if address.ipv4_mapped is not None:
        return _is_public(address.ipv4_mapped)
    if address in _NAT64:
        return _is_public(ipaddress.IPv4Address(address.packed[-4:]))
    is_special = any(address in network for network in _SPECIAL_6)
    return address in _UNICAST_6 and address.is_global and not is_special


def _inward(host: str, setting: str) -> PointsInward:
    return PointsInward(
        f"{host} points to this machine or its own network",
        where="webhook",
        next_step=_allow(setting),
    )


def _allow(setting: str) -> str:
    return f"use a public https:// address, or set {setting}=true"
