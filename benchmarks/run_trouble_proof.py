"""What a day among faults proves: what was told, what was done, and our books beside the venue's."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from benchmarks.execute_proof import Proof, compare, note_spans
from benchmarks.notify_proof import AFTER_DELIVERY
from benchmarks.run_servers import HELD_BY, VENUE
from benchmarks.run_trouble import Lived
from snipersight.domain.candles import utc_text
from snipersight.domain.store import UnitOfWork
from snipersight.storage.database import connect_database
from snipersight.storage.decision_store import SqlDecisionStore

ACCOUNT: Final = "main"
_BAR_MS: Final = 300_000
_MANY: Final = 1_000_000
_ENDS: Final = ("closed", "missed", "invalidated", "expired")
_ZERO: Final = Decimal(0)


@dataclass(slots=True, kw_only=True)
class DayProof:
    """What was found of one day.

    Args:
        signals: that the gate approved.
        pressed: of them, those whose Approve was pressed.
        opened, closed: trades that got a fill, and those of them that are over.
        exchange_faults, telegram_faults: that befell something.
        closes: that were looked at.
        untold: signals of which no message came.
        unanswered: presses of which nobody was told what became.
        unfinished: signals and trades that are over, and nobody was told.
        skipped: closes that nobody looked at.
        twice: messages that came again though Telegram had answered for them.
        lost: messages that are stored as delivered and never came.
        naked, doubled, orphans: as in the proof of the campaign.
        ledger: differences between our books and the venue's account.
        longest_s: longest time a position lay without a stop.
        told: what is wrong, one sentence each.
    """

    signals: int = 0
    pressed: int = 0
    opened: int = 0
    closed: int = 0
    exchange_faults: int = 0
    telegram_faults: int = 0
    closes: int = 0
    untold: int = 0
    unanswered: int = 0
    unfinished: int = 0
    skipped: int = 0
    twice: int = 0
    lost: int = 0
    naked: int = 0
    doubled: int = 0
    orphans: int = 0
    ledger: int = 0
    longest_s: float = 0.0
    told: list[str] = field(default_factory=list)

    @property
    def broken(self) -> dict[str, int]:
        """Return what should be zero and is not."""
        counts = {name: getattr(self, name) for name in LAWS}
        return {name: count for name, count in counts.items() if count}


LAWS: Final = (
    "untold",
    "unanswered",
    "unfinished",
    "skipped",
    "twice",
    "lost",
    "naked",
    "doubled",
    "orphans",
    "ledger",
)


def prove_day(lived: Lived) -> DayProof:
    """Hold what was seen against what was stored."""
    proof = DayProof(
        pressed=len(lived.pressed),
        exchange_faults=sum(lived.exchange["faults"].values()),
        telegram_faults=sum(lived.telegram["faults"].values()),
    )
    _messages(lived, proof)
    _signals(lived, proof)
    _closes(lived, proof)
    _trades(lived, proof)
    return proof


def _messages(lived: Lived, proof: DayProof) -> None:
    """Count what came again and what never came, by text: every message says another thing."""
    copies: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for message in lived.telegram["messages"]:
        if not message["is_users"]:
            copies[message["text"].strip()].append(message)
    stored = Counter(text for _key, text in _delivered(lived.home))
    for text, arrived in copies.items():
        meant = stored.get(text, 1)
        excused = sum(message["fault"] in AFTER_DELIVERY for message in arrived)
        if (more := len(arrived) - meant - excused) > 0:
            proof.twice += more
            proof.told.append(f"{len(arrived)} times instead of {meant}: {text[:80]!r}")
    for text, meant in stored.items():
        if (fewer := meant - len(copies.get(text, ()))) > 0:
            proof.lost += fewer
            proof.told.append(f"never came: {text[:80]!r}")


def _signals(lived: Lived, proof: DayProof) -> None:
    keys = {key for key, _text in _delivered(lived.home)}
    approved, over = _judged(lived.home, until_ms=lived.trouble.ends_ms)
    proof.signals = len(approved)
    for plan_id in sorted(approved):
        if not any(key.startswith(f"signal:{ACCOUNT}:{plan_id}|") for key in keys):
            proof.untold += 1
            proof.told.append(f"the signal {plan_id} was not told")
    for plan_id in lived.pressed:
        if not any(key.startswith(f"update:{ACCOUNT}:{plan_id}:decided:") for key in keys):
            proof.unanswered += 1
            proof.told.append(f"nobody was told what became of the press on {plan_id}")
    for plan_id in sorted(approved & over):
        ends = [f"update:{ACCOUNT}:{plan_id}:{end}" for end in _ENDS]
        if not any(key.startswith(end) for key in keys for end in ends):
            proof.unfinished += 1
            proof.told.append(f"the signal {plan_id} is over, and nobody was told")


def _closes(lived: Lived, proof: DayProof) -> None:
    """Count the closes between the first look and the last one that nobody looked at."""
    with _reading(lived.home / "telemetry.db") as connection:
        found = connection.execute(
            "SELECT DISTINCT at_ms FROM scan_count WHERE at_ms >= ?", [lived.trouble.begins_ms]
        ).fetchall()
    looked = sorted({int(at_ms) // _BAR_MS for (at_ms,) in found})
    proof.closes = len(looked)
    if not looked:
        proof.skipped += 1
        proof.told.append("nothing was looked at")
        return
    missing = sorted(set(range(looked[0], looked[-1])) - set(looked))
    first_ms = looked[0] * _BAR_MS
    late = [one for one in missing if lived.has_settled(one * _BAR_MS, first_ms=first_ms)]
    proof.skipped += len(late)
    proof.told += [f"no look at the close of {utc_text(number * _BAR_MS)}" for number in late]


def _trades(lived: Lived, proof: DayProof) -> None:
    truth = lived.truth["accounts"][VENUE][HELD_BY]
    books = Proof()
    note_spans(lived.truth["naked"], {VENUE: lived.ups}, books)
    with connect_database(f"sqlite:///{lived.home / 'snipersight.db'}") as database:
        store = SqlDecisionStore(database, clock=lambda: 0)
        store.view(ACCOUNT, lambda unit: compare(unit, truth, books))
        differences = store.view(ACCOUNT, lambda unit: _paid(unit, truth))
        trades = store.view(ACCOUNT, lambda unit: unit.book.trades(limit=_MANY))
    proof.opened = sum(trade.opened_us is not None for trade in trades)
    proof.closed = sum(trade.opened_us is not None and not trade.state.is_live for trade in trades)
    proof.naked, proof.doubled, proof.orphans = books.naked, books.doubled, books.orphans
    proof.ledger = books.ledger + books.journal + len(differences)
    proof.longest_s = books.longest_s
    proof.told += [*books.told, *differences]


def _paid(unit: UnitOfWork, truth: Mapping[str, Any]) -> list[str]:
    """Return where fees and funding differ from what the venue's journal says."""
    trades = unit.book.trades(limit=_MANY)
    fees = sum((one.fill.fee for t in trades for one in unit.book.fills(t.trade_id)), _ZERO)
    got = sum((one.amount for t in trades for one in unit.book.funding(t.trade_id)), _ZERO)
    ours = {"fees": fees, "funding": -got}
    return [
        f"{what} {paid} by our books, {truth['paid'][what]} by the venue's"
        for what, paid in ours.items()
        if paid != Decimal(truth["paid"][what])
    ]


