"""Brings every outcome up to date that one source's candles can tell of, modelled and actual."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from snipersight.bootstrap.evidence.actual_reading import ActualCounts, read_actual
from snipersight.bootstrap.evidence.following import FollowCounts, follow, plans_of_profiles
from snipersight.bootstrap.session import Surroundings, now_ms
from snipersight.bootstrap.sources import SourceChoice, open_source, stand_in_of
from snipersight.bootstrap.store import open_store
from snipersight.domain.evidence import EvidenceStore, Origin
from snipersight.domain.ports import CandleSource, EventSink


async def update_outcomes(
    surroundings: Surroundings,
    choice: SourceChoice,
    evidence: EvidenceStore,
    *,
    sink: EventSink,
    progress: Callable[[int, int], object],
) -> tuple[FollowCounts, tuple[ActualCounts, ...]]:
    """Follow the signals of a source's venue, and read what was traded of them.

    Args:
        surroundings: settings and home.
        choice: an exchange, or the built-in market.
        evidence: the store.
        sink: is told of every turn.
        progress: told how many of how many markets are done.

    Raises:
        ConfigInvalid: there is no such exchange.
        StateUnavailable: a store cannot be used.
    """
    settings, home = surroundings.settings, surroundings.home
    source = open_source(
        choice,
        cache=home.cache() / "candles" if surroundings.is_writable else None,
        clock=now_ms,
        as_of_ms=None,
        events=sink,
        stand_in=stand_in_of(settings),
        markets=settings.built_in_markets,
    )
    is_practice = choice.is_built_in or settings.exchange_gateway is not None
    try:
        followed = await follow(
            source,
            evidence,
            now_ms=now_ms(),
            origin=Origin.PRACTICE if is_practice else Origin.LIVE,
            plans_of=plans_of_profiles(home.profiles),
            sink=sink,
            lists_all=True,
            progress=progress,
        )
        return followed, await _read_all(surroundings, evidence, source)
    finally:
        await source.close()


async def _read_all(
    surroundings: Surroundings, evidence: EvidenceStore, source: CandleSource
) -> tuple[ActualCounts, ...]:
    """Read the trades of every account."""
    store = await asyncio.to_thread(open_store, surroundings.settings, account_id=None)
    try:
        accounts = [one.account_id for one in store.decisions.accounts()]
        return tuple([await read_actual(store, name, evidence, source=source) for name in accounts])
    finally:
        await asyncio.to_thread(store.close)
