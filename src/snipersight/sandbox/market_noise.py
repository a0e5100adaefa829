"""Random numbers that are looked up, not drawn: a hash of (stream, index).

Nothing here depends on what was asked before, on Python's hash seed or on the machine's maths
library. Only integer arithmetic and IEEE's exact operations (+ − × ÷ √) touch the values, so a
bar has the same bytes on every machine; `numpy.exp` and friends differ in the last bit.
"""

from __future__ import annotations

import hashlib
from functools import cache
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import Floats

Words = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]

FIELD_BITS: Final = 12  # one 64-bit word feeds five independent table look-ups
_TABLE_SIZE: Final = 1 << FIELD_BITS
_FIELD_MASK: Final = np.uint64(_TABLE_SIZE - 1)
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_GROWTH_SQUARINGS: Final = 10


def stream(*names: int | str) -> np.uint64:
    """Return the key of an independent stream of random words, named by its purpose."""
    digest = hashlib.blake2b("\x1f".join(map(str, names)).encode(), digest_size=8)
    return np.uint64(int.from_bytes(digest.digest(), "little"))


def words_at(key: np.uint64, index: Integers) -> Words:
    """Return a 64-bit random word for each index (splitmix64's finaliser over a counter)."""
    word = index.astype(np.uint64)
    word *= _GOLDEN
    word += key
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        word ^= word >> np.uint64(shift)
        word *= np.uint64(factor)
    word ^= word >> np.uint64(31)
    return word


def words(key: np.uint64, first: int, count: int) -> Words:
    """Return the random words of `count` consecutive indices."""
    return words_at(key, np.arange(first, first + count, dtype=np.int64))


def field(word: Words, number: int) -> Integers:
    """Return one of five 12-bit fields (0 to 4) of each word, as an index into a table."""
    part = (word >> np.uint64(number * FIELD_BITS)) & _FIELD_MASK
    return part.astype(np.int64)


def uniform(word: Words, number: int) -> Floats:
    """Return a number strictly between 0 and 1 from one field of each word."""
    return (field(word, number) + 0.5) / _TABLE_SIZE


@cache
def normal_table() -> Floats:
    """Return the quantiles of a standard normal, lowest first."""
    quantile = NormalDist().inv_cdf
    # Rounded, so that the last bit of a machine's logarithm cannot show.
    values = [round(quantile((i + 0.5) / _TABLE_SIZE), 6) for i in range(_TABLE_SIZE)]
    return np.array(values)


@cache
def heavy_table() -> Floats:
    """Return quantiles of a fat-tailed variable with variance 1 (kurtosis about 6)."""
    z = normal_table()
    stretched = z * (1.0 + 0.07 * z * z)
    scale = float(np.sqrt(np.cumsum(stretched * stretched)[-1] / _TABLE_SIZE))
    return stretched / scale


@cache
def exponential_table() -> Floats:
    """Return the quantiles of an exponential variable with mean 1."""
    z = normal_table()
    # Half the sum of two squared normals is exponential; one normal against its own quantiles
    # in a scrambled, fixed order gives the pairs.
    pairs = z[(np.arange(_TABLE_SIZE) * 1597 + 811) % _TABLE_SIZE]
    return np.sort((z * z + pairs * pairs) / 2.0)


def growth(exponent: Floats) -> Floats:
    """Return (1 + x/1024)¹⁰²⁴: e to the x within 0.1 % for |x| ≤ 1.4, in exact operations only.

    Below −1024 the result is meaningless; a log price never goes there.
    """
    value = 1.0 + exponent / (1 << _GROWTH_SQUARINGS)
    for _ in range(_GROWTH_SQUARINGS):
        value = value * value
    return value


@cache
def lognormal_table(spread: float) -> Floats:
    """Return quantiles of a log-normal variable with mean 1 and log-deviation `spread`."""
    values = growth(normal_table() * spread)
    return values / (float(np.cumsum(values)[-1]) / _TABLE_SIZE)


def lattice(key: np.uint64, index: Integers, spacing: int) -> Floats:
    """Return smooth noise: a standard normal every `spacing` indices, eased in between."""
    knot = index // spacing
    fraction = (index - knot * spacing) / spacing
    eased = fraction * fraction * (3.0 - 2.0 * fraction)
    table = normal_table()
    before = table[field(words_at(key, knot), 0)]
    after = table[field(words_at(key, knot + 1), 0)]
    return before + (after - before) * eased


def octaves(key: np.uint64, index: Integers, waves: tuple[tuple[int, float], ...]) -> Floats:
    """Return the sum of lattice noises, each given as (spacing, standard deviation)."""
    total = np.zeros(len(index))
    for spacing, deviation in waves:
        total += deviation * lattice(key ^ np.uint64(spacing), index, spacing)
    return total
