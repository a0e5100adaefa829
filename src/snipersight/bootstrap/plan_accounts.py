"""Which account a plan belongs to: whoever names a plan need not name its account."""

from __future__ import annotations

from itertools import islice
from typing import Final

from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.store import Store, open_store
from snipersight.domain.audit import AuditKind
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.ledger import EntryId
from snipersight.domain.plan import PlanId
from snipersight.risk.audit.query import AuditQuery
from snipersight.storage.audit_log import AuditLog

SEARCHED: Final = 5_000  # newest verdicts that the beginning of an id is looked for in
SHORTEST: Final = 6  # letters of an id that may stand for it


def account_of_plan(settings: Settings, name: str) -> str | None:
    """Return the one account that knows a plan or entry by this name; None if none does.

    A whole id wins over the beginning of another, and what is held over what was only judged.

    Args:
        settings: which store.
        name: plan id or entry id, whole or its beginning.

    Raises:
        ConfigInvalid: several accounts know it.
        StateUnavailable: the store cannot be read.
    """
    with open_store(settings, account_id=None) as store:
        accounts = [row.account_id for row in store.decisions.accounts()]
        for known in (_holds, _judged, _holds_beginning, _judged_beginning):
            found = [account_id for account_id in accounts if known(store, account_id, name)]
            if len(found) > 1:
                raise ConfigInvalid(
                    f"the accounts {' and '.join(found)} both know {name}",
                    where="PLAN_ID",
                    next_step=f"say which one is meant: --account {found[0]}",
                )
            if found:
                return found[0]
    return None


def _holds(store: Store, account_id: str, name: str) -> bool:
    """Return whether the ledger has it, live or ended."""
    return store.decisions.view(
        account_id,
        lambda unit: (
            bool(unit.entries_of_plan(PlanId(name))) or unit.entry(EntryId(name)) is not None
        ),
    )


def _judged(store: Store, account_id: str, name: str) -> bool:
    return name in _subjects(store, account_id, name)


def _holds_beginning(store: Store, account_id: str, name: str) -> bool:
    if len(name) < SHORTEST:
        return False
    live = store.decisions.view(account_id, lambda unit: unit.live_entries())
    return any(
        str(one.plan_id or "").startswith(name) or one.entry_id.startswith(name) for one in live
    )


def _judged_beginning(store: Store, account_id: str, name: str) -> bool:
    return len(name) >= SHORTEST and bool(_subjects(store, account_id, name))


def _subjects(store: Store, account_id: str, name: str) -> set[str]:
    query = AuditQuery(kinds=(AuditKind.DECISION.value,), subject=name)
    records = AuditLog(store.database).records(account_id, query, newest_first=True)
    return {record.subject for record in islice(records, SEARCHED)}
