"""Browsers let in and shown out, with a token or with a link from the terminal; all of it audited."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.access.keys import digest_of, is_secret_of, new_key
from snipersight.bootstrap.access.tokens import make_token
from snipersight.bootstrap.dashboard.present import present_of
from snipersight.bootstrap.operating.records import in_transaction
from snipersight.bot.telemetry.masking import register_secrets
from snipersight.domain.access import Caller, Scope
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.storage import access_rows
from snipersight.storage.access_rows import StoredLogin

if TYPE_CHECKING:
    from snipersight.bootstrap.access.doorkeeper import Doorkeeper
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.domain.store import UnitOfWork

LOGIN_US: Final = 7 * 24 * 3_600_000_000
_LINK_S: Final = 600.0
_LINK_TOKEN_US: Final = 12 * 3_600_000_000
_LINKS: Final = 8  # that wait at the same time; an older one is good no more
TERMINAL: Final = "terminal"  # who lets in those who come with a link


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A browser that was let in.

    Args:
        cookie: what it shows from now on; a secret.
        caller: whose browser it is.
        for_s: after how many seconds it has to log in again.
    """

    cookie: str = field(repr=False)
    caller: Caller
    for_s: int


class Links:
    """Links that let in whoever opens one first, for some minutes; they live in this process alone.

    Whoever reads this process's terminal may do everything from there anyway.

    Args:
        clock_s: seconds that only grow.
    """

    def __init__(self, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s: Final = clock_s
        self._waiting: dict[str, float] = {}  # digests, and until when

    def make(self) -> str:
        """Return the secret of a new link."""
        code = new_key()
        register_secrets([code])
        kept = list(self._waiting.items())[-(_LINKS - 1) :]
        self._waiting = {**dict(kept), digest_of(code): self._clock_s() + _LINK_S}
        return code

    def take(self, code: str) -> bool:
        """Return whether a secret is good, and let it be good no more."""
        digest = next((one for one in self._waiting if is_secret_of(code, one)), None)
        return digest is not None and self._clock_s() < self._waiting.pop(digest)


class Logins:
    """Lets browsers in and shows them out.

    Args:
        store: where logins are kept.
        doorkeeper: knows tokens; told of every change.
        links: of this process.
    """

    def __init__(self, store: DashboardStore, doorkeeper: Doorkeeper, links: Links) -> None:
        self._store: Final = store
        self._doorkeeper: Final = doorkeeper
        self._links: Final = links

    async def with_token(self, shown: str) -> Login | None:
        """Let a browser in whose user shows a token; None: it is nobody's, or not valid.

        Raises:
            StateUnavailable: it cannot be known or stored.
        """
        await self._doorkeeper.look_now()  # it may have been made a moment ago
        caller = await self._doorkeeper.by_token(shown)
        return None if caller is None else await self._let_in(caller)

    async def with_link(self, code: str) -> Login | None:
        """Let a browser in that opens a link of the terminal; None: it is no such link any more.

        It gets a token of its own, which `token revoke` takes away like every other.

        Raises:
            StateUnavailable: it cannot be stored; the link is used up.
        """
        if not self._links.take(code):
            return None
        caller = await asyncio.to_thread(self._store.reading, self._token_of_terminal)
        await self._doorkeeper.look_now()
        return await self._let_in(caller)

    async def out(self, cookie: str, caller: Caller | None) -> None:
        """Show a browser out; one that was not let in stays where it is.

        Raises:
            StateUnavailable: it could not be stored; the browser is still let in.
        """
        digest = digest_of(cookie)

        def work(unit: UnitOfWork) -> None:
            if in_transaction(unit, lambda link: access_rows.end_login(link, digest)):
                _record(unit, caller, "log out", at_us=self._present_us(unit))

        await asyncio.to_thread(self._transact, work)
        await self._doorkeeper.look_now()

    async def _let_in(self, caller: Caller) -> Login:
        cookie, now_us = new_key(), self._store.clock()
        login = StoredLogin(
            digest=digest_of(cookie), token_id=caller.token_id, expires_us=now_us + LOGIN_US
        )

        def work(unit: UnitOfWork) -> None:
            in_transaction(unit, lambda link: access_rows.add_login(link, login, at_us=now_us))
            _record(unit, caller, "log in", at_us=self._present_us(unit))

        await asyncio.to_thread(self._transact, work)
        await self._doorkeeper.look_now()
        return Login(cookie=cookie, caller=caller, for_s=LOGIN_US // 1_000_000)

    def _present_us(self, unit: UnitOfWork) -> int:
        # By the account's time: our own would lead a rehearsal to believe that its clock ran back.
        system_us = self._store.clock()
        return present_of(self._store.database, unit.account, system_us=system_us).us

    def _transact(self, work: Callable[[UnitOfWork], None]) -> None:
        def written() -> None:
            books = self._books()
            books.store.decisions.transact(books.ports.account_id, work)

        self._store.reading(written)

    def _token_of_terminal(self) -> Caller:
        name = f"{TERMINAL}-{secrets.token_hex(3)}"
        made = make_token(
            self._books(),
            name,
            Scope.ADMIN,
            for_us=_LINK_TOKEN_US,
            actor=TERMINAL,
            clock=self._store.clock,
        ).stored
        return Caller(name=made.name, scope=made.scope, token_id=made.token_id)

    def _books(self) -> Books:
        return self._store.books(None)


def _record(unit: UnitOfWork, caller: Caller | None, what: str, *, at_us: int) -> None:
    unit.append(
        AuditDraft(
            kind=AuditKind.OPERATOR,
            subject="" if caller is None else caller.name,
            actor="dashboard" if caller is None else caller.actor,
            at_us=at_us,
            body={"command": what},
        )
    )
