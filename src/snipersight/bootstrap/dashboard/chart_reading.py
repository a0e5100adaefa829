"""Candles and the facts known at the last of them; runs in a worker process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from snipersight.analysis.smc.series import SmcSeries
from snipersight.bootstrap.dashboard.errors import NotKnown
from snipersight.bootstrap.dashboard.views_chart import ChartView, PoolLine
from snipersight.bootstrap.to_end import run_to_end
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid, NoData, StateUnavailable, UnknownSymbol
from snipersight.domain.venues import BUILT_IN_VENUE
from snipersight.domain.wording import minute_of
from snipersight.engine.pictures import labels, swept_levels, zones
from snipersight.market.candle_cache_bars import no_candles
from snipersight.market.candle_cache_file import CacheKey, decode
from snipersight.storage.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snipersight.analysis.facts import Reading
    from snipersight.bootstrap.dashboard.chart_task import ChartTask
    from snipersight.domain.candles import Candles
    from snipersight.domain.profile import SmcRules
    from snipersight.domain.timeframe import Timeframe

# A timeframe may play two roles: the trigger's rules are those that plans are made by.
_ROLES: Final = ("bias", "zone", "trigger")


def read_chart(task: ChartTask) -> ChartView:
    """Return closed bars up to a moment, and what was known at that moment.

    Raises:
        NotKnown: the built-in market does not list the symbol, or has no such timeframe.
        StateUnavailable: kept candles cannot be read.
    """
    held = _built_in(task) if task.venue == BUILT_IN_VENUE else _kept(task)
    until = _until(held.candles, task)
    known = held.candles.slice(0, until)
    first = max(0, until - task.bars)
    view = replace(
        _bare(task, known.slice(first, until)),
        has_earlier=held.has_earlier or first > 0,
        has_later=held.has_later or until < len(held.candles),
        remark=held.remark,
    )
    return _read(view, known, task)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """Bars around the moment, whether there are older and newer ones, and what to say of them."""

    candles: Candles
    remark: str
    has_earlier: bool = False
    has_later: bool = False


def _built_in(task: ChartTask) -> _Held:
    from snipersight.sandbox.market import FIRST_MS, SyntheticMarket
    from snipersight.sandbox.market_listing import MARKETS

    market = SyntheticMarket(task.seed, clock=lambda: task.now_ms, markets=task.markets or MARKETS)
    end_ms = _moment_ms(task)
    start_ms = task.timeframe.floor(end_ms) - (task.bars + warm_up_bars(task)) * _bar_ms(task)
    try:
        candles = run_to_end(
            market.candles(task.symbol, task.timeframe, start_ms=start_ms, end_ms=end_ms)
        )
    except UnknownSymbol as error:
        raise NotKnown(error.what, where=error.where, next_step=error.next_step) from error
    except NoData as error:
        return _Held(candles=no_candles(task.symbol, task.timeframe), remark=str(error))
    return _Held(
        candles=candles,
        remark="made-up prices of the built-in market",
        has_earlier=start_ms > FIRST_MS,
        has_later=task.timeframe.floor(task.now_ms) > task.timeframe.floor(end_ms),
    )


def _kept(task: ChartTask) -> _Held:
    key = CacheKey(task.venue, task.symbol, task.timeframe)
    path = Home(task.home).path / "cache" / "candles" / key.relative_path
    try:
        candles = decode(key, path.read_bytes()).candles
    except FileNotFoundError:
        what = f"no {task.timeframe} candles of {task.symbol} on {task.venue} are kept here"
        remark = f"{what}: a scan of that exchange keeps those it looks at"
        return _Held(candles=no_candles(task.symbol, task.timeframe), remark=remark)
    except (OSError, DataInvalid) as error:
        raise StateUnavailable(
            f"the kept candles cannot be read: {error}",
            where=str(path),
            next_step="the next scan of that exchange reads them anew",
        ) from error
    end_ms = int(candles.open_time[-1]) + _bar_ms(task) if len(candles) else task.now_ms
    return _Held(candles=candles, remark=f"candles are kept up to {minute_of(end_ms)} UTC")


def _until(candles: Candles, task: ChartTask) -> int:
    """Return how many bars had closed at the moment that is looked from."""
    closes = candles.open_time + _bar_ms(task)
    return int(np.searchsorted(closes, _moment_ms(task), side="right"))


def _moment_ms(task: ChartTask) -> int:
    return task.now_ms if task.until_ms is None else min(task.until_ms, task.now_ms)


def _bar_ms(task: ChartTask) -> int:
    return task.timeframe.duration_ms


def _bare(task: ChartTask, shown: Candles) -> ChartView:
    return ChartView(
        venue=task.venue,
        symbol=task.symbol,
        timeframe=task.timeframe.name,
        bar_ms=_bar_ms(task),
        open_ms=tuple(shown.open_time.tolist()),
        open=tuple(shown.open.tolist()),
        high=tuple(shown.high.tolist()),
        low=tuple(shown.low.tolist()),
        close=tuple(shown.close.tolist()),
        volume=tuple(shown.volume.tolist()),
        known_ms=int(shown.open_time[-1]) + _bar_ms(task) if len(shown) else None,
        read_ms=task.now_ms,
    )


def _read(view: ChartView, known: Candles, task: ChartTask) -> ChartView:
    """Return the view with the facts of its bars, as the profile's role for this timeframe reads."""
    known_ms, profile, rules = view.known_ms, task.profile, rules_of(task)
    if known_ms is None or profile is None or rules is None:
        return view
    first_ms = view.open_ms[0]
    start = len(known) - len(view.open_ms) - warm_up_bars(task)
    series = SmcSeries(rules, task.timeframe, profile.setup, facts_from_ms=0)
    series.advance(known.slice(max(0, start), len(known)), until_ms=known_ms)
    facts, reading = series.facts(), series.reading()
    shown = known.slice(len(known) - len(view.open_ms), len(known))
    return replace(
        view,
        zones=tuple(zones(facts, reading, first_ms=first_ms)),
        structure=tuple(labels(facts, shown, first_ms=first_ms)),
        swept=tuple(swept_levels(facts, shown, first_ms=first_ms)),
        pools=tuple(_pools(reading)),
    )


def warm_up_bars(task: ChartTask) -> int:
    """Return how many bars before the first shown one make facts independent of where it begins."""
    found = rules_of(task)
    return 0 if found is None else -(-found.warm_up_ms(task.timeframe) // _bar_ms(task))


def rules_of(task: ChartTask) -> SmcRules | None:
    """Return the rules by which a timeframe is read: those of its role, else the trigger's."""
    profile = task.profile
    if profile is None:
        return None
    by_timeframe: dict[Timeframe, SmcRules] = {
        profile.timeframe(role): getattr(profile.roles, role) for role in _ROLES
    }
    return by_timeframe.get(task.timeframe, profile.roles.trigger)


def _pools(reading: Reading | None) -> Iterator[PoolLine]:
    for pool in () if reading is None else reading.pools:
        is_above = pool.side is Direction.LONG
        text = pool.kind.label(pool.side)
        yield PoolLine(text=text, price=pool.price, start_ms=pool.at_ms, is_above=is_above)
