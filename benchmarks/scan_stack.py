"""Figures of the detectors alone: speed against the peers, linearity, one more bar."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Final

from benchmarks.candles import BITCOIN, FIVE_MINUTES, built_in, recorded_or_built_in, save_columns
from benchmarks.harness import (
    Figure,
    Target,
    at_least,
    at_most,
    median,
    paired_ratio,
    percentile,
    progress,
    seconds,
    spread,
    take_turns,
)
from benchmarks.peers import Peer, PeerFailed, PeerMissing, opened_peers
from snipersight.analysis.smc.series import SmcSeries
from snipersight.bootstrap.profiles import load_profile
from snipersight.domain.candles import Candles
from snipersight.domain.profile import Profile

COMPARED_BARS: Final = 25_000
SHORT_BARS, LONG_BARS = 100_000, 1_000_000
TURN_S: Final = 0.5
WARM_BARS, ADDED_BARS = 2_000, 5_000
END_OF_TIME: Final = 2**62
NO_FOLDER: Final = Path("/nonexistent")  # shipped profiles only, whatever the user keeps
PEER_TARGETS: Final[dict[str, Target]] = {
    "smartmoneyconcepts": at_least(100),
    "pyvsmc": at_least(10),
}

FAIRNESS: Final = (
    "What is compared. All three find swings, structure breaks, order blocks and fair value gaps\n"
    "with their mitigation, equal highs and lows and what swept them, on the same candles. Ours\n"
    "(the trigger of the scalp profile) does so at two strengths of swing and finds, besides,\n"
    "displacements, calendar levels, inducement, mitigation blocks, failed breaks, regime and whole\n"
    "setups, bar by bar and without looking ahead; it keeps every fact with the close that revealed\n"
    "it. The peers compute on the whole array and look ahead; pyvsmc finds breakers too. Timed are\n"
    "the calls alone, warmed up, in turns, one thread each: a turn repeats them for half a second\n"
    "and counts as their mean; a figure is the median over the turns, a ratio that of each turn's."
)


@cache
def shipped(name: str) -> Profile:
    """Return a shipped profile; its file is read once."""
    return load_profile(name, own_folder=NO_FOLDER)


def new_series(*, facts_from_ms: int = 0) -> SmcSeries:
    """Return an empty 5m series under the profile whose trigger is 5m; it keeps every fact."""
    scalp = shipped("scalp")
    return SmcSeries(scalp.roles.trigger, FIVE_MINUTES, scalp.setup, facts_from_ms=facts_from_ms)


def read_whole(candles: Candles) -> Callable[[], object]:
    """Return a call that reads all candles into a fresh series and collects its facts."""

    def run() -> object:
        series = new_series()
        series.advance(candles, until_ms=END_OF_TIME)
        return series.facts()

    return run


def stack_figures(scratch: Path, *, rounds: int) -> list[Figure]:
    """Return our speed at 25,000 bars and its ratio to each peer's, measured in turns."""
    candles, what = recorded_or_built_in(COMPARED_BARS)
    path = scratch / "candles.npz"
    save_columns(candles, path)
    run = read_whole(candles)
    run()  # loads the compiled kernels
    progress(f"SMC stack and peers on {len(candles):,} bars, {what}")
    with opened_peers(tuple(PEER_TARGETS), path) as (peers, missing):
        return compare(run, peers, missing, bars=len(candles), rounds=rounds)


def compare(
    ours: Callable[[], object],
    peers: Sequence[Peer],
    missing: Sequence[PeerMissing],
    *,
    bars: int,
    rounds: int,
    turn_s: float = TURN_S,
) -> list[Figure]:
    """Return the figures of one comparison; a peer that fails on the way becomes a missing one."""
    contenders = {"ours": partial(seconds, ours, at_least_s=turn_s)}
    contenders |= {peer.name: partial(peer.measure, at_least_s=turn_s) for peer in peers}
    try:
        taken = take_turns(contenders, rounds=rounds)
    except PeerFailed as failure:
        left = [peer for peer in peers if peer.name != failure.name]
        gone = [*missing, PeerMissing(name=failure.name, reason=str(failure))]
        return compare(ours, left, gone, bars=bars, rounds=rounds, turn_s=turn_s)
    own = taken["ours"]
    figures = [speed("smc_stack_speed_25k", own, bars=bars)]
    for peer in peers:
        figures += against(peer, own, taken[peer.name], bars=bars)
    return figures + [absent(gone) for gone in missing]


