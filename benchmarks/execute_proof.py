"""What a campaign proves: our books beside the venues', order by order and unit by unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from benchmarks.execute_campaign import Told
from benchmarks.execute_server import BALANCE, is_life
from benchmarks.execute_worker import account_id
from snipersight.bot.executor.client_ids import is_ours, parse_client_id
from snipersight.domain.execution import Leg
from snipersight.domain.orders import OrderStatus
from snipersight.domain.store import UnitOfWork
from snipersight.storage.database import connect_database
from snipersight.storage.decision_store import SqlDecisionStore

DEADLINE_S: Final = 10.0
_MANY: Final = 1_000_000
_ZERO: Final = Decimal(0)
_LAST_DIGITS: Final = Decimal("0.000001")  # averages are rounded in the last of 28 digits


@dataclass(slots=True, kw_only=True)
class Proof:
    """What was found; zero everywhere is what is promised.

    Args:
        lives: orders of ours that a venue took and that came to their end.
        doubled: entries that were executed beyond what was approved, or twice for one slice.
        orphans: orders of ours that lie open at a venue though nothing is live.
        naked: spans longer than the deadline without a stop, over the executors' uptime.
        ledger: accounts whose books differ from the venue's in a fill, a size or money.
        journal: accounts whose postings do not sum to their wallet to the last digit.
        longest_s: longest span without a stop over the uptime; `downtime_s`: with downtime.
        told: what differs, one sentence each.
    """

    lives: int = 0
    doubled: int = 0
    orphans: int = 0
    naked: int = 0
    ledger: int = 0
    journal: int = 0
    longest_s: float = 0.0
    downtime_s: float = 0.0
    by_venue: dict[str, float] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


def prove(told: Told) -> Proof:
    """Compare everything."""
    proof = Proof()
    note_spans(told.truth["naked"], told.ups, proof)
    with connect_database(told.url) as database:
        store = SqlDecisionStore(database, clock=lambda: 0)
        for venue, accounts in told.truth["accounts"].items():
            for number, truth in enumerate(accounts.values()):
                name = account_id(venue, number)
                store.view(name, lambda unit, t=truth: compare(unit, t, proof))  # type: ignore[misc]
    return proof


def note_spans(
    naked: Iterable[Sequence[Any]], ups: Mapping[str, Sequence[tuple[float, float]]], proof: Proof
) -> None:
    """Take in how long positions lay without a stop.

    Args:
        naked: venue, account, symbol, begin and end of each span, epoch seconds.
        ups: by venue, when an executor was up, epoch seconds.
        proof: takes what was too long.
    """
    for venue, account, symbol, begin, end in naked:
        up_s = sum(max(0.0, min(end, to) - max(begin, since)) for since, to in ups[venue])
        down_s = end - begin - up_s
        proof.longest_s = max(proof.longest_s, up_s)
        proof.downtime_s = max(proof.downtime_s, down_s)
        proof.by_venue[venue] = max(proof.by_venue.get(venue, 0.0), down_s)
        if up_s > DEADLINE_S:
            proof.naked += 1
            proof.told.append(f"{venue} {account} {symbol} had no stop for {up_s:.1f} s")


def compare(unit: UnitOfWork, truth: dict[str, Any], proof: Proof) -> None:
    """Compare an account that holds nothing any more with what its venue says of it.

    Args:
        unit: of our store.
        truth: what the venue's side answered.
        proof: takes what differs.
    """
    name = unit.account.account_id
    trades = unit.book.trades(limit=_MANY)
    entered: defaultdict[str, Decimal] = defaultdict(Decimal)
    slices: Counter[tuple[str, int]] = Counter()
    known = {one.client_id: one for trade in trades for one in unit.book.intents(trade.trade_id)}
    proof.lives += order_lives(truth["orders"])
    for order in truth["orders"]:
        _order(order, known, entered, slices, proof, name)
    for trade in trades:
        if entered[trade.trade_id] > trade.size:
            proof.doubled += 1
            proof.told.append(f"{name} {trade.trade_id}: {entered[trade.trade_id]} of {trade.size}")
    for key, count in slices.items():
        if count > 1:
            proof.doubled += 1
            proof.told.append(f"{name} {key}: executed by {count} orders")
    _books(unit, truth, proof)
    _journal(name, truth, proof)


def order_lives(orders: list[dict[str, Any]]) -> int:
    """Return how many orders of ours a venue took that came to their end, each id once."""
    lived = (one for one in orders if is_life(one["client_id"], OrderStatus(one["status"])))
    return len({one["client_id"] for one in lived})


def _order(
    order: dict[str, Any],
    known: dict[Any, Any],
    entered: defaultdict[str, Decimal],
    slices: Counter[tuple[str, int]],
    proof: Proof,
    name: str,
) -> None:
    client_id, filled = order["client_id"], Decimal(order["filled"])
    if order["open"] and is_ours(client_id):
        proof.orphans += 1
        proof.told.append(f"{name} {order['symbol']}: {client_id} lies open")
    intent, parts = known.get(client_id), parse_client_id(client_id)
    if parts is None or parts.leg is not Leg.ENTRY or filled == 0:
        return
    if intent is None:
        proof.doubled += 1
        proof.told.append(f"{name}: {client_id} was executed and is in no book")
        return
    entered[intent.trade_id] += filled
    slices[intent.trade_id, intent.index] += 1


def _books(unit: UnitOfWork, truth: dict[str, Any], proof: Proof) -> None:
    name = unit.account.account_id
    differences = [
        f"{one.symbol} {one.state} holds {one.open_size}, {one.pending_size} pending"
        for one in unit.live_entries()
    ]
    differences += [f"venue holds {size} {where}" for where, size in truth["positions"].items()]
    ours = unit.account.standing.balance
    theirs = Decimal(truth["equity"])
    dust = _dust(truth)
    if abs(ours - theirs) > _LAST_DIGITS + dust:
        differences.append(f"balance {ours}, the venue's {theirs}, with dust {dust}")
    if differences:
        proof.ledger += 1
        proof.told += [f"{name}: {text}" for text in differences]


def _dust(truth: dict[str, Any]) -> Decimal:
    """Return the value of what no order could sell: written off by us, still there at the venue."""
    return sum(
        (
            Decimal(total) * Decimal(truth["last"].get(f"{currency}/USDT", "0"))
            for currency, total in truth["wallet"].items()
            if currency != "USDT"
        ),
        _ZERO,
    )


def _journal(name: str, truth: dict[str, Any], proof: Proof) -> None:
    posted = {currency: Decimal(total) for currency, total in truth["journal"].items()}
    for currency, total in truth["wallet"].items():
        if posted.get(currency, _ZERO) != Decimal(total) and not truth["positions"]:
            proof.journal += 1
            proof.told.append(f"{name}: postings {posted.get(currency)} {currency}, wallet {total}")


def equity_change(told: Told) -> Decimal:
    """Return what all accounts together won or lost, USDT."""
    return sum(
        (
            Decimal(truth["equity"]) - BALANCE
            for accounts in told.truth["accounts"].values()
            for truth in accounts.values()
        ),
        _ZERO,
    )
