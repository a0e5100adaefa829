"""Tells systemd how a service is: datagrams to the socket that `NOTIFY_SOCKET` names."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Final

from snipersight.bot.telemetry.logging import log_structured

_MICROSECONDS: Final = 1_000_000


class ServiceManager:
    """Whoever started this process as a service, or nobody.

    The protocol is that of sd_notify(3). What cannot be told is logged once and changes nothing:
    a bot that holds positions does not end because nobody hears how it is.

    Args:
        address: of the socket; a leading `@` stands for the NUL of an abstract one; empty: nobody.
        watchdog_s: it ends a service that is silent for longer, real seconds; None: it does not.
    """

    def __init__(self, address: str = "", *, watchdog_s: float | None = None) -> None:
        self._address: Final = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s: Final = watchdog_s if address else None
        self._is_deaf = False

    @classmethod
    def of(cls, environ: Mapping[str, str], *, pid: int | None = None) -> ServiceManager:
        """Return the one that the environment names.

        Args:
            environ: with `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
            pid: of this process; a watchdog that is meant for another one is none.
        """
        own = str(os.getpid() if pid is None else pid)
        text = environ.get("WATCHDOG_USEC", "")
        is_ours = environ.get("WATCHDOG_PID", own) == own
        microseconds = int(text) if is_ours and text.isascii() and text.isdigit() else 0
        return cls(
            environ.get("NOTIFY_SOCKET", ""),
            watchdog_s=microseconds / _MICROSECONDS if microseconds else None,
        )

    def tell(self, state: str) -> bool:
        """Send one state, such as `READY=1`; never waits and never raises.

        Returns:
            False if nobody was told.
        """
        if not self._address:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.sendto(state.encode(), self._address)
        except (OSError, ValueError) as error:
            self._tell_once(error)
            return False
        self._is_deaf = False
        return True

    def _tell_once(self, error: Exception) -> None:
        if not self._is_deaf:
            self._is_deaf = True
            log_structured(
                f"systemd cannot be told how the bot is: {error}", level="WARNING", stage="vitals"
            )