def speed(
    name: str, times: Sequence[float], *, bars: int, target: Target | None = None, note: str = ""
) -> Figure:
    """Return bars per second from the median time."""
    how = f"{note}{spread(times, scale=1000)} ms"
    return Figure(name=name, value=bars / median(times), unit="bars/s", target=target, note=how)


def against(
    peer: Peer, own: Sequence[float], theirs: Sequence[float], *, bars: int
) -> list[Figure]:
    """Return the peer's speed, and how many times as fast we are."""
    ratio = Figure(
        name=f"smc_stack_times_{peer.name}",
        value=paired_ratio(theirs, own),
        unit="×",
        target=PEER_TARGETS.get(peer.name),
        note=f"against {peer.name} {peer.version}, {bars:,} bars",
    )
    return [speed(f"{peer.name}_speed_25k", theirs, bars=bars), ratio]


def absent(peer: PeerMissing) -> Figure:
    """Return the ratio that could not be measured."""
    return Figure(
        name=f"smc_stack_times_{peer.name}",
        value=None,
        unit="×",
        target=PEER_TARGETS.get(peer.name),
        note=peer.reason,
    )


def linearity_figures(*, rounds: int) -> list[Figure]:
    """Return how the time grows from 100,000 to 1,000,000 bars, and the speed at the longer."""
    progress(f"SMC stack on {SHORT_BARS:,} and {LONG_BARS:,} bars of the built-in market")
    long = built_in(BITCOIN, FIVE_MINUTES, LONG_BARS)
    short_run, long_run = (read_whole(part) for part in (long.slice(0, SHORT_BARS), long))
    short_run()
    core_s: list[float] = []

    def long_turn() -> float:
        started = time.process_time()
        taken_s = seconds(long_run)
        core_s.append(time.process_time() - started)  # whatever else the machine does
        return taken_s

    turns: dict[str, Callable[[], float]] = {
        "short": partial(seconds, short_run, at_least_s=TURN_S),
        "long": long_turn,
    }
    taken = take_turns(turns, rounds=rounds)
    growth = Figure(
        name="smc_stack_time_1m_over_100k",
        value=paired_ratio(taken["long"], taken["short"]),
        unit="×",
        target=at_most(12),
        note=f"{spread(taken['long'])} s over {spread(taken['short'], scale=1000)} ms",
    )
    aim = at_least(1e6)
    return [
        growth,
        speed("smc_stack_speed_1m", taken["long"], bars=LONG_BARS, target=aim),
        speed("smc_stack_speed_1m_cpu", core_s, bars=LONG_BARS, note="CPU time, "),
    ]


def added_bar_figures() -> list[Figure]:
    """Return what one more closed bar costs one warm series: all detectors, facts kept."""
    progress(f"one bar at a time, {ADDED_BARS:,} bars")
    candles, what = recorded_or_built_in(WARM_BARS + ADDED_BARS)
    series = new_series()
    series.advance(candles.slice(0, WARM_BARS), until_ms=END_OF_TIME)
    bars = [candles.slice(i, i + 1) for i in range(WARM_BARS, WARM_BARS + ADDED_BARS)]
    micros = [added_bar_micros(series, bar) for bar in bars]
    note = f"{len(micros):,} bars, {what}, one series"
    return [
        Figure(
            name="added_bar_median",
            value=median(micros),
            unit="µs",
            target=at_most(20),
            note=note,
        ),
        Figure(name="added_bar_p99", value=percentile(micros, 99), unit="µs", note=note),
    ]


def added_bar_micros(series: SmcSeries, bar: Candles) -> float:
    """Return the microseconds the series takes for one more bar."""
    started = time.perf_counter_ns()
    series.advance(bar, until_ms=END_OF_TIME)
    return (time.perf_counter_ns() - started) / 1000
