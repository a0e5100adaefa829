"""A sweep small enough to be made often: three built-in markets of five weeks and a quick profile."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl

from snipersight.bootstrap.evidence.backtest import Making
from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.evidence.sweep import SweepRequest, Swept, sweep_recorded
from snipersight.bootstrap.evidence.sweep_space import Variants
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.to_end import run_to_end
from snipersight.cli.toml_text import toml_text
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.recording import Recording
from snipersight.engine.sweeping.axes import Space, parse_axis
from snipersight.engine.sweeping.choosing import WalkTerms
from snipersight.engine.sweeping.crews import Crew, ExecutorCrew
from snipersight.engine.sweeping.searching import SearchKind
from snipersight.performance.verdict import Finding
from snipersight.sandbox.market import SyntheticMarket
from snipersight.storage.kept_sweeps import KeptSweep, SweptRun
from tests.builders.profiles import a_profile

END_MS: Final = 1_752_883_200_000  # 2025-07-19
DAYS: Final = 36
NAME: Final = "binance_usdm_tiny"  # which tells the venue
VARIED: Final = ("planner.stop_buffer_atr=0.1,1,2", "gates.max_range_position=0.5,1")
WALK: Final = WalkTerms(train_days=10, test_days=5, embargo_days=1)
"""Windows of a walk through the 27 days that a profile can decide in."""

_QUICK: Final = {
    "burn_in_bars": 60,
    "epoch_bars": 60,
    "internal_strength": 1,
    "swing_strength": 3,
    "zone_max_age_bars": 60,
    "level_max_age_bars": 60,
    "regime_window_bars": 40,
    "calendar": (),
}


def quick_profile() -> Profile:
    """Return a profile that can decide after a few days and finds something to do in most."""
    return a_profile(
        name="quick",
        timeframes={"bias": "2h", "zone": "30m", "trigger": "5m"},
        roles={
            "bias": _QUICK,
            "zone": _QUICK,
            "trigger": _QUICK | {"burn_in_bars": 300, "epoch_bars": 300},
        },
        setup={"valid_bars": 96},
        gates={
            "bias_alignment": "off",
            "leader_alignment": "off",
            "regimes": ["trend", "range", "volatile"],
            "max_range_position": 1.0,
            "min_score": 5,
        },
        planner={"max_cost_fraction": 0.5, "min_rr": 1.0, "max_stop_atr": 10, "min_target_room": 0},
    )


def write_candles(above: Path, *symbols: str) -> Path:
    """Write the built-in market's candles to a folder, and return that.

    Args:
        above: where the folder is made.
        symbols: bases of the perpetuals; BTC, DOGE and ETH if none is named.
    """
    folder = above / NAME
    folder.mkdir()
    market = SyntheticMarket(7, clock=lambda: END_MS)
    for name in symbols or ("BTC", "DOGE", "ETH"):
        bars = run_to_end(
            market.candles(
                Symbol(f"{name}/USDT:USDT"),
                Timeframe.parse("5m"),
                start_ms=END_MS - DAYS * DAY_MS,
                end_ms=END_MS,
            )
        )
        columns = {key: getattr(bars, key) for key in ("open", "high", "low", "close", "volume")}
        frame = pl.DataFrame({"timestamp": bars.open_time, **columns})
        frame.write_parquet(folder / f"{name}USDT-5m.parquet")
    return folder


def quick_recording() -> Recording:
    """Return a built-in market as the quick profile reads it."""
    profile, market = quick_profile(), SyntheticMarket(7, clock=lambda: END_MS)
    symbol = Symbol("DOGE/USDT:USDT")
    bars = {
        frame: run_to_end(
            market.candles(symbol, frame, start_ms=END_MS - DAYS * DAY_MS, end_ms=END_MS)
        )
        for frame in profile.history()
    }
    return Recording(
        instrument=run_to_end(market.instruments())[symbol],
        bars=bars,
        finer=bars[profile.timeframe("trigger")],
        quote_rate=Decimal(1),
    )


def write_profile(home: Path) -> None:
    """Put the quick profile among a user's own."""
    folder = home / "profiles"
    folder.mkdir(parents=True)
    (folder / "quick.toml").write_text(
        toml_text(quick_profile().model_dump(mode="json", exclude_none=True))
    )


def a_space(*varied: str) -> Space:
    """Return what texts of --vary mean together."""
    return Space(axes=tuple(map(parse_axis, varied)))


@cache
def plain_settings() -> Settings:
    """Return the settings of a user who has set nothing."""
    return Settings(_env_file=None)


def a_request(candles: Path, *varied: str, **more: Any) -> SweepRequest:
    """Return a sweep that is asked for.

    Args:
        candles: their folder.
        varied: as --vary has them; `VARIED` if nothing is.
        more: fields of the request.
    """
    base = quick_profile()
    asked: dict[str, Any] = {"search": SearchKind.GRID, "runs": 4, "seed": 1, "walk": WALK, **more}
    return SweepRequest(
        recorded=RecordedRequest(data=candles, profile=base),
        variants=Variants(base, a_space(*(varied or VARIED)), plain_settings()),
        **asked,
    )


def swept(
    request: SweepRequest,
    scratch: Path,
    *,
    crew: Crew | None = None,
    kept_in: Path | None = None,
    told: list[tuple[str, int, int]] | None = None,
) -> Swept:
    """Return a finished sweep, compared with no random entries.

    Args:
        request: what is tried.
        scratch: folder for its candles.
        crew: makes the runs; a thread of this process if none is given.
        kept_in: folder of the runs; None: none is kept.
        told: takes the progress.
    """

    def tell(what: str, done: int, count: int) -> None:
        if told is not None:
            told.append((what, done, count))

    making, settings = Making(random_runs=0, kept_in=kept_in), plain_settings()
    with ThreadPoolExecutor(1) as thread:
        who = crew or ExecutorCrew(thread, 1)
        return run_to_end(
            sweep_recorded(request, settings, making, who, cache=scratch, progress=tell)
        )


def named(found: Swept, names: Sequence[str]) -> list[tuple[float | None, ...]]:
    """Return some figures of each run, in the order of the trials."""
    return [tuple(one.metrics[name] for name in names) for one in found.runs]


def a_kept_sweep() -> KeptSweep:
    """Return a sweep of two runs over two parameters, as it is kept."""
    return KeptSweep(
        sweep_id="fedcba9876543210",
        made_ms=7,
        profile="quick",
        profile_hash="p",
        search="grid",
        start_ms=0,
        end_ms=DAY_MS,
        varied=("planner.min_rr", "setup.valid_bars"),
        tried=3,
        failed=1,
        runs=(
            SweptRun(run_id="0123456789abcdef", values=("1", "96")),
            SweptRun(run_id="1123456789abcdef", values=("2", "96")),
        ),
        best="1123456789abcdef",
        trials=6,
        finding=Finding.NOT_SHOWN,
        sentence="Edge not shown",
        luck=0.4,
        answers=(("Is the best one best by luck?", "In 40 % of ways"),),
    )
