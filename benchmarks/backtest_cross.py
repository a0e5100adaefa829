"""Figures of the cross of two averages through our engine, with three other backtesters beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.backtest_worlds import (
    ONE_TARGET,
    THREE_TARGETS,
    Exits,
    cross_world,
    wandering_candles,
)
from benchmarks.candles import save_columns
from benchmarks.harness import (
    Figure,
    Target,
    at_least,
    at_most,
    median,
    paired_ratio,
    progress,
    spread,
    take_turns,
)
from benchmarks.peers import Peer, PeerMissing, opened_peers
from snipersight.bootstrap.evidence.backtest import RecordedWorld
from snipersight.domain.candles import Candles
from snipersight.engine.backtest import backtest
from snipersight.engine.backtesting.results import BacktestResult

PEERS: Final[dict[str, Target | None]] = {
    "nautilus_trader": at_least(10),
    "backtesting": at_least(1),
    "vectorbt": None,
}
WORKER: Final = Path(__file__).with_name("backtest_peer_worker.py")
FAIRNESS: Final = (
    "The comparison is not of equals. The others fill orders of a fixed size; ours asks the risk "
    "gate's forty checks of each plan, sizes it by its stop in exact decimals, splits it into "
    "orders on the venue's lots, books every fill in a ledger that breakers watch at every close "
    "that could trip one, and writes an audit record of each of these. Bars cost it next to "
    "nothing and trades cost it milliseconds, so that both are told. All times are of the "
    "processor, on one core; averages and ATR are computed within them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One form of exits on our engine.

    Args:
        exits: the form.
        world: its market.
        bars, trades: that one backtest counts.
    """

    exits: Exits
    world: RecordedWorld
    bars: int
    trades: int

    @classmethod
    def of(cls, candles: Candles, exits: Exits) -> Contest:
        """Return it, with the kernels compiled by a first run."""
        world = cross_world(candles, exits)
        result = _lived(world)
        return cls(exits=exits, world=world, bars=result.bars, trades=len(result.trades))

    def seconds(self) -> float:
        """Return what one backtest takes, in seconds of processor time."""
        started = time.process_time()
        _lived(self.world)
        return time.process_time() - started

    def figures(self, times: list[float]) -> list[Figure]:
        """Return bars and trades per second."""
        took, name = median(times), self.exits.name
        note = f"{self.trades:,} trades on {self.bars:,} bars; seconds {spread(times)}"
        speeds = (("bars", self.bars / took), ("trades", self.trades / took))
        return [
            Figure(name=f"{name}_{what}_per_s", value=speed, unit="/s", note=note)
            for what, speed in speeds
        ]


def _lived(world: RecordedWorld) -> BacktestResult:
    return backtest(world.arena, world.leader, world.terms)


def cross_figures(scratch: Path, *, bars: int, long_bars: int, rounds: int) -> list[Figure]:
    """Return bars and trades per second of all contenders, and how the cost of a bar grows.

    Args:
        scratch: folder for the peers' candles.
        bars: that are compared.
        long_bars: more of them, at whose cost a bar is looked at again.
        rounds: measurements of each.
    """
    progress(f"cross of averages, {bars:,} bars beside {', '.join(PEERS)}")
    candles, path = wandering_candles(bars), scratch / "candles.npz"
    save_columns(candles, path)
    contests = [Contest.of(candles, exits) for exits in (ONE_TARGET, THREE_TARGETS)]
    turns: dict[str, Callable[[], float]] = {one.exits.name: one.seconds for one in contests}
    with opened_peers(tuple(PEERS), path, worker=WORKER) as (peers, missing):
        turns |= {peer.name: peer.measure for peer in peers}
        found = take_turns(turns, rounds=rounds)
        beside = [
            figure
            for peer in peers
            for figure in _beside(peer, found[peer.name], bars, contests[0], found)
        ]
    return [
        *(figure for one in contests for figure in one.figures(found[one.exits.name])),
        *beside,
        *map(_missing, missing),
        _growth(contests[0], long_bars, rounds=max(1, rounds // 2)),
    ]


def _beside(
    peer: Peer, times: list[float], bars: int, ours: Contest, found: dict[str, list[float]]
) -> list[Figure]:
    """Return a peer's speed, and ours in times of it, bar by bar."""
    speeds = [bars / one for one in times]
    mine = [ours.bars / one for one in found[ours.exits.name]]
    return [
        Figure(
            name=f"{peer.name}_bars_per_s",
            value=median(speeds),
            unit="/s",
            note=f"{peer.version} on {bars:,} bars; {spread(speeds)}",
        ),
        Figure(
            name=_versus(peer.name),
            value=paired_ratio(mine, speeds),
            unit="times",
            target=PEERS[peer.name],
            note="our bars a second by theirs, turn by turn",
        ),
    ]


def _versus(peer: str) -> str:
    return f"cross_vs_{peer.removesuffix('_trader')}"


def _missing(gone: PeerMissing) -> Figure:
    return Figure(
        name=_versus(gone.name),
        value=None,
        unit="times",
        target=PEERS[gone.name],
        note=gone.reason,
    )


def _growth(short: Contest, long_bars: int, *, rounds: int) -> Figure:
    """Return what a bar costs in a long history by what it costs in a short one."""
    progress(f"cross of averages, {long_bars:,} bars")
    long = Contest.of(wandering_candles(long_bars), short.exits)
    turns = {"short": short.seconds, "long": long.seconds}
    found = take_turns(turns, rounds=rounds)
    costs = {
        one: [took / bars for took in found[one]]
        for one, bars in (("short", short.bars), ("long", long.bars))
    }
    return Figure(
        name="cost_constancy",
        value=paired_ratio(costs["long"], costs["short"]),
        unit="times",
        target=at_most(1.25),
        note=f"a bar's cost at {long.bars:,} bars by that at {short.bars:,}; "
        f"{long.trades / long.bars:.3%} and {short.trades / short.bars:.3%} of bars are traded",
    )
