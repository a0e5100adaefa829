"""From four-hour slots to five-minute log prices: noise, displacement legs, wicks, stop-hunts.

Work is done in chunks of 16 days that are always built whole, so a bar never depends on the
window somebody asked for. A chunk is built with the day before it, whose extremes the hunts of
its first day look for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import numpy as np

from snipersight.domain.candles import Floats
from snipersight.sandbox.market_hunts import add_hunts
from snipersight.sandbox.market_listing import Asset
from snipersight.sandbox.market_noise import (
    Words,
    exponential_table,
    field,
    heavy_table,
    lognormal_table,
    normal_table,
    stream,
    uniform,
    words,
)
from snipersight.sandbox.market_skeleton import (
    BLOCK_SLOTS,
    SLOTS_PER_DAY,
    Skeleton,
    build_block,
    day_activity,
)

SLOT_BARS: Final = 48
DAY_BARS: Final = SLOTS_PER_DAY * SLOT_BARS
CHUNK_DAYS: Final = 16
CHUNK_SLOTS: Final = CHUNK_DAYS * SLOTS_PER_DAY
CHUNK_BARS: Final = CHUNK_SLOTS * SLOT_BARS
_BUILT_SLOTS: Final = CHUNK_SLOTS + SLOTS_PER_DAY
_BUILT_BARS: Final = _BUILT_SLOTS * SLOT_BARS

_MARKET_MOVE: Final = 0.024  # deviation of the market factor's daily log return
_NOISE_SHARE: Final = 0.92  # of a slot's deviation that is noise; legs carry it to its end
_BOUNCE: Final = 0.25  # of a bar's move that the next bar takes back, as in a thin book
_CLUSTER_BARS: Final = 6  # half an hour of like volatility
_WICK: Final = 0.78  # of what a diffusion would reach: real bars have more body
_CACHED_BLOCKS: Final = 512
_CACHED_CHUNKS: Final = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPath:
    """A factor on five-minute bars, in its average daily moves.

    Args:
        level: shape (n + 1,), at the beginning of the first bar and at each bar's close.
        sigma: shape (n,), expected size of each bar's move.
        slot_sigma: shape (n / 48,), the same for each slot.
    """

    level: Floats
    sigma: Floats
    slot_sigma: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPath:
    """An asset's chunk in log price, relative to its usual level.

    Args:
        level: shape (n + 1,), at the first bar's open and at each bar's close.
        upper: shape (n,), how far the high lies above open and close, at least 0.
        lower: shape (n,), how far the low lies below them, at least 0.
    """

    level: Floats
    upper: Floats
    lower: Floats


class PriceModel:
    """Log-price paths of all assets under one seed; remembers what it built, within bounds."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._skeleton_block = lru_cache(maxsize=_CACHED_BLOCKS)(build_block)
        self._market_chunk = lru_cache(maxsize=_CACHED_CHUNKS)(self._build_market_chunk)

    def skeleton(self, factor: str, first_slot: int, count: int) -> Skeleton:
        """Return consecutive slots of a factor (`market`, or an asset's name for its own)."""
        key = stream(self._seed, "factor", factor)
        last = (first_slot + count - 1) // BLOCK_SLOTS
        blocks = range(first_slot // BLOCK_SLOTS, last + 1)
        parts = [self._skeleton_block(key, block) for block in blocks]
        part = slice(first_slot - blocks[0] * BLOCK_SLOTS, None)
        sigma, regime = (
            np.concatenate([getattr(p, name) for p in parts])[part][:count]
            for name in ("sigma", "regime")
        )
        level = np.concatenate([p.level[:-1] for p in parts] + [parts[-1].level[-1:]])
        return Skeleton(level=level[part][: count + 1], sigma=sigma, regime=regime)

    def log_path(self, asset: Asset, chunk: int) -> LogPath:
        """Return one chunk of an asset's path: 16 days, numbered from 1970."""
        market, own = self._market_chunk(chunk), self._unit_chunk(asset.name, chunk)
        shared = asset.daily_move * asset.market_share
        alone = asset.daily_move * (1.0 - asset.market_share**2) ** 0.5
        sigma = _hypotenuse(shared * market.sigma, alone * own.sigma)
        level = shared * market.level + alone * own.level
        highs, lows = self._extremes(asset, chunk, level=level, sigma=sigma)
        add_hunts(
            words(stream(self._seed, "hunt", asset.name), _first_slot(chunk), _BUILT_SLOTS),
            level=level,
            highs=highs,
            lows=lows,
            slot_sigma=_hypotenuse(shared * market.slot_sigma, alone * own.slot_sigma),
        )
        return _without_first_day(level, highs, lows)

    def forget(self) -> None:
        """Drop everything remembered; it is built again, the same, when asked for."""
        self._skeleton_block.cache_clear()
        self._market_chunk.cache_clear()

    def _build_market_chunk(self, chunk: int) -> UnitPath:
        return self._unit_chunk("market", chunk)

    def _unit_chunk(self, factor: str, chunk: int) -> UnitPath:
        first_slot = _first_slot(chunk)
        skeleton = self.skeleton(factor, first_slot, _BUILT_SLOTS)
        return _fill_in(stream(self._seed, "path", factor), first_slot, skeleton)

    def _extremes(
        self, asset: Asset, chunk: int, *, level: Floats, sigma: Floats
    ) -> tuple[Floats, Floats]:
        """Return highs and lows as a diffusion would reach them between open and close."""
        first_bar = _first_slot(chunk) * SLOT_BARS
        word = words(stream(self._seed, "wick", asset.name), first_bar, _BUILT_BARS)
        move = np.diff(level)
        middle = level[:-1] + 0.5 * move
        spread = (2.0 * _WICK * _WICK) * sigma * sigma
        move *= move
        above, below = (
            0.5 * np.sqrt(move + spread * exponential_table()[field(word, number)])
            for number in (0, 1)
        )
        return middle + above, middle - below


def _first_slot(chunk: int) -> int:
    return chunk * CHUNK_SLOTS - SLOTS_PER_DAY


def _hypotenuse(a: Floats, b: Floats) -> Floats:
    length: Floats = np.sqrt(a * a + b * b)
    return length


def _without_first_day(level: Floats, highs: Floats, lows: Floats) -> LogPath:
    opens, closes = level[DAY_BARS:-1], level[DAY_BARS + 1 :]
    upper = highs[DAY_BARS:] - np.maximum(opens, closes)
    lower = np.minimum(opens, closes) - lows[DAY_BARS:]
    return LogPath(
        level=level[DAY_BARS:], upper=np.maximum(upper, 0.0), lower=np.maximum(lower, 0.0)
    )


@cache
def _bar_activity() -> Floats:
    """Return the size of each bar's move within its slot, for all slots of a build."""
    activity = day_activity(12).reshape(SLOTS_PER_DAY, SLOT_BARS)
    within = activity / np.sqrt((activity * activity).mean(axis=1))[:, None]
    whole: Floats = np.tile(within, (_BUILT_SLOTS // SLOTS_PER_DAY, 1)) / float(SLOT_BARS) ** 0.5
    return whole


def _fill_in(key: np.uint64, first_slot: int, skeleton: Skeleton) -> UnitPath:
    """Return five-minute closes that pass through the skeleton's levels."""
    shape = (_BUILT_SLOTS, SLOT_BARS)
    first_bar = first_slot * SLOT_BARS
    sigma = _bar_activity() * skeleton.sigma[:, None]
    clusters = words(key ^ stream("cluster"), first_bar, _BUILT_BARS // _CLUSTER_BARS)
    sigma *= np.repeat(lognormal_table(0.35)[field(clusters, 0)], _CLUSTER_BARS).reshape(shape)
    word = words(key, first_bar, _BUILT_BARS).reshape(shape)
    noise = np.cumsum(_NOISE_SHARE * sigma * heavy_table()[field(word, 0)], axis=1)
    missing = np.diff(skeleton.level) - noise[:, -1]
    path = noise
    path += missing[:, None] * _progress(words(key ^ stream("leg"), first_slot, _BUILT_SLOTS))
    path += skeleton.level[:-1, None] + _BOUNCE * sigma * normal_table()[field(word, 1)]
    path[:, -1] = skeleton.level[1:]  # exactly, or chunks would not join
    level = np.concatenate((skeleton.level[:1], path.ravel()))
    return UnitPath(level=level, sigma=sigma.ravel(), slot_sigma=skeleton.sigma)


def _progress(word: Words) -> Floats:
    """Return how much of what a slot still owes is paid after each bar, from 0 to 1.

    Part of it is paid evenly and part in one leg of 3 to 10 bars at a random place: the
    displacement that leaves gaps. Nothing drifts back afterwards.
    """
    bar = np.arange(1.0, SLOT_BARS + 1.0)
    share = (0.05 + 0.75 * uniform(word, 0))[:, None]
    length = np.floor(3.0 + 8.0 * uniform(word, 1) ** 2)[:, None]
    start = np.floor(uniform(word, 2)[:, None] * (SLOT_BARS - length))
    leg = np.clip((bar - start) / length, 0.0, 1.0)
    progress: Floats = share * leg + (1.0 - share) * (bar / SLOT_BARS)
    return progress
