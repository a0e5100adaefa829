"""The evidence page: what the shipped profiles would have brought on the recorded years.

`python -m benchmarks.evidence_page` runs every profile on the candles that fit it and writes
docs/evidence.md, whatever it says. Settings are the defaults, of the project and not of whoever
calls it; every profile tried on some candles counts as a trial of the others there.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from benchmarks.evidence_wording import Judged, page_of
from benchmarks.machine import usable_cores
from snipersight.bootstrap.compile_cache import configure_compile_cache
from snipersight.bootstrap.environment import home_path
from snipersight.bootstrap.gate import within_limit
from snipersight.bootstrap.profiles import TUNED, load_profile
from snipersight.bootstrap.settings import VARIABLES, Settings, load_settings
from snipersight.bootstrap.to_end import run_to_end
from snipersight.performance.returns import daily_returns
from snipersight.performance.samples import untouched
from snipersight.performance.sharpe import estimate_sharpe
from snipersight.performance.trials import Trials

if TYPE_CHECKING:  # they bring numba, which must not be imported before its cache is chosen
    from snipersight.bootstrap.evidence.backtest import RecordedWorld
    from snipersight.engine.backtesting.results import BacktestResult

ROOT: Final = Path(__file__).resolve().parents[1]
RECORDED: Final = ROOT.parent / "shared/data/ohlcv"
PAGE: Final = ROOT / "docs/evidence.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """Recorded candles and who can read them.

    Args:
        name: what they are.
        folder: below that of all recorded candles.
        profiles: whose trigger timeframe they have.
        funding: folder of recorded funding rates, below the same; empty: there are none.
    """

    name: str
    folder: str
    profiles: tuple[str, ...]
    funding: str = ""


_TOLD_EVERY: Final = 50  # random runs
_FUNDING: Final = "c_no_licence/binance_usdm_funding_2023_2024"
_SLOW: Final = ("balanced", "swing")
_QUICK: Final = ("aggressive", "conservative", "scalp")
SETS: Final = (
    DataSet(
        name="Binance perpetuals, 1h, 2023 to 2025",
        folder="c_no_licence/binance_usdm_1h_2023_2025",
        profiles=_SLOW,
        funding=_FUNDING,
    ),
    DataSet(
        name="Binance spot, 1h, 2019 to 2022",
        folder="c_no_licence/binance_spot_1h_2019_2022",
        profiles=_SLOW,
    ),
    DataSet(
        name="Binance spot, 5m, 2024",
        folder="a_permissive/binance_spot_5m_2024",
        profiles=_QUICK,
    ),
    DataSet(
        name="Binance spot, 5m, 2020 to 2021",
        folder="b_gpl3/binance_spot_5m_2021",
        profiles=_QUICK,
    ),
    DataSet(
        name="Binance perpetual of BTC, 5m, 2023 to 2024",
        folder="b_gpl3/binance_usdm_5m_2023_2024",
        profiles=_QUICK,
        funding=_FUNDING,
    ),
    DataSet(
        name="Bybit perpetuals, 5m, 2025",
        folder="c_no_licence/bybit_linear_5m_2025",
        profiles=_QUICK,
    ),
)


def trials_among(returns: Mapping[str, npt.NDArray[np.float64]]) -> Trials:
    """Return the profiles tried on the same candles as trials of each other.

    Args:
        returns: of each profile, day by day; their lengths may differ.
    """
    estimates = map(estimate_sharpe, returns.values())
    sharpes = [0.0 if one is None else one.sharpe for one in estimates]
    return Trials(count=len(sharpes), sharpes=np.array(sharpes))


def judge_set(
    data: DataSet, recorded: Path, settings: Settings, *, random_runs: int, workers: int
) -> list[Judged]:
    """Return what each profile shows on a data set.

    Args:
        data: the set.
        recorded: folder of all recorded candles.
        settings: limits and balance.
        random_runs: with random entries to compare with.
        workers: processes that make them.
    """
    from snipersight.engine.backtesting.measuring import closed_trades, equity_of
    from snipersight.engine.backtesting.study import studied

    made = {name: _lived(name, data, recorded, settings) for name in data.profiles}
    returns = {name: daily_returns(equity_of(result)) for name, (_, result) in made.items()}
    judged = []
    for name, (world, result) in made.items():
        study = studied(
            result,
            world.arena.closes,
            random_expectancies=_at_random(world, result, random_runs, workers),
            trials=trials_among(returns),
            out_of_sample=untouched(closed_trades(result), (TUNED,)),
        )
        judged.append(Judged(profile=name, data=data.name, study=study))
        print(f"{name} on {data.name}: {study.verdict.sentence}", flush=True)
    return judged


def _lived(
    profile: str, data: DataSet, recorded: Path, settings: Settings
) -> tuple[RecordedWorld, BacktestResult]:
    from snipersight.bootstrap.evidence.backtest import Making, open_world, run_backtest
    from snipersight.bootstrap.evidence.recorded import RecordedRequest

    async def lived() -> tuple[RecordedWorld, BacktestResult]:
        loaded = load_profile(profile, own_folder=Path(os.devnull))
        request = RecordedRequest(
            data=recorded / data.folder,
            funding=recorded / data.funding if data.funding else None,
            profile=within_limit(loaded, settings)[0],
        )
        world = await open_world(request, settings, Making(), progress=lambda *_: None)
        return world, await run_backtest(world, progress=lambda *_: None)

    return run_to_end(lived())


def _at_random(
    world: RecordedWorld, result: BacktestResult, count: int, workers: int
) -> npt.NDArray[np.float64]:
    from snipersight.bootstrap.evidence.backtest import Making, run_random_entries

    making = Making(random_runs=count, workers=workers)
    return run_to_end(run_random_entries(world, result, making, progress=_tell))


def _tell(what: str, done: int, count: int) -> None:
    if done % _TOLD_EVERY == 0 and done:
        print(f"{what}: {done:,} of {count:,}", file=sys.stderr, flush=True)


def default_settings() -> Settings:
    """Return the settings of whoever has set none; this process forgets what was set."""
    for name in VARIABLES:
        if name != "SNIPERSIGHT_HOME":
            os.environ.pop(name, None)
    with tempfile.NamedTemporaryFile(suffix=".env") as empty:
        return load_settings(Path(empty.name))[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; return 2 where the recorded candles are not there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence_page")
    parser.add_argument("--random-runs", type=int, default=1000, metavar="N")
    parser.add_argument("--workers", type=int, default=usable_cores(), metavar="N")
    parser.add_argument("--recorded", type=Path, default=RECORDED, metavar="DIR")
    parser.add_argument("--out", type=Path, default=PAGE, metavar="FILE")
    asked = parser.parse_args(arguments)
    wanted = [folder for one in SETS for folder in (one.folder, one.funding) if folder]
    missing = [folder for folder in wanted if not (asked.recorded / folder).is_dir()]
    if missing:
        print(f"no candles in {asked.recorded / missing[0]}: name their folder with --recorded")
        return 2
    settings = default_settings()
    configure_compile_cache(home_path())
    started, judged = time.monotonic(), []
    for data in SETS:
        judged += judge_set(
            data,
            asked.recorded,
            settings,
            random_runs=asked.random_runs,
            workers=asked.workers,
        )
    asked.out.write_text(page_of(judged, random_runs=asked.random_runs), encoding="utf-8")
    print(f"wrote {asked.out} in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
