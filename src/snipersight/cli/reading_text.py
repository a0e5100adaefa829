"""What each timeframe role knows, as a table with one column a role, and its zones as lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from snipersight.analysis.facts import Block, Gap, Pool, Reading
from snipersight.domain import wording as texts

_SHOWN: Final = 4  # of each kind; the newest matter most, JSON holds them all
_TREND_WORDS: Final = {-1: "down", 0: "none yet", 1: "up"}


def reading_table(readings: Mapping[str, Reading]) -> Table:
    """Return the numbers of every role side by side."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("")
    for role, found in readings.items():
        table.add_column(f"{role} {found.timeframe}", justify="right", no_wrap=True)
    for label, value in _ROWS:
        table.add_row(label, *(value(found) for found in readings.values()))
    return table


def zone_lines(role: str, found: Reading) -> RenderableType:
    """Return the newest zones and pools of a role, one line each."""
    groups: tuple[tuple[str, list[str], int], ...] = (
        ("order blocks", [_block(each) for each in found.blocks[:_SHOWN]], len(found.blocks)),
        ("fair value gaps", [_gap(each) for each in found.gaps[:_SHOWN]], len(found.gaps)),
        ("liquidity", [_pool(each) for each in found.pools[:_SHOWN]], len(found.pools)),
    )
    lines: list[RenderableType] = []
    for name, shown, count in groups:
        if count:
            more = f", the newest {len(shown)}" if count > len(shown) else ""
            lines.append(Text(f"{role} {found.timeframe} {name}: {count}{more}", style="bold"))
            lines += [Padding(Text(line), (0, 0, 0, 2)) for line in shown]
    return Group(*lines)


def price(value: float | None) -> str:
    """Return a price of the analysis in short; a dash for none."""
    return "–" if value is None else texts.short_number(value)


def _position(found: Reading) -> str:
    position = found.range_position(found.close)
    return "–" if position is None else texts.percent(position, 0)


_ROWS: Final[tuple[tuple[str, Callable[[Reading], str]], ...]] = (
    ("known at (UTC)", lambda found: texts.minute_of(found.known_at_ms)),
    ("close", lambda found: price(found.close)),
    ("ATR 14", lambda found: price(found.atr)),
    ("swing trend", lambda found: _TREND_WORDS[found.swing_trend]),
    ("internal trend", lambda found: _TREND_WORDS[found.internal_trend]),
    ("market state", lambda found: found.regime.value if found.regime else "not known yet"),
    ("ADX", lambda found: f"{found.adx:.1f}"),
    ("ATR percentile", lambda found: texts.percent(found.atr_percentile, 0)),
    ("range low", lambda found: price(found.swing_low)),
    ("range high", lambda found: price(found.swing_high)),
    ("close in range", _position),
    ("protected level", lambda found: price(found.protected)),
)


def _block(block: Block) -> str:
    state = block.state.name.lower().replace("_", " ")
    induced = ", inducement taken" if block.is_induced else ""
    return (
        f"{block.direction} {price(block.zone.low)} – {price(block.zone.high)} {state}, "
        f"entered {texts.percent(block.penetration, 0)}{induced}, "
        f"from {texts.minute_of(block.zone.at_ms)}"
    )


def _gap(gap: Gap) -> str:
    inverse = "inverse, " if gap.is_inverse else ""
    return (
        f"{gap.direction} {price(gap.zone.low)} – {price(gap.zone.high)} {inverse}"
        f"filled {texts.percent(gap.fill, 0)}, from {texts.minute_of(gap.zone.at_ms)}"
    )


def _pool(pool: Pool) -> str:
    touches = f", {pool.touches} touches" if pool.touches > 1 else ""
    return (
        f"{pool.kind.label(pool.side)} {price(pool.price)}{touches}, "
        f"from {texts.minute_of(pool.at_ms)}"
    )
