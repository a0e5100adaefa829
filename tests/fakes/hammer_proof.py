"""Holds a hammered store against its limits and against what every worker was told.

Nothing here asks the code that wrote the store, except to decode an entry: hashes are computed
again, the ledger is added up record by record.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, Row, select

from snipersight.domain.ledger import LedgerEntry
from snipersight.risk.audit.chain import NO_HASH, record_hash
from snipersight.risk.audit.codec import decode_entry
from snipersight.storage import ledger_rows
from snipersight.storage.database import connect_database
from snipersight.storage.schema import ACCOUNT as ACCOUNTS
from snipersight.storage.schema import AUDIT, LEDGER, QUEUE
from tests.fakes.hammer import Hammering
from tests.fakes.hammer_worker import ACCOUNT, BALANCE, DIRECT, POLICY, lines_of

_MOST_PROBLEMS: Final = 20


@dataclass(slots=True)
class Proof:
    """What was found.

    Args:
        problems: sentences; a good store has none.
        records: of the audit chain.
        reservations: that were taken.
        highest_risk: that was ever open, account currency.
        limit: it had to keep.
    """

    problems: list[str] = field(default_factory=list)
    records: int = 0
    reservations: int = 0
    highest_risk: Decimal = Decimal(0)
    limit: Decimal = BALANCE * POLICY.max_total

    def hold(self, claim: bool, problem: str) -> None:
        """Note a problem unless the claim is true; beyond the first twenty none is needed."""
        if not claim and len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)


def prove(url: str, told: Hammering) -> Proof:
    """Read the store once, on one consistent state, and return what is wrong with it."""
    proof = Proof()
    with connect_database(url) as database:
        database.read(lambda connection: _prove(connection, told, proof))
    return proof


def _prove(connection: Connection, told: Hammering, proof: Proof) -> None:
    account = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.account_id == ACCOUNT)).one()
    book = Book(proof)
    last_seq, last_hash = 0, NO_HASH
    for record in _records(connection):
        proof.hold(record.seq == last_seq + 1, f"record {record.seq} follows {last_seq}")
        proof.hold(record.prev_hash == last_hash, f"record {record.seq} is not linked")
        proof.hold(_hash(record) == record.hash, f"record {record.seq} was changed")
        last_seq, last_hash = record.seq, record.hash
        book.take(record.seq, record.kind, record.body)
    head = (account.head_seq, account.head_hash)
    proof.hold(head == (last_seq, last_hash), f"the head is {head}, the last record {last_seq}")
    proof.records = last_seq
    proof.reservations = len(book.reserved)
    rows = connection.execute(select(LEDGER).where(LEDGER.c.account_id == ACCOUNT))
    ledger = {entry.entry_id: entry for entry in ledger_rows._entries(rows)}
    proof.hold(ledger == book.entries, "the ledger is not what its records add up to")
    _hold_messages(connection, book, proof)
    _hold_journals(told, book, proof)


def _records(connection: Connection) -> Iterable[Row[*tuple[object, ...]]]:
    query = select(AUDIT).where(AUDIT.c.account_id == ACCOUNT).order_by(AUDIT.c.seq)
    return connection.execution_options(yield_per=500).execute(query)


def _hash(record: Row[*tuple[object, ...]]) -> str:
    names = ("account_id", "seq", "at_us", "kind", "subject", "actor", "body", "prev_hash")
    return record_hash(**{name: getattr(record, name) for name in names})


class Book:
    """The ledger as its records tell it, held to its limits after each of them.

    Attributes:
        entries: every entry as it was last.
        reserved: entries that a RESERVED record began.
        approved: reservations that a DECISION record names.
    """

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._live: dict[str, LedgerEntry] = {}
        self.entries: dict[str, LedgerEntry] = {}
        self.reserved: Counter[str] = Counter()
        self.approved: Counter[str] = Counter()

    def take(self, seq: int, kind: str, body: str) -> None:
        """Follow one record."""
        if kind == "decision":
            verdict = json.loads(body)
            if verdict["reserved"]:
                self.approved[verdict["sizes"]["reservation_id"]] += 1
        if '"entry":' not in body or kind == "decision":
            return
        entry = decode_entry(json.loads(body)["entry"])
        if kind == "reserved":
            self.reserved[entry.entry_id] += 1
            self._proof.hold(
                entry.entry_id not in self.entries, f"{entry.entry_id}: twice reserved"
            )
        else:
            self._proof.hold(
                entry.entry_id in self._live, f"{entry.entry_id}: {kind} after its end"
            )
        self.entries[entry.entry_id] = entry
        self._live.pop(entry.entry_id, None)
        if entry.state.is_live:
            self._live[entry.entry_id] = entry
        self._hold_limits(seq)

    def _hold_limits(self, seq: int) -> None:
        live = self._live.values()
        risk = sum((entry.amounts.risk for entry in live), Decimal(0))
        self._proof.highest_risk = max(self._proof.highest_risk, risk)
        self._proof.hold(risk <= self._proof.limit, f"record {seq}: {risk} is open")
        self._proof.hold(len(live) <= POLICY.max_positions, f"record {seq}: {len(live)} trades")
        for asset in {entry.underlying for entry in live}:
            held = sum(
                (entry.amounts.risk for entry in live if entry.underlying == asset), Decimal(0)
            )
            cap = BALANCE * POLICY.max_per_asset
            self._proof.hold(held <= cap, f"record {seq}: {held} is open in {asset}")
        setups = Counter(entry.setup_id for entry in live)
        self._proof.hold(max(setups.values(), default=0) <= 1, f"record {seq}: a setup twice")


def _hold_messages(connection: Connection, book: Book, proof: Proof) -> None:
    """Each one that the gate reserved has one verdict and one message, and nothing else has."""
    by_gate = {entry_id for entry_id in book.reserved if not entry_id.startswith(DIRECT)}
    proof.hold(by_gate == set(book.approved), "decisions and reservations do not match")
    proof.hold(set(book.reserved.values()) <= {1}, "an entry was reserved twice")
    keys = set(connection.execute(select(QUEUE.c.key)).scalars())
    keys -= {key for key in keys if key.startswith("update:")}  # of fills and closes
    wanted = {
        f"signal:{book.entries[entry_id].account_id}:{book.entries[entry_id].plan_id}"
        for entry_id in by_gate
    }
    proof.hold(
        keys == wanted, f"{len(wanted - keys)} messages are lost, {len(keys - wanted)} extra"
    )
    plans = Counter(entry.plan_id for entry in book.entries.values())
    proof.hold(max(plans.values(), default=0) <= 1, "a plan was reserved twice")


def _hold_journals(told: Hammering, book: Book, proof: Proof) -> None:
    """Whatever a worker was told is so in the ledger."""
    for journal in told.journals:
        for verb, name, *rest in _statements(lines_of(journal)):
            entry = book.entries.get(name)
            match verb:
                case "failed":
                    proof.hold(False, f"worker {name} failed: {' '.join(rest)}")
                case "held":
                    proof.hold(entry is not None, f"{name} was told and is lost")
                case "filled":
                    filled = entry is not None and entry.opened_us is not None
                    proof.hold(filled, f"{name} was filled and is not")
                case "closed" | "released":
                    gone = entry is not None and not entry.state.is_live
                    proof.hold(gone, f"{name} was {verb} and still counts")


def _statements(lines: list[list[str]]) -> Iterator[list[str]]:
    return (words for words in lines if len(words) > 1)
