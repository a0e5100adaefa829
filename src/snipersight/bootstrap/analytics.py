"""Analytics put together for code of one's own: `Analytics()` then needs no ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.bot.telemetry import registry
from snipersight.bot.telemetry.analytics import Analytics
from snipersight.bot.telemetry.registry import AnalyticsPorts, Describe
from snipersight.domain.decision import Stage, TerminalReason
from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence import Origin, SignalRecord
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.profile import Profile
from snipersight.domain.units import Symbol
from snipersight.engine.evidence import Circumstances, signal_record

if TYPE_CHECKING:
    from snipersight.bootstrap.settings import Settings


@contextmanager
def open_analytics(
    settings: Settings,
    *,
    profile: Profile,
    account_id: str,
    origin: Origin,
    venue: str,
    instruments: Mapping[Symbol, Instrument],
    clock_ms: Callable[[], int],
) -> Iterator[Analytics]:
    """Open the store of the settings and register it for `Analytics()` until the block ends.

    With `ANALYTICS_ENABLED=false` nothing is kept; what was kept before can be asked for.

    Args:
        settings: which home or database.
        profile: by which the signals are judged and managed.
        account_id: whose signals.
        origin: where they come from.
        venue: where they trade.
        instruments: its markets; fees and tick are read.
        clock_ms: milliseconds UTC.

    Raises:
        ConfigInvalid: `DATABASE_URL` is unusable.
        StateUnavailable: the store cannot be used.
    """
    shared = Circumstances(
        account_id=account_id, origin=origin, context_id="analytics", profile=profile
    )
    with open_telemetry(settings) as telemetry:
        registry.register(
            AnalyticsPorts(
                store=telemetry.evidence,
                clock_ms=clock_ms,
                describe=_describing(shared, instruments, clock_ms),
                account_id=account_id,
                origin=origin,
                venue=venue,
                profile=profile.name,
                is_enabled=settings.analytics_enabled,
            )
        )
        try:
            yield Analytics()
        finally:
            registry.clear()


def _describing(
    shared: Circumstances, instruments: Mapping[Symbol, Instrument], clock_ms: Callable[[], int]
) -> Describe:
    def describe(plan: TradePlan, reason: str) -> SignalRecord:
        instrument = instruments.get(plan.symbol)
        if instrument is None:
            raise DataInvalid("the market of a plan is not listed", where=str(plan.symbol))
        ended = _terminal_reason(reason)
        return signal_record(plan, ended, shared, instrument=instrument, judged_ms=clock_ms())

    return describe


def _terminal_reason(text: str) -> TerminalReason:
    stage, _, name = text.partition(":")
    return TerminalReason(stage=Stage(stage), name=name)
