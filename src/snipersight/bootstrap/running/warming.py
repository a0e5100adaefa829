"""Compiles what a running bot computes with before it needs it, in a thread: its event loop goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.gate import NoLedger
from snipersight.bootstrap.running.supervising import first_of
from snipersight.bot.telemetry.events import NullSink
from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Currency, Money, Symbol, exact
from snipersight.engine.report import ScanRequest
from snipersight.engine.scan import run_scan
from snipersight.sandbox.market import SyntheticMarket

if TYPE_CHECKING:
    from snipersight.domain.evidence import SignalTerms
    from snipersight.domain.profile import Profile

_NAME: Final = "compiling"
_SYMBOLS: Final = "BTC/USDT,ETH/USDT"
_BAR: Final = Timeframe.parse("15m")
_BARS: Final = 8
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
    return await _beside(lambda: asyncio.run(_scan(profile)), stop=stop)


async def warm_up_following(*, stop: asyncio.Event) -> bool:
    """Follow two signals that nobody gave, so that what follows signals is compiled.

    The first time takes as long as for the detectors, every later one the tenth of a second in which
    it is loaded.

    Args:
        stop: see `warm_up`.

    Returns:
        Whether it came to its end.
    """
    return await _beside(_follow, stop=stop)


async def _beside(work: Callable[[], object], *, stop: asyncio.Event) -> bool:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    faults: list[BaseException] = []

    def in_thread() -> None:
        try:
            work()
        except BaseException as fault:  # noqa: BLE001  raised again where it is waited for
            faults.append(fault)
        with suppress(RuntimeError):  # the loop was closed: nobody waits for it any more
            loop.call_soon_threadsafe(done.set)

    # No thread of a pool: those are waited for at the end of every event loop.
    threading.Thread(target=in_thread, name=_NAME, daemon=True).start()
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


def _follow() -> None:
    from snipersight.domain.evidence import SignalKey
    from snipersight.matching.outcomes import model_outcomes

    signals = [(SignalKey(f"warm-up-{direction}"), _terms(direction)) for direction in Direction]
    model_outcomes(signals, _bars())


def _bars() -> Candles:
    import numpy as np

    times = _AS_OF_MS + np.arange(_BARS, dtype=np.int64) * _BAR.duration_ms
    prices = np.full(_BARS, 100.0)
    return Candles(
        symbol=Symbol("BTC/USDT"),
        timeframe=_BAR,
        open_time=times,
        open=prices,
        high=prices + 1.0,
        low=prices - 1.0,
        close=prices,
        volume=prices,
    )


def _terms(direction: Direction) -> SignalTerms:
    from snipersight.domain.evidence import Costs, SignalTerms

    sign = direction.sign
    return SignalTerms(
        direction=direction,
        near=100.0 - 2 * sign,
        mid=100.0 - 2.5 * sign,
        far=100.0 - 3 * sign,
        entry_fractions=(0.4, 0.3, 0.3),
        stop=100.0 - 5 * sign,
        targets=((100.0 + 5 * sign, 1.0),),
        cost_per_unit=0.1,
        atr=1.0,
        tick=0.1,
        known_ms=_AS_OF_MS,
        valid_until_ms=_AS_OF_MS + _BARS * _BAR.duration_ms,
        break_even=True,
        trailing_atr=0.0,
        time_stop_ms=0,
        min_rr=0.0,
        costs=Costs(maker=0.0002, taker=0.0005, slippage=0.0005),
    )
