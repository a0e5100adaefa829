"""How often random results are called an edge, and how often a planted edge is found.

`python -m benchmarks.evidence_law [SEEDS]`: 1,000 seeds of each kind of luck unless told.
"""

import sys
import time
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from snipersight.performance.verdict import reach_verdict
from tests.builders.performance import Luck

SEEDS: Final = 1_000
MOST_FALSE_EDGES: Final = 67  # of 1,000: what a 5 % error exceeds once in a hundred times


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of luck.

    Args:
        name: in words.
        tries: how many runs the best was chosen from.
        ranked: whether it is compared with random entries; else the other rules are alone.
        luck: how results come about.
    """

    name: str
    tries: int = 1
    ranked: bool = True
    luck: dict[str, Any] = field(default_factory=dict)


WITHOUT_EDGE: Final = (
    Kind("300 trades, winners of 2R"),
    Kind("the best of 10 runs", tries=10),
    Kind("without comparison with random entries", ranked=False),
    Kind("the best of 10 runs, without comparison", tries=10, ranked=False),
    Kind("rare winners of 6R, without comparison", ranked=False, luck={"reward": 6.0}),
    Kind("rare losers, winners of 0.2R, without comparison", ranked=False, luck={"reward": 0.2}),
    Kind("one luck for a day, without comparison", ranked=False, luck={"lasting_days": 1}),
    Kind("one luck for five days, without comparison", ranked=False, luck={"lasting_days": 5}),
    Kind("one luck for five days", luck={"lasting_days": 5}),
    Kind("40 trades, without comparison", ranked=False, luck={"trades": 40}),
)
WITH_EDGE: Final = (
    Kind("0.2R a trade", luck={"edge_r": 0.2}),
    Kind("0.3R a trade", luck={"edge_r": 0.3}),
    Kind("0.3R a trade, the best of 10 runs", tries=10, luck={"edge_r": 0.3}),
)


def edges_called(kind: Kind, seeds: int) -> int:
    """Return how many of the first seeds are called an edge."""
    return sum(_is_edge(kind, seed) for seed in range(seeds))


def _is_edge(kind: Kind, seed: int) -> bool:
    evidence = Luck(seed, **kind.luck).evidence(tries=kind.tries)
    if not kind.ranked:
        evidence = replace(evidence, random_expectancies=np.full(1_000, -1e9))
    return reach_verdict(evidence).is_edge


def main(seeds: int) -> int:
    """Print the table; return 1 if more than 67 of 1,000 are called an edge."""
    most = 0.0
    for kind in (*WITHOUT_EDGE, *WITH_EDGE):
        started = time.process_time()
        called = edges_called(kind, seeds)
        if kind in WITHOUT_EDGE:
            most = max(most, called / seeds * 1_000)
        seconds = time.process_time() - started
        print(f"{kind.name:<52} {called:>5} of {seeds:,} called an edge   {seconds:5.1f} s CPU")
    return int(most > MOST_FALSE_EDGES)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS))
