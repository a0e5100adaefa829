"""Asking a venue and changing something there: paced, once, and understood."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from snipersight.domain.errors import (
    DataInvalid,
    SniperSightError,
    VenueStopped,
    VenueUnavailable,
)
from snipersight.domain.venue import Problem, ProblemClass, Reason
from snipersight.market.venues.client import Reply, VenueClient
from snipersight.market.venues.clock import VenueTime
from snipersight.market.venues.pace import Pace
from snipersight.market.venues.problems.classify import classify, classify_lost, is_success

_ATTEMPTS: Final = 3
_PAUSE_S: Final = 0.2
# Codes that mean: the time in the request was wrong.
_CLOCK_CODES: Final = frozenset({"-1021", "-5028", "10002", "-1"})


class NotThere(DataInvalid):
    """What was asked about does not exist at the venue."""


class VenueCalls:
    """Requests of one account.

    Args:
        venue: short name, for messages and tables.
        client: sends them.
        pace: keeps the venue's limits.
        time: of the venue, compared before what is signed.
        ask_time: the call that returns the venue's time, milliseconds UTC.
        secrets: texts that must not stand in a message.
        sleep: waits for seconds between two tries of a question.
    """

    def __init__(
        self,
        venue: str,
        *,
        client: VenueClient,
        pace: Pace,
        time: VenueTime,
        ask_time: Callable[[], Awaitable[int]],
        secrets: tuple[str, ...],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._venue = venue
        self._client = client
        self._pace = pace
        self._time = time
        self._ask_time = ask_time
        self._secrets = tuple(secret for secret in secrets if secret)
        self._sleep = sleep

    async def change(self, method: str, params: Mapping[str, object]) -> tuple[Problem | None, Any]:
        """Send a request that changes something, exactly once and without asking anything before.

        Where the venue limits our rate for a moment, it leaves as soon as that is over.

        Returns:
            What is wrong, None if the venue took it; and its answer read as JSON, None without.
        """
        await self._pace.wait_out_limit()
        if (turned_away := self._turned_away()) is not None:
            return turned_away, None
        await self._pace.turn_of_change(method)
        reply = await self._client.call(method, params)
        problem = self._understood(reply)
        if problem is not None and problem.code in _CLOCK_CODES:
            await self._set_clock()
        return problem, reply.payload

    async def _set_clock(self) -> None:
        """Compare the clocks at once: what was turned away for its time is soon asked again."""
        try:
            await self._time.compare(self._ask_time)
        except SniperSightError:
            self._time.doubt()  # the next question compares them

    async def ask(
        self, method: str, params: Mapping[str, object], *, is_signed: bool = True
    ) -> Any:  # noqa: ANN401 — any JSON
        """Return the answer to a question, asked up to three times.

        Raises:
            VenueUnavailable: no answer, or our rate is limited.
            VenueStopped: keys, permissions, ban, wrong host.
            NotThere: what was asked about does not exist.
            DataInvalid: the venue calls the question wrong.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            await self._pace.wait_out_limit()
            self._require_open(method)
            if is_signed:
                await self._time.compare(self._ask_time)
            await self._pace.turn_of_question()
            reply = await self._client.call(method, params)
            problem = self._understood(reply)
            if problem is None:
                return reply.payload
            if attempt == _ATTEMPTS or not _is_passing(problem):
                raise self._error(problem, method) from reply.error
            await self._sleep(_PAUSE_S * attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def markets(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the venue's markets in ccxt's unified structure, fetched anew.

        Raises:
            VenueUnavailable: no answer, or our rate is limited.
            VenueStopped: ban, wrong host, a refused location.
            DataInvalid: the list cannot be read.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            self._require_open("market list")
            await self._pace.turn_of_question()
            reply, markets = await self._client.markets()
            problem = self._understood(reply)
            if problem is None and reply.error is None:
                return markets
            problem = problem or classify_lost(reply.error, has_left=True)
            if attempt == _ATTEMPTS or not _is_passing(problem):
                raise self._error(problem, "market list") from reply.error
            await self._sleep(_PAUSE_S * attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def masked(self, text: str) -> str:
        """Return a text without the account's secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _understood(self, reply: Reply) -> Problem | None:
        self._pace.note(reply.status, reply.headers, reply.body)
        if is_success(self._venue, reply.status, reply.payload):
            return None
        problem = self._problem(reply)
        if problem.code in _CLOCK_CODES:
            self._time.doubt()
        return replace(problem, text=self.masked(problem.text))

    def _problem(self, reply: Reply) -> Problem:
        if reply.status is None or (reply.status < 300 and reply.payload is None):
            return classify_lost(reply.error, has_left=reply.has_left)
        return classify(
            self._venue,
            reply.status,
            reply.body,
            headers=reply.headers,
            error=reply.error,
            now_ms=self._time.now_ms(),
        )

    def _turned_away(self) -> Problem | None:
        """Return why nothing is sent now; nothing was done then, for certain."""
        if (wait_s := self._pace.banned_s) > 0:
            return Problem(
                kind=ProblemClass.STOP,
                text=f"{self._venue} has banned this address",
                retry_after_us=round(wait_s * 1e6),
            )
        if (wait_s := self._pace.limited_s) > 0:
            return Problem(
                kind=ProblemClass.RETRY_LATER,
                text=f"{self._venue} limits our request rate",
                retry_after_us=round(wait_s * 1e6),
            )
        return None

    def _require_open(self, method: str) -> None:
        if (turned_away := self._turned_away()) is not None:
            raise self._error(turned_away, method)
        if (wait_s := self._pace.saving_s) > 0:
            raise VenueUnavailable(
                f"the request budget of {self._venue} is nearly used; orders still pass",
                where=method,
                next_step=f"ask again in {wait_s:.0f} s",
            )

    def _error(self, problem: Problem, method: str) -> SniperSightError:
        where = f"{self._venue} {method}"
        said = f"{problem.code} {problem.text}".strip()
        wait = (
            f"in {problem.retry_after_us / 1e6:.0f} s" if problem.retry_after_us else "in a while"
        )
        if problem.kind is ProblemClass.STOP:
            return VenueStopped(
                f"{self._venue} refuses us: {said}",
                where=where,
                next_step="check the key, its permissions and addresses, and the environment",
            )
        if problem.reason is Reason.NOT_FOUND:
            return NotThere(f"{self._venue} knows nothing of it: {said}", where=where)
        if _is_passing(problem):
            return VenueUnavailable(
                f"{self._venue} does not answer: {said}",
                where=where,
                next_step=f"ask again {wait}",
            )
        return DataInvalid(
            f"{self._venue} calls the question wrong: {said}",
            where=where,
            next_step="check that the market is traded there",
        )


def _is_passing(problem: Problem) -> bool:
    return problem.kind in (ProblemClass.RETRY_LATER, ProblemClass.UNKNOWN)
