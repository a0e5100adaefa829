"""Which combinations a sweep tries: all of them, some drawn by lot, or where it looks promising."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from snipersight.engine.sweeping.axes import Axis, Choice, Space

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial

# What is asked for at a time. The same on every machine: with as many as there are workers, two
# workers would find another result than four.
BATCH: Final = 8
_FIRST: Final = 10  # drawn by lot before anything is learned from
_ASKED: Final = 50  # times as often as runs are wanted: a small space is soon known by heart


class SearchKind(StrEnum):
    """How combinations are chosen."""

    GRID = "grid"
    RANDOM = "random"
    BAYES = "bayes"


class Search(Protocol):
    """Asks for combinations, batch by batch, and is told what they were worth."""

    def ask(self) -> Sequence[Choice]:
        """Return combinations that were not asked for before; none: there are no more."""
        ...

    def tell(self, scores: Mapping[Choice, float | None]) -> None:
        """Take what a batch was worth, the more the better; None: it could not be made."""
        ...


class Listed:
    """A search that knows from the beginning what it asks for.

    Args:
        choices: all of them.
    """

    def __init__(self, choices: Sequence[Choice]) -> None:
        self._left = tuple(choices)

    def ask(self) -> Sequence[Choice]:
        """Return all of them, once."""
        asked, self._left = self._left, ()
        return asked

    def tell(self, scores: Mapping[Choice, float | None]) -> None:
        """Do nothing: nothing is learned."""


def drawn(space: Space, runs: int, *, seed: int) -> Listed:
    """Return a search of combinations by lot, none twice, in the order they were drawn.

    A longer draw with the same seed begins with the shorter one, so that more runs add to those
    that were made.

    Args:
        space: drawn from.
        runs: how many; all of them if there are fewer.
        seed: of the lot.
    """
    sizes = [len(one.values) for one in space.axes]
    order = np.random.default_rng(seed).permutation(len(space))[:runs]
    places = np.unravel_index(order, sizes)
    rows = zip(*(one.tolist() for one in places), strict=True)
    return Listed([tuple(row) for row in rows])


class Bayes:
    """Tree-structured Parzen estimators (Optuna) over a space, asked in batches of one size.

    A combination that is proposed again is not made again: its score is told once more. Where
    proposals keep repeating, the rest is drawn by lot.

    Args:
        space: searched.
        runs: how many different combinations; all of them if there are fewer.
        seed: of the sampler.
    """

    def __init__(self, space: Space, runs: int, *, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=_FIRST)
        self._study = optuna.create_study(direction="maximize", sampler=sampler)
        self._kinds = {one.name: _kind_of(one) for one in space.axes}
        self._runs = min(runs, len(space))
        self._asks_left = _ASKED * self._runs
        self._known: dict[Choice, float | None] = {}
        self._waiting: dict[Choice, Trial] = {}
        self._lot = iter(drawn(space, len(space), seed=seed).ask())

    def ask(self) -> Sequence[Choice]:
        """Return the next batch."""
        wanted = min(BATCH, self._runs - len(self._known))
        while len(self._waiting) < wanted and self._asks_left > 0:
            self._asks_left -= 1
            trial = self._study.ask(self._kinds)
            choice = tuple(int(trial.params[name]) for name in self._kinds)
            if choice in self._known:
                self._tell(trial, self._known[choice])
            elif choice in self._waiting:
                self._tell(trial, None)  # nothing is known of it yet
            else:
                self._waiting[choice] = trial
        chosen = list(self._waiting)
        while len(chosen) < wanted:
            choice = next(self._lot)
            if choice not in self._known and choice not in chosen:
                chosen.append(choice)
        return chosen

    def tell(self, scores: Mapping[Choice, float | None]) -> None:
        """Learn from a batch, in the order it was asked for, whoever was done first."""
        for choice, trial in self._waiting.items():
            self._tell(trial, scores[choice])
        self._known.update(scores)
        self._waiting.clear()

    def _tell(self, trial: Trial, score: float | None) -> None:
        import optuna

        if score is None:
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            self._study.tell(trial, score)


def _kind_of(axis: Axis) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, IntDistribution

    count = len(axis.values)
    if axis.is_ordered:
        return IntDistribution(0, count - 1)
    return CategoricalDistribution(tuple(range(count)))


def search_of(kind: SearchKind, space: Space, runs: int, *, seed: int) -> Search:
    """Return a search.

    Args:
        kind: how it chooses.
        space: what it chooses from.
        runs: how many combinations; a grid takes all, whatever is said here.
        seed: of everything that is drawn.
    """
    if kind is SearchKind.GRID:
        return Listed(tuple(space.choices()))
    if kind is SearchKind.RANDOM:
        return drawn(space, runs, seed=seed)
    return Bayes(space, runs, seed=seed)
