"""Charts: what is asked for is understood here, and read in a process of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.account_names import PRACTICE
from snipersight.bootstrap.dashboard.chart_task import ChartTask
from snipersight.bootstrap.dashboard.errors import NotKnown
from snipersight.bootstrap.dashboard.views_chart import MOST_BARS, ChartRequest
from snipersight.bootstrap.paper_origins import choice_of
from snipersight.bootstrap.profiles import load_profile
from snipersight.bootstrap.sources import DEFAULT_SEED
from snipersight.domain.errors import ConfigInvalid, DataInvalid, StateUnavailable
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.domain.venues import BUILT_IN_VENUE
from snipersight.storage.home import Home

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.domain.profile import Profile

_VENUE: Final = re.compile(r"[a-z0-9_]{1,32}")


def task_of(store: DashboardStore, wanted: ChartRequest) -> ChartTask:
    """Return what the process that reads charts is asked for; see `DashboardReader.chart`.

    Raises:
        NotKnown: venue, symbol, timeframe or profile is unknown.
        StateUnavailable: the store cannot be read.
    """
    if not _VENUE.fullmatch(wanted.venue):
        raise NotKnown(f"{wanted.venue!r} is no venue", where="venue")
    is_built_in = wanted.venue == BUILT_IN_VENUE
    return ChartTask(
        home=store.settings.snipersight_home,
        venue=wanted.venue,
        symbol=_symbol(wanted.symbol),
        timeframe=_timeframe(wanted.timeframe),
        profile=None if wanted.profile is None else _profile(store, wanted.profile),
        until_ms=wanted.until_ms,
        now_ms=_now_ms(store, is_built_in=is_built_in),
        bars=min(max(wanted.bars, 1), MOST_BARS),
        seed=_seed(store) if is_built_in else DEFAULT_SEED,
        markets=store.settings.built_in_markets,
    )


def _symbol(text: str) -> Symbol:
    try:
        parse_symbol(text)
    except DataInvalid as error:
        raise NotKnown(error.what, where="symbol", next_step=error.next_step) from error
    return Symbol(text)


def _timeframe(text: str) -> Timeframe:
    try:
        return Timeframe.parse(text)
    except ConfigInvalid as error:
        raise NotKnown(error.what, where="timeframe", next_step=error.next_step) from error


def _profile(store: DashboardStore, name: str) -> Profile:
    try:
        return load_profile(name, own_folder=Home(store.settings.snipersight_home).profiles)
    except ConfigInvalid as error:
        raise NotKnown(error.what, where="profile", next_step=error.next_step) from error


def _now_ms(store: DashboardStore, *, is_built_in: bool) -> int:
    """Return the present of a market; the built-in one lives by the time of whoever practises."""
    if not is_built_in:
        return store.clock() // 1000
    try:
        return store.present(PRACTICE).us // 1000
    except (NotKnown, StateUnavailable):
        return store.clock() // 1000  # nobody practises: its prices are known at any time


def _seed(store: DashboardStore) -> int:
    choice = choice_of(store.settings, PRACTICE, BUILT_IN_VENUE)
    return DEFAULT_SEED if choice.seed is None else choice.seed
