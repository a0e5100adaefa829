"""The ports that bootstrap hands to the risk package: used where a caller names none.

The specification calls `ExposureManager()` and `prevent_double_fire(…)` without a store or a
clock. Nothing registered means that nothing can be checked: callers then refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from snipersight.domain.decision import Check
from snipersight.domain.store import Clock, DecisionStore
from snipersight.risk.audit.query import AuditReader
from snipersight.risk.policy import RiskPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPorts:
    """What the risk package needs of the outside; all of it, so that half a set cannot exist.

    Args:
        account_id: whose budget.
        store: ledger, standing and audit.
        clock: microseconds UTC.
        policy: the limits in force.
        reader: of the audit; None where nothing sums it up.
    """

    account_id: str
    store: DecisionStore
    clock: Clock
    policy: RiskPolicy
    reader: AuditReader | None = None


# One slot, replaced whole: a reader in another thread sees the old set or the new one.
_REGISTERED: Final[dict[str, RiskPorts]] = {}
_SLOT: Final = "defaults"


def register(defaults: RiskPorts) -> None:
    """Use these ports from now on wherever a caller names none."""
    _REGISTERED[_SLOT] = defaults


def defaults() -> RiskPorts | None:
    """Return the registered ports; None while there are none."""
    return _REGISTERED.get(_SLOT)


def clear() -> None:
    """Forget the registered ports: callers that name none refuse again."""
    _REGISTERED.pop(_SLOT, None)


def ports_of(
    *,
    account_id: str | None = None,
    store: DecisionStore | None = None,
    clock: Clock | None = None,
    policy: RiskPolicy | None = None,
) -> RiskPorts | None:
    """Return the given ports, each missing one from the registered set.

    Returns:
        None if one is missing and nothing is registered: the caller refuses (`not_configured`).
    """
    known = defaults()
    if known is not None:
        return RiskPorts(
            account_id=known.account_id if account_id is None else account_id,
            store=known.store if store is None else store,
            clock=known.clock if clock is None else clock,
            policy=known.policy if policy is None else policy,
        )
    if account_id is None or store is None or clock is None or policy is None:
        return None
    return RiskPorts(account_id=account_id, store=store, clock=clock, policy=policy)


def not_configured() -> Check:
    """Return the refusal of a caller that has no ports."""
    return Check(
        code="not_configured",
        passed=False,
        sentence="no account, ledger or limits were registered, so nothing can be checked",
    )
