"""Named watch-lists: `majors = ["BTC/USDT", "ETH/USDT"]` in `watchlists.toml`, asked for as `@majors`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from snipersight.bootstrap.toml_files import read_toml
from snipersight.domain.errors import ConfigInvalid, DataInvalid
from snipersight.domain.instrument import parse_symbol


def load_watchlists(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the watch-lists of a file by name; none if the file is absent.

    Raises:
        ConfigInvalid: the file is no TOML, a list is not a list of texts, or is empty, or holds
            something that is no symbol; every fault is named at once.
    """
    if not path.exists():
        return {}
    document = read_toml(path)
    faults = [fault for name, entry in document.items() for fault in _faults(name, entry)]
    if faults:
        raise ConfigInvalid(
            "; ".join(faults),
            where=str(path),
            next_step='write each list as name = ["BTC/USDT", "ETH/USDT"]',
        )
    return {name: tuple(dict.fromkeys(entry)) for name, entry in document.items()}


def _faults(name: str, entry: object) -> list[str]:
    if not isinstance(entry, list) or not entry:
        return [f"{name} is not a list of symbols"]
    return [fault for item in entry if (fault := _symbol_fault(name, item))]


def _symbol_fault(name: str, item: object) -> str | None:
    if not isinstance(item, str):
        return f"{name}: {item!r} is not a text"
    try:
        parse_symbol(item)
    except DataInvalid as error:
        return f"{name}: {error.what}"
    return None
