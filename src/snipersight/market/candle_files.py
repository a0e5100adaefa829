"""Which candle files a directory holds, and what their names say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snipersight.domain.errors import ConfigInvalid, NoData
from snipersight.domain.instrument import MarketKind
from snipersight.domain.timeframe import Timeframe

_NAME: Final = re.compile(r"(?P<pair>[A-Z0-9]{3,30})-(?P<frame>\d{1,3}[a-zA-Z])(?P<rest>-\w+)?")
_FOLDERS: Final = {
    "binance_spot_": ("binance", MarketKind.SPOT),
    "binance_usdm_": ("binanceusdm", MarketKind.PERPETUAL),
    "bybit_linear_": ("bybit", MarketKind.PERPETUAL),
    "bitvavo_spot_eur_": ("bitvavo", MarketKind.SPOT),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleFile:
    """One file of candles.

    Args:
        path: where it lies.
        pair: symbol without a slash, `BTCUSDT`.
        timeframe: length of its bars.
    """

    path: Path
    pair: str
    timeframe: Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFiles:
    """What a directory holds.

    Args:
        files: candle files, by pair and timeframe.
        ignored: other Parquet files with the reason why they are not candles.
    """

    files: tuple[CandleFile, ...]
    ignored: tuple[tuple[str, str], ...]


def find_candle_files(directory: Path) -> FoundFiles:
    """Return the candle files of a directory, named like `BTCUSDT-5m.parquet`.

    Files of mark prices (`-mark`) and funding rates (`-funding_rate`) are ignored with a reason,
    and so are names that say no pair or no known timeframe.

    Raises:
        ConfigInvalid: there is no such directory.
        NoData: it holds no candle file.
    """
    if not directory.is_dir():
        raise ConfigInvalid(
            "there is no such directory",
            where=str(directory),
            next_step="name a directory of files such as BTCUSDT-5m.parquet",
        )
    files, ignored = [], []
    for path in sorted(directory.glob("*.parquet")):
        entry = _entry(path)
        if isinstance(entry, CandleFile):
            files.append(entry)
        else:
            ignored.append((path.name, entry))
    if not files:
        raise _nothing_found(directory, ignored)
    files.sort(key=lambda file: (file.pair, file.timeframe))
    return FoundFiles(files=tuple(files), ignored=tuple(ignored))


def _entry(path: Path) -> CandleFile | str:
    match = _NAME.fullmatch(path.stem)
    if match is None:
        return "the name is not like BTCUSDT-5m.parquet"
    rest = match["rest"]
    if rest in ("-mark", "-funding_rate"):
        return f"holds {rest[1:].replace('_', ' ')} values, not traded prices"
    if rest not in (None, "-futures"):
        return f"unknown kind of file {rest[1:]!r}"
    try:
        timeframe = Timeframe.parse(match["frame"])
    except ConfigInvalid as error:
        return f"{error.what}; {error.next_step}"
    return CandleFile(path=path, pair=match["pair"], timeframe=timeframe)


def _nothing_found(directory: Path, ignored: list[tuple[str, str]]) -> NoData:
    seen = f" ({ignored[0][0]}: {ignored[0][1]})" if ignored else ""
    return NoData(
        f"no candle file in this directory{seen}",
        where=str(directory),
        next_step="add files such as BTCUSDT-5m.parquet; `snipersight data import` makes them",
    )


def venue_of_folder(directory: Path) -> tuple[str, MarketKind] | None:
    """Return venue and market kind of a folder named like the recorded ones, or None.

    `binance_spot_…`, `binance_usdm_…` (perpetuals), `bybit_linear_…` (perpetuals) and
    `bitvavo_spot_eur_…` are known.
    """
    name = directory.resolve().name
    fits = (market for prefix, market in _FOLDERS.items() if name.startswith(prefix))
    return next(fits, None)
