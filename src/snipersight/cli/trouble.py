"""What went wrong on the way to an answer that was found all the same, one sentence a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SENTENCES: Final = {
    "candle_revised": "{} stored candles were revised by the exchange; the new values count",
    "candle_withdrawn": "{} stored candles are no longer shown by the exchange; they were kept",
    "candle_gap": "{} gaps in the candles of the exchange",
    "candle_without_price": "{} answers of the exchange held candles without prices",
    "cache_corrupt": "{} damaged cache files were moved aside and fetched again",
    "cache_unavailable": "the candle cache cannot be used; everything was fetched",
    "observation_missing": "{} figures of markets could not be read; what needs them is refused",
    "clock_skew": "the clock of this machine and of the exchange differ",
}


def trouble_lines(counts: Mapping[str, int]) -> list[str]:
    """Return a sentence for each kind of trouble that occurred.

    Args:
        counts: how often each event was told, by its name; names of no trouble are passed over.
    """
    return [
        sentence.format(f"{counts[name]:,}")
        for name, sentence in _SENTENCES.items()
        if counts.get(name)
    ]
