"""Compiles the detectors before a running bot needs them, in a thread: its event loop goes on."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.gate import NoLedger
from snipersight.bootstrap.running.supervising import first_of
from snipersight.bot.telemetry.events import NullSink
from snipersight.domain.account import AccountState
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.units import Currency, Money, exact
from snipersight.engine.report import ScanRequest
from snipersight.engine.scan import run_scan
from snipersight.sandbox.market import SyntheticMarket

if TYPE_CHECKING:
    from snipersight.domain.profile import Profile

_NAME: Final = "compiling"
_SYMBOLS: Final = "BTC/USDT,ETH/USDT"
_AS_OF_MS: Final = 1_767_225_600_000  # 2026-01-01; any moment of the built-in market does


async def warm_up(profile: Profile, *, stop: asyncio.Event) -> bool:
    """Scan two markets of the built-in one under a profile, and forget what was found.

    Args:
        profile: whose detectors are compiled.
        stop: whoever sets it does not want to wait: nothing can break a compiler off, so that it
            is left behind at its work, see `is_compiling`.

    Returns:
        Whether it came to its end.
    """
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    faults: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(_scan(profile))
        except BaseException as fault:  # noqa: BLE001  raised again where it is waited for
            faults.append(fault)
        with suppress(RuntimeError):  # the loop was closed: nobody waits for it any more
            loop.call_soon_threadsafe(done.set)

    # No thread of a pool: those are waited for at the end of every event loop.
    threading.Thread(target=work, name=_NAME, daemon=True).start()
    await first_of(done, stop=stop)
    if faults:
        raise faults[0]
    return done.is_set()


def is_compiling() -> bool:
    """Return whether a compiler was left behind at its work, which the process would wait for."""
    return any(one.name == _NAME and one.is_alive() for one in threading.enumerate())


async def _scan(profile: Profile) -> None:
    nobody = AccountState(account_id="", currency=Currency("USDT"), equity=Money(exact(1.0)))
    await run_scan(
        ScanRequest(profile=profile, symbols=_SYMBOLS, as_of_ms=_AS_OF_MS),
        source=SyntheticMarket(clock=lambda: _AS_OF_MS),
        gate=NoLedger(StateUnavailable("nothing is judged")),
        account=nobody,
        sink=NullSink(),
        progress=lambda *_: None,
    )
