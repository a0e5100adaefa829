"""The figures of a day among faults: what was done, what has to be zero, and what it held."""

from __future__ import annotations

import sys
from typing import Final

from benchmarks.execute_proof import DEADLINE_S
from benchmarks.harness import Figure, at_most
from benchmarks.run_day import growth_figures
from benchmarks.run_trouble import Lived
from benchmarks.run_trouble_proof import DayProof, prove_day

_OPENING: Final = 1 / 24  # of the day, after which it has everything that it is going to hold
_LEAST_S: Final = 10.0  # of ours, which that takes at least
_MEANT: Final = {
    "untold": ("signals", "approved, and no message came"),
    "unanswered": ("presses", "nobody was told what became of them"),
    "unfinished": ("signals", "over by the candles, and nobody was told"),
    "skipped": (
        "closes",
        "nobody looked at, but for those just after the start or around a restart",
    ),
    "twice": ("messages", "came again though Telegram had answered for them"),
    "lost": ("messages", "stored as delivered, and never came"),
    "naked": ("spans", f"of a position without a stop for more than {DEADLINE_S:g} s"),
    "doubled": ("orders", "executed beyond what was approved, or twice"),
    "orphans": ("orders", "left open at the venue with nothing to protect"),
    "ledger": ("differences", "between our balance, positions, fees, funding and the venue's"),
}


def trouble_figures(lived: Lived) -> list[Figure]:
    """Return what a day came to; what is wrong is told on stderr besides."""
    proof = prove_day(lived)
    for sentence in proof.told:
        print(f"! {sentence}", file=sys.stderr)
    laws = [
        Figure(
            name=f"day_{name}",
            value=getattr(proof, name),
            unit=unit,
            target=at_most(0),
            note=meaning,
        )
        for name, (unit, meaning) in _MEANT.items()
    ]
    return [*_done(lived, proof), *laws, *_held(lived)]


def _done(lived: Lived, proof: DayProof) -> list[Figure]:
    trouble = lived.trouble
    how = (
        f"{trouble.hours:g} hours at {trouble.scale:g} seconds of its time in one of ours, "
        f"{proof.exchange_faults} faults of the exchange, {trouble.restarts} restarts, "
        f"{proof.telegram_faults} faults of Telegram"
    )
    ended = "nothing held, nothing unsaid at the end"
    if not (lived.is_flat and lived.is_silent and lived.ended_with == 0):
        ended = "NOT everything was closed and said at the end"
    return [
        Figure(
            name="day_signals_told", value=proof.signals - proof.untold, unit="signals", note=how
        ),
        Figure(
            name="day_approvals_pressed",
            value=proof.pressed,
            unit="presses",
            note="under every signal that was told with buttons",
        ),
        Figure(name="day_trades_opened", value=proof.opened, unit="trades", note="that got a fill"),
        Figure(name="day_trades_closed", value=proof.closed, unit="trades", note=ended),
        Figure(
            name="day_longest_without_stop",
            value=proof.longest_s,
            unit="s",
            target=at_most(DEADLINE_S),
            note="looked at five times a second, real time",
        ),
    ]


def _held(lived: Lived) -> list[Figure]:
    began_s, ended_s = lived.ups[0][0], lived.ups[-1][1]
    took_s = ended_s - began_s
    opened_s = began_s + max(took_s * _OPENING, min(_LEAST_S, took_s / 2))
    how = f"{lived.trouble.hours:g} hours among faults"
    return growth_figures(lived.samples, opened_s, ended_s, name="day_", how=how)
