"""Figures of the pure gate, with nautilus_trader's RiskEngine beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from benchmarks.harness import Figure, at_least, median, progress, seconds, spread, take_turns
from benchmarks.peers import Peer, PeerMissing, opened_peers
from benchmarks.risk_desk import POSITIONS, RESERVATIONS, Desk, a_desk
from snipersight.risk.exposure.book import ExposureBook
from snipersight.risk.gate import judge

DECISIONS_PER_S: Final = 10_000
PEER: Final = "nautilus_trader"
WORKER: Final = Path(__file__).with_name("risk_peer_worker.py")
# What the peer judges: one order of the size and price that our plans come to.
PEER_ORDER: Final = {"price": "42250.00", "size": "9.287000", "balance": "1000000"}
TURN_S: Final = 0.5
FAIRNESS: Final = (
    "The comparison is not of equals. nautilus_trader's RiskEngine judges one order, in compiled "
    "code: price and size against the market, its value against a largest one and the free "
    "balance (cash account, where it asks the most), the rate of orders. It knows no portfolio "
    "limits: nothing of risk at the stop, of one asset, of correlated clusters, of margin, of "
    "losses so far; it sizes nothing and records nothing. Ours sizes the plan in exact decimals, "
    f"asks every check beside {POSITIONS} positions and {RESERVATIONS} reservations, and keeps "
    "each answer with limit and measured value."
)


def gate_figures(scratch: Path, *, rounds: int) -> list[Figure]:
    """Return decisions per second of our gate and orders per second of the peer, in turns."""
    progress(f"gate, {rounds} turns beside {PEER}")
    order = scratch / "order.json"
    order.write_text(json.dumps(PEER_ORDER), encoding="utf-8")
    with opened_peers((PEER,), order, worker=WORKER) as (peers, missing):
        turns: dict[str, Callable[[], float]] = _our_turns()
        turns |= {peer.name: _peer_turn(peer) for peer in peers}
        found = take_turns(turns, rounds=rounds)
        told = [_peer_figure(found[peer.name], peer.version) for peer in peers]
    return [*_our_figures(found), *told, *map(_missing_figure, missing)]


def passing_desk() -> Desk:
    """Return a desk whose plans pass every check: the longest way through the gate.

    Raises:
        RuntimeError: one of them is refused, so something else would be measured.
    """
    desk = a_desk()
    book = ExposureBook.of(desk.entries)
    for plan in desk.plans:
        decision = judge(plan, desk.inputs(plan, book), desk.policy)
        if not decision:
            codes = [check.code for check in decision.checks if not check.passed]
            raise RuntimeError(f"{plan.symbol} is refused: {codes}")
    return desk


def _our_turns() -> dict[str, Callable[[], float]]:
    desk, full = passing_desk(), a_desk(max_positions=POSITIONS + RESERVATIONS)
    book = ExposureBook.of(desk.entries)

    def cpu() -> float:
        started, calls = time.process_time(), 0
        while (spent := time.process_time() - started) < TURN_S:
            _judge_all(desk, book)
            calls += 1
        return spent / (calls * len(desk.plans))

    return {
        "approved": _turn(desk, lambda: book),
        "cpu": cpu,
        "refused": _turn(full, lambda: book),
        "new book": lambda: (
            seconds(lambda: _judge_each_anew(desk), at_least_s=TURN_S) / len(desk.plans)
        ),
    }


def _turn(desk: Desk, book: Callable[[], ExposureBook]) -> Callable[[], float]:
    """Return a measurement: seconds of one decision, from the view of the ledger to the verdict."""
    return lambda: seconds(lambda: _judge_all(desk, book()), at_least_s=TURN_S) / len(desk.plans)


def _judge_all(desk: Desk, book: ExposureBook) -> None:
    for plan in desk.plans:
        judge(plan, desk.inputs(plan, book), desk.policy)


def _judge_each_anew(desk: Desk) -> None:
    for plan in desk.plans:
        judge(plan, desk.inputs(plan, ExposureBook.of(desk.entries)), desk.policy)


def _peer_turn(peer: Peer) -> Callable[[], float]:
    return lambda: peer.measure(at_least_s=TURN_S)


def _our_figures(found: Mapping[str, list[float]]) -> list[Figure]:
    held = f"{POSITIONS} positions, {RESERVATIONS} reservations"
    checks = len(_checks_asked())
    cpu = f"{1 / median(found['cpu']):,.0f}/s of CPU time"
    return [
        _speed(
            "gate_decisions",
            found["approved"],
            target=True,
            note=f"approvals, all {checks} checks passed, {held}, one core; {cpu}",
        ),
        _speed("gate_refusals", found["refused"], note=f"{held}: one position too many"),
        _speed(
            "gate_decisions_new_ledger",
            found["new book"],
            note=f"approvals, {held} added up again for each",
        ),
    ]


def _checks_asked() -> tuple[object, ...]:
    desk = a_desk()
    plan = desk.plans[0]
    return judge(plan, desk.inputs(plan, ExposureBook.of(desk.entries)), desk.policy).checks


def _speed(name: str, times: list[float], *, note: str, target: bool = False) -> Figure:
    speeds = [1 / each for each in times]
    return Figure(
        name=name,
        value=median(speeds),
        unit="decisions/s",
        target=at_least(DECISIONS_PER_S) if target else None,
        note=f"{note}; {spread(speeds)}",
    )


def _peer_figure(times: list[float], version: str) -> Figure:
    speeds = [1 / each for each in times]
    return Figure(
        name=f"{PEER}_orders",
        value=median(speeds),
        unit="orders/s",
        note=f"RiskEngine {version}, without any portfolio limit; {spread(speeds)}",
    )


def _missing_figure(gone: PeerMissing) -> Figure:
    return Figure(
        name=f"{gone.name}_orders", value=None, unit="orders/s", note=f"not measured: {gone.reason}"
    )
