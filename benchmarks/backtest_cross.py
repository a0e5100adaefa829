"""Figures of the cross of two averages through our engine, with three other backtesters beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.backtest_worlds import (
    BALANCE,
    ONE_TARGET,
    THREE_TARGETS,
    Exits,
    cross_world,
    save_terms,
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
_REMARKS: Final = {
    "vectorbt:brackets": " (three books of one target each: a column has one, and enters again "
    "while the others are still in)"
}
WORKER: Final = Path(__file__).with_name("backtest_peer_worker.py")
FAIRNESS: Final = (
    "All trade the same crosses of the same candles, sized by their stop, at the same fee, so that "
    "trades and accounts come out alike; where bars leave open what came first, each decides by its "
    "own rule. The comparison is not of equals. The others fill orders; ours asks the risk "
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
        equity: of the account at the end.
    """

    exits: Exits
    world: RecordedWorld
    bars: int
    trades: int
    equity: float

    @classmethod
    def of(cls, candles: Candles, exits: Exits) -> Contest:
        """Return it, with the kernels compiled by a first run."""
        world = cross_world(candles, exits)
        result = _lived(world)
        return cls(
            exits=exits,
            world=world,
            bars=result.bars,
            trades=len(result.trades),
            equity=float(result.daily.equity[-1]),
        )

    def seconds(self) -> float:
        """Return what one backtest takes, in seconds of processor time."""
        started = time.process_time()
        _lived(self.world)
        return time.process_time() - started

    def figures(self, times: list[float]) -> list[Figure]:
        """Return bars and trades per second."""
        return _speeds(
            self.exits.name,
            times,
            bars=self.bars,
            trades=self.trades,
            note=_came_to(self.trades, self.equity),
        )


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
    candles, path = wandering_candles(bars), scratch / "candles.npz"
    save_columns(candles, path)
    contests = [Contest.of(candles, exits) for exits in (ONE_TARGET, THREE_TARGETS)]
    save_terms(path.with_name("terms.json"), contests[0].world)
    figures = [one for contest in contests for one in _contested(contest, path, bars, rounds)]
    return [*figures, _growth(contests[0], long_bars, rounds=rounds)]


def _contested(ours: Contest, path: Path, bars: int, rounds: int) -> list[Figure]:
    """Return what one form of exits takes us and the others, turn by turn."""
    form = ours.exits.name
    progress(f"{form} of averages, {bars:,} bars beside {', '.join(PEERS)}")
    turns: dict[str, Callable[[], float]] = {form: ours.seconds}
    names = tuple(f"{name}:{form}" for name in PEERS)
    with opened_peers(names, path, worker=WORKER) as (peers, missing):
        turns |= {peer.name: peer.measure for peer in peers}
        found = take_turns(turns, rounds=rounds)
    mine = [ours.bars / one for one in found[form]]
    beside = [one for peer in peers for one in _beside(peer, found[peer.name], ours.bars, mine)]
    return [*ours.figures(found[form]), *beside, *map(_missing, missing)]


def _beside(peer: Peer, times: list[float], bars: int, mine: list[float]) -> list[Figure]:
    """Return a peer's speed, and ours in times of it, bar by bar."""
    name, trades = peer.name.partition(":")[0], int(peer.told["trades"])
    came_to = _came_to(trades, float(peer.told["equity"]))
    remark = _REMARKS.get(peer.name, "")
    return [
        *_speeds(
            peer.name.replace(":", "_"),
            times,
            bars=bars,
            trades=trades,
            note=f"{peer.version}: {came_to}{remark}",
        ),
        Figure(
            name=_versus(peer.name),
            value=paired_ratio(mine, [bars / one for one in times]),
            unit="times",
            target=PEERS[name],
            note="our bars a second by theirs, turn by turn",
        ),
    ]


def _speeds(name: str, times: list[float], *, bars: int, trades: int, note: str) -> list[Figure]:
    took = median(times)
    text = f"{note}; {bars:,} bars, seconds {spread(times)}"
    return [
        Figure(name=f"{name}_{what}_per_s", value=count / took, unit="/s", note=text)
        for what, count in (("bars", bars), ("trades", trades))
    ]


def _came_to(trades: int, equity: float) -> str:
    return f"{trades:,} trades, {BALANCE:,} became {equity:,.0f}"


def _versus(name: str) -> str:
    peer, _colon, form = name.partition(":")
    return f"{form}_vs_{peer.removesuffix('_trader')}"


def _missing(gone: PeerMissing) -> Figure:
    return Figure(
        name=_versus(gone.name),
        value=None,
        unit="times",
        target=PEERS[gone.name.partition(":")[0]],
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