def _delivered(home: Path) -> list[tuple[str, str]]:
    """Return key and text of every message that is stored as delivered."""
    query = "SELECT key, payload FROM queue WHERE topic = 'delivery' AND state = 'done'"
    with _reading(home / "snipersight.db") as connection:
        rows = connection.execute(query).fetchall()
    return [(key, _text(json.loads(payload)["body"])) for key, payload in rows]


def _text(body: Mapping[str, Any]) -> str:
    return str(body.get("text") or body.get("caption") or "").strip()


def _judged(home: Path, *, until_ms: int) -> tuple[set[str], set[str]]:
    """Return the plans that were approved, and those of all that were over by the candles.

    While everything is closed at the end, time goes on: what comes then is cut off by the end.
    """
    query = """
        SELECT s.plan_id, s.is_approved,
            CASE WHEN coalesce(o.ended_ms, o.resolution_ms, o.followed_to_ms) <= ? THEN o.status END
        FROM signal s LEFT JOIN outcome o ON o.key = s.key AND o.kind = 'modelled'
        WHERE s.decided_ms <= ?
    """
    with _reading(home / "telemetry.db") as connection:
        rows = connection.execute(query, [until_ms, until_ms]).fetchall()
    approved = {plan_id for plan_id, is_approved, _status in rows if is_approved}
    return approved, {plan_id for plan_id, _is_approved, status in rows if status in _ENDS}


@contextmanager
def _reading(place: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=30)
    with closing(connection):
        yield connection
