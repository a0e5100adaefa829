"""Compiles the detectors before a running bot needs them, in a thread: its event loop goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.gate import NoLedger
from snipersight.bot.telemetry.events import NullSink
from snipersight.domain.account import AccountState
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.units import Currency, Money, exact
from snipersight.engine.report import ScanRequest
from snipersight.engine.scan import run_scan
from snipersight.sandbox.market import SyntheticMarket

if TYPE_CHECKING:
    from snipersight.domain.profile import Profile

_SYMBOLS: Final = "BTC/USDT,ETH/USDT"
_AS_OF_MS: Final = 1_767_225_600_000  # 2026-01-01; any moment of the built-in market does


async def warm_up(profile: Profile) -> None:
    """Scan two markets of the built-in one under a profile, and forget what was found.

    Args:
        profile: whose detectors are compiled.
    """
    await asyncio.to_thread(lambda: asyncio.run(_scan(profile)))


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
