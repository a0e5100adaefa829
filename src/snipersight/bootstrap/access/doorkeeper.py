"""Who is let in: what tokens and browsers are known is kept in memory and read again every moment.

A request costs no look into the store, wrong tokens cost none, and those who were let in stay in for
a while when the store is away: the page that says so is theirs, too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from snipersight.bootstrap.access.keys import digest_of, is_secret_of, token_id_of
from snipersight.domain.access import AccessRefused, Caller
from snipersight.domain.errors import StateUnavailable
from snipersight.storage import access_rows
from snipersight.storage.access_rows import StoredLogin, StoredToken

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.bootstrap.dashboard.store import DashboardStore

T = TypeVar("T")

FRESH_S: Final = 2.0  # a token that was revoked is refused this much later at most
_PATIENCE_S: Final = 1.0  # a store that takes longer is not waited for by everybody
_AGAIN_S: Final = 0.5  # whoever is not known may have been let in since the last look
GRACE_S: Final = 900.0  # those who are known stay in for so long while the store is away


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everybody who may come in, as the store said at one moment.

    Args:
        tokens: by their public ids.
        logins: of browsers, by the digests of their cookies.
        read_s: when, on a clock that only grows.
    """

    tokens: Mapping[str, StoredToken]
    logins: Mapping[str, StoredLogin]
    read_s: float


class Doorkeeper:
    """Tells who somebody is by what they show; belongs to one event loop.

    Args:
        store: where tokens are kept.
        clock_s: seconds that only grow.
        fresh_s: for how long what was read is taken for true.
    """

    def __init__(
        self,
        store: DashboardStore,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        fresh_s: float = FRESH_S,
    ) -> None:
        self._store: Final = store
        self._clock_s: Final = clock_s
        self._fresh_s: Final = fresh_s
        self._threads: Final = ThreadPoolExecutor(1, thread_name_prefix="doorkeeper")
        self._known: Known | None = None
        self._reading: asyncio.Task[None] | None = None
        self._not_before_s = 0.0

    async def by_token(self, shown: str) -> Caller | None:
        """Return whose token somebody shows; None: nobody's.

        Raises:
            StateUnavailable: it cannot be known, and was not known a while ago.
        """
        return await self._found(lambda known: self._holder(known, shown))

    async def by_cookie(self, shown: str) -> Caller | None:
        """Return who logged in with the browser that shows this; None: nobody.

        Raises:
            StateUnavailable: see `by_token`.
        """
        return await self._found(lambda known: self._visitor(known, shown))

    async def again(self, caller: Caller, *, cookie: str | None = None) -> None:
        """Make sure that somebody who was let in may stay.

        Args:
            caller: who was let in.
            cookie: of the browser that was; None: they show their token itself.

        Raises:
            AccessRefused: their token was revoked or has expired, or the browser was logged out.
            StateUnavailable: see `by_token`.
        """
        known = await self._look(older_than_s=self._fresh_s)
        self.still_valid(caller)
        if cookie is not None and self._visitor(known, cookie) is None:
            raise AccessRefused(
                f"a browser of {caller.name} was logged out", where="Cookie", next_step="log in"
            )

    def still_valid(self, caller: Caller) -> None:
        """Make sure, by what is known already, that somebody may stay.

        Raises:
            AccessRefused: their token was revoked or has expired.
        """
        known = self._known
        token = None if known is None else known.tokens.get(caller.token_id)
        if token is None or not token.is_valid(self._store.clock()):
            raise AccessRefused(
                f"the token {caller.name} is not valid any more",
                where="Authorization",
                next_step="log in with another one",
            )

    async def look_now(self) -> None:
        """Read who is known, now: somebody was just let in or shown out.

        Raises:
            StateUnavailable: it cannot be read.
        """
        self._not_before_s = 0.0
        await self._look(older_than_s=0.0)

    def close(self) -> None:
        """Let what is being read end; a second call does nothing."""
        self._threads.shutdown()

    async def _found(self, find: Callable[[Known], Caller | None]) -> Caller | None:
        found = find(await self._look(older_than_s=self._fresh_s))
        if found is not None:
            return found
        return find(await self._look(older_than_s=min(_AGAIN_S, self._fresh_s)))

    async def _look(self, *, older_than_s: float) -> Known:
        """Return who is known, read again if that is older; a slow store is not waited for long."""
        known, now_s = self._known, self._clock_s()
        if known is not None and now_s - known.read_s < older_than_s:
            return known
        if now_s >= self._not_before_s or known is None:
            await self._read(is_new=known is None)
        if self._known is None or self._clock_s() - self._known.read_s > GRACE_S:
            raise StateUnavailable(
                "nobody can be let in: the store cannot be read",
                where="store",
                next_step="it is tried again by itself",
            )
        return self._known

    async def _read(self, *, is_new: bool) -> None:
        task = self._reading
        if task is None:
            task = self._reading = asyncio.create_task(self._read_once())
            task.add_done_callback(self._forget_reading)
        try:
            await asyncio.wait_for(asyncio.shield(task), None if is_new else _PATIENCE_S)
        except (StateUnavailable, TimeoutError):
            if is_new:
                raise
            self._not_before_s = self._clock_s() + self._fresh_s

    def _forget_reading(self, task: asyncio.Task[None]) -> None:
        self._reading = None
        if not task.cancelled():
            task.exception()  # whoever waited has it; nobody may be waiting any more

    async def _read_once(self) -> None:
        began_s = self._clock_s()
        loop = asyncio.get_running_loop()
        tokens, logins = await loop.run_in_executor(self._threads, self._rows)
        self._known = Known(
            tokens={token.token_id: token for token in tokens},
            logins={login.digest: login for login in logins},
            read_s=began_s,
        )

    def _rows(self) -> tuple[tuple[StoredToken, ...], tuple[StoredLogin, ...]]:
        def read(
            connection: Connection,
        ) -> tuple[tuple[StoredToken, ...], tuple[StoredLogin, ...]]:
            logins = access_rows.all_logins(connection, now_us=self._store.clock())
            return access_rows.all_tokens(connection), logins

        return self._store.reading(lambda: self._store.database.read(read))

    def _holder(self, known: Known, shown: str) -> Caller | None:
        token = known.tokens.get(token_id_of(shown) or "")
        is_theirs = is_secret_of(shown, None if token is None else token.digest)
        return self._caller(token) if is_theirs else None

    def _visitor(self, known: Known, shown: str) -> Caller | None:
        login = known.logins.get(digest_of(shown))
        if login is None or login.expires_us <= self._store.clock():
            return None
        return self._caller(known.tokens.get(login.token_id))

    def _caller(self, token: StoredToken | None) -> Caller | None:
        if token is None or not token.is_valid(self._store.clock()):
            return None
        return Caller(name=token.name, scope=token.scope, token_id=token.token_id)
