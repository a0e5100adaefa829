"""The figures of execution: `make bench-execute`; QUICK=1 shortens it to a minute.

The full form trades until 10,000 orders have lived and every kind of fault has come 200 times. Figures that miss their target are shown
as such and do not change the exit code.
"""

from __future__ import annotations

import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.execute_campaign import FAULT_SHARE, FULL, LIMIT_FACTOR, QUICK, Size, Told, run
from benchmarks.execute_matching import matching_figures
from benchmarks.execute_proof import DEADLINE_S, Proof, equity_change, prove
from benchmarks.execute_speed import speed_figures
from benchmarks.harness import Figure, at_least, at_most, is_quick, progress, publish
from benchmarks.machine import load_text
from snipersight.sandbox.exchange.faults import EVENT_FAULTS

_SHOWN: Final = 20
HOW: Final = (
    f"{FAULT_SHARE:.0%} of the account's requests and {FAULT_SHARE:.0%} of the events go wrong, in "
    "every way the sandbox knows. Time scale 1 on both sides; request limits are "
    f"{LIMIT_FACTOR} times the venues' own, on both sides. The process that executes at a venue "
    "is killed by SIGKILL at random moments, each by itself."
)


def main() -> None:
    """Measure everything and print it."""
    load_before, quick = load_text(), is_quick()
    with tempfile.TemporaryDirectory(prefix="snipersight-bench-") as folder:
        figures, told = measure(Path(folder), QUICK if quick else FULL, is_short=quick)
    form = "short form" if quick else "full form"
    notes = (HOW, f"ccxt {version('ccxt')}.", *told)
    publish(f"SniperSight execution, {form}", figures, load_before=load_before, notes=notes)


def measure(scratch: Path, size: Size, *, is_short: bool) -> tuple[list[Figure], list[str]]:
    """Return every figure, and what differed in the campaign, one sentence each.

    Args:
        scratch: folder for everything temporary.
        size: of the campaign.
        is_short: fewer of everything else, too.
    """
    progress("the matching engine")
    matching = matching_figures(rounds=5)
    speed = speed_figures(scratch, rounds=5 if is_short else 40)
    progress(f"{size.orders:,} order lives on venues that go wrong, and a killer")
    told = run(scratch, size)
    proof = prove(told)
    return [*campaign_figures(told, proof, size), *speed, *matching], proof.told[:_SHOWN]


def campaign_figures(told: Told, proof: Proof, size: Size) -> list[Figure]:
    """Return what a campaign came to."""
    requests = sum(sum(venue["requests"].values()) for venue in told.report["venues"].values())
    lived = f"{requests:,} requests in {told.seconds:,.0f} s"
    downtime = ", ".join(
        f"{venue} {seconds:.1f} s" for venue, seconds in sorted(proof.by_venue.items())
    )
    return [
        Figure(
            name="order_lives",
            value=proof.lives,
            unit="orders",
            target=at_least(size.orders),
            note=f"{lived}; {told.kills} kills; "
            f"{'all came to their end' if told.is_idle else 'NOT all had ended'}",
        ),
        Figure(
            name="trade_lives",
            value=told.trades,
            unit="trades",
            note="that these orders entered, protected and closed",
        ),
        _faults(told, size),
        _count("duplicate_entries", proof.doubled, "slices and sizes, by the venues' orders"),
        _count("orphans", proof.orphans, "orders of ours left open at the end"),
        _count(
            "naked_beyond_deadline",
            proof.naked,
            f"longest {proof.longest_s:.1f} s of {DEADLINE_S:.0f} s over the executors' uptime; "
            f"over their downtime at most {downtime or 'none'}",
        ),
        _count("ledger_differences", proof.ledger, "accounts whose books differ from the venue's"),
        _count(
            "journal_differences",
            proof.journal,
            f"postings against wallets, to the last digit; {equity_change(told):,.2f} USDT in all",
        ),
    ]


def _faults(told: Told, size: Size) -> Figure:
    counts = {kind: count for kind, count in told.report["faults"].items() if count}
    rarest = min(told.report["faults"], key=lambda kind: told.report["faults"][kind])
    of_events = sum(counts.get(kind, 0) for kind in EVENT_FAULTS)
    asked = sum(sum(venue["requests"].values()) for venue in told.report["venues"].values())
    return Figure(
        name="faults_of_rarest_kind",
        value=told.report["faults"][rarest],
        unit="faults",
        target=at_least(size.rarest),
        note=f"{rarest}; {sum(counts.values()):,} of {len(counts)} kinds in all; of all requests, "
        f"those without keys among them, {(sum(counts.values()) - of_events) / max(asked, 1):.1%}",
    )


def _count(name: str, value: int, note: str) -> Figure:
    return Figure(name=name, value=value, unit="found", target=at_most(0), note=note)


if __name__ == "__main__":
    main()
