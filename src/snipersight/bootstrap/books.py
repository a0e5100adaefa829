"""The account of a command: its store open, its limits registered, its balance up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Self

from snipersight.bootstrap.account_names import MAIN
from snipersight.bootstrap.accounts import own_settings
from snipersight.bootstrap.operations import balance_difference, follow_balance
from snipersight.bootstrap.preview import PreviewStore
from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.signing import sign_audit
from snipersight.bootstrap.store import Store, open_store
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.profile import Profile
from snipersight.domain.store import Clock
from snipersight.risk import registry
from snipersight.risk.registry import RiskPorts
from snipersight.storage.audit_log import AuditLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """An open account; a context manager that closes it.

    Args:
        settings: what it was opened by, with the account's own limits.
        store: everything durable.
        ports: what the risk package needs, registered as its defaults.
        moved: what a change of DEFAULT_ACCOUNT_BALANCE paid in (above 0) or out; 0 as a rule.
        unfollowed: what it would have, where this command does not follow it.
    """

    settings: Settings
    store: Store
    ports: RiskPorts
    moved: Decimal
    unfollowed: Decimal = Decimal(0)

    def sign(self, *, warn: Callable[[str], object] | None = None) -> StateUnavailable | None:
        """Sign the audit up to its end and keep its head outside; return what kept it from that.

        A verdict stands without it: what is unsigned is signed by the next command that can.

        Args:
            warn: told that the head kept outside was gone.
        """
        try:
            sign_audit(
                self.settings,
                self.store.database,
                at_us=self.store.clock(),
                accounts=(self.ports.account_id,),
                warn=warn,
            )
        except StateUnavailable as error:
            return error
        return None

    def close(self) -> None:
        """Forget the registered ports and close the store; a second call does nothing."""
        if registry.defaults() is self.ports:
            registry.clear()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_books(
    settings: Settings,
    *,
    account_id: str | None = MAIN,
    profile: Profile | None = None,
    clock: Clock | None = None,
    is_sandbox_time: bool = False,
    is_preview: bool = False,
    follows_balance: bool = True,
) -> Books:
    """Open an account, which is created when it is first needed; the caller closes it.

    Args:
        settings: which store, which limits, which balance.
        account_id: which account; None: `main` where it exists, else `practice`.
        profile: whose rules count beside them; None where no plan is judged.
        clock: microseconds UTC; the system's if not given.
        is_sandbox_time: the clock is that of a sandbox: outbox and queues go by it, too.
        is_preview: work on a copy of the account: nothing is recorded, a changed balance neither.
        follows_balance: record a changed DEFAULT_ACCOUNT_BALANCE; False: only tell of it, so that
            no edit of the settings keeps anybody from reading or stopping the account.

    Raises:
        ConfigInvalid: settings and profile contradict each other, the account is kept in another
            currency, or a balance that is followed takes out more than there is.
        StateUnavailable: the store cannot be used.
    """
    store = open_store(
        settings, account_id=account_id, clock=clock, is_sandbox_time=is_sandbox_time
    )
    try:
        settings = own_settings(settings, store.account_id)
        policy = build_policy(settings, profile)
        ports = RiskPorts(
            account_id=store.account_id,
            store=PreviewStore(store.decisions) if is_preview else store.decisions,
            clock=store.clock,
            policy=policy,
            reader=AuditLog(store.database),
        )
        configured = settings.default_account_balance
        moved = follow_balance(ports, configured) if follows_balance else Decimal(0)
        unfollowed = Decimal(0) if follows_balance else balance_difference(ports, configured)
    except BaseException:
        store.close()
        raise
    registry.register(ports)
    return Books(settings=settings, store=store, ports=ports, moved=moved, unfollowed=unfollowed)
