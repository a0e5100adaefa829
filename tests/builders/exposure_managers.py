"""Exposure managers on a store in memory, and what became of it."""

import json
from typing import Any

from snipersight.domain.audit import AuditRecord
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import DecisionStore
from snipersight.risk.audit.codec import decode_entry
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.policy import RiskPolicy
from tests.builders.ledger import DECIDED_AT_US, a_policy
from tests.fakes.memory_store import MemoryDecisionStore

NOW = DECIDED_AT_US
HOUR_US = 3_600_000_000
FIRST = EntryId("entry-1")  # what `an_entry` is called


def a_manager(
    store: DecisionStore, *, policy: RiskPolicy | None = None, now_us: int = NOW
) -> ExposureManager:
    """Return the manager of the account `main`, at a moment."""
    return ExposureManager(
        account_id="main", store=store, clock=lambda: now_us, policy=policy or a_policy()
    )


def kinds(store: MemoryDecisionStore) -> list[str]:
    """Return what was recorded, oldest first."""
    return [record.kind for record in store.records("main")]


def bodies(store: MemoryDecisionStore) -> list[dict[str, Any]]:
    """Return the bodies of what was recorded, oldest first."""
    return [json.loads(record.body) for record in store.records("main")]


def alerts(store: MemoryDecisionStore) -> list[str]:
    """Return the keys of the breakers that were told of, oldest first, without their times."""
    return [
        draft.key.rsplit(":", 1)[0] for draft in store.queue if draft.payload["kind"] == "breaker"
    ]


def standing_of(store: DecisionStore) -> AccountStanding:
    """Return where the account stands."""
    return store.view("main", lambda unit: unit.account.standing)


def entry_of(store: DecisionStore, entry_id: EntryId = FIRST) -> LedgerEntry:
    """Return an entry that the ledger holds."""
    entry = store.view("main", lambda unit: unit.entry(entry_id))
    assert entry is not None
    return entry


def rebuilt(chain: tuple[AuditRecord, ...]) -> dict[EntryId, LedgerEntry]:
    """Return the ledger that the records tell of: the last word on each entry."""
    ledger = {}
    for record in chain:
        body = json.loads(record.body)
        if "entry" in body:
            entry = decode_entry(body["entry"])
            ledger[entry.entry_id] = entry
    return ledger
