"""The figures of notifications: `make bench-notify`; QUICK=1 shortens it to a minute.

The full form sends 10,000 messages within Telegram's real limits and takes about ten minutes.
Figures that miss their target are shown as such and do not change the exit code.
"""

from __future__ import annotations

import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness import Figure, at_most, is_quick, progress, publish
from benchmarks.machine import load_text
from benchmarks.notify_claims import claim_figures
from benchmarks.notify_plain import plain_figure
from benchmarks.notify_proof import Proof, prove
from benchmarks.notify_run import FAULT_SHARE, FULL, QUICK, Size, Told, run
from benchmarks.notify_wording import wording_figures

HOW = (
    f"Of every kind of fault {FAULT_SHARE:.0%} of the requests: delay, reset, dropped before and "
    "after delivery, 5xx as HTML before and after delivery, 429. The server counts its windows to "
    "the millisecond. A second sender waits for the lease and takes over."
)


def main() -> None:
    """Measure everything and print it."""
    load_before, quick = load_text(), is_quick()
    with tempfile.TemporaryDirectory(prefix="snipersight-bench-") as folder:
        figures = measure(Path(folder), QUICK if quick else FULL, is_short=quick)
    form = "short form" if quick else "full form"
    packages = f"python-telegram-bot {version('python-telegram-bot')}."
    notes = (HOW, packages)
    publish(f"SniperSight notifications, {form}", figures, load_before=load_before, notes=notes)


def measure(scratch: Path, size: Size, *, is_short: bool) -> list[Figure]:
    """Return every figure.

    Args:
        scratch: folder for everything temporary.
        size: of the fault run.
        is_short: fewer of everything else, too.
    """
    wording = wording_figures(rounds=5 if is_short else 9)
    claims = [] if is_short else claim_figures(scratch)
    plain = plain_figure(100 if is_short else 500)
    progress(f"{size.messages:,} messages to 50 chats, and a killer")
    told = run(f"sqlite:///{scratch / 'outbox.db'}", size)
    return [*fault_figures(told, prove(told), size), plain, *claims, *wording]


def fault_figures(told: Told, proof: Proof, size: Size) -> list[Figure]:
    """Return what a fault run came to."""
    sent = f"{size.messages:,} in {told.seconds:.0f} s by {proof.attempts:,} requests"
    busiest = told.report["busiest"]
    return [
        _count("lost", proof.lost, f"of {sent}; {proof.kills} senders killed"),
        _count(
            "over_limit",
            proof.over_limit,
            f"as counted by the server; at most {busiest['overall_per_s']} in any second, "
            f"{busiest['group_per_min']} in any minute of a group",
        ),
        _count("out_of_order", proof.out_of_order, "by their first arrival in each chat"),
        _count(
            "doubled",
            proof.doubled,
            f"{proof.cut_off} arrived without an answer, {proof.kills} senders killed",
            limit=proof.cut_off + proof.kills,
        ),
        _count("doubled_unmarked", proof.unmarked, "not marked as ambiguous in the outbox"),
        Figure(
            name="messages_per_s",
            value=size.messages / told.seconds,
            unit="1/s",
            note="killed senders' leases and repeated messages included",
        ),
    ]


def _count(name: str, value: int, note: str, *, limit: int = 0) -> Figure:
    return Figure(
        name=f"notify_{name}", value=value, unit="messages", target=at_most(limit), note=note
    )


if __name__ == "__main__":
    main()
