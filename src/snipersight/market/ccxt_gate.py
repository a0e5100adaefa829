"""Every request to a venue passes here: few at once, repeated with patience, stopped when banned."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from decimal import localcontext
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

from snipersight.domain.errors import SniperSightError, VenueUnavailable
from snipersight.market.ccxt_errors import may_succeed_later, translated

T = TypeVar("T")

_ATTEMPTS: Final = 4
_PARALLEL: Final = 8  # ccxt's own limiter spaces them; this bounds what a failure leaves in flight
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 8.0
_LONGEST_WAIT_S: Final = 60.0  # of a Retry-After; beyond it the user decides
_BAN_S: Final = 120.0  # Binance bans for two minutes at least
_BANNED_UNTIL: Final = re.compile(r"until (\d{13})")


class RequestGate:
    """Runs idempotent public requests against one venue.

    A rate limit that one request meets holds back all of them, for as long as the venue asks; a
    ban (HTTP 418) fails everything at once, without another request.

    Args:
        venue: short name, for messages.
        clock: milliseconds UTC, to read the end of a ban.
        monotonic: seconds, never set back.
        sleep: waits for seconds.
        chance: a random number from 0 to 1, spreads repeated requests.
    """

    def __init__(
        self,
        venue: str,
        *,
        clock: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._venue = venue
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._chance = chance
        self._slots = asyncio.Semaphore(_PARALLEL)
        self._blocked_until_s = float("-inf")
        self._banned_until_s = float("-inf")
        self.answered_ms: int | None = None  # newest time an answer's head told, whole seconds

    def note_answer(self, status: int, headers: Mapping[str, str], body: str) -> None:
        """Remember a rate limit or a ban from an HTTP answer, and the time in its head."""
        self.answered_ms = _date_ms(headers) or self.answered_ms
        if status == 418:
            seconds = _retry_after_s(headers) or self._ban_s(body)
            self._banned_until_s = max(self._banned_until_s, self._monotonic() + seconds)
        elif status in (429, 503) and (wait_s := _retry_after_s(headers)) is not None:
            self._blocked_until_s = max(self._blocked_until_s, self._monotonic() + wait_s)

    async def run(self, request: Callable[[], Awaitable[T]], *, where: str) -> T:
        """Return the request's result; repeat it with growing pauses while that may help.

        Args:
            request: starts one idempotent call of ccxt.
            where: venue, symbol and timeframe, for messages.

        Raises:
            VenueUnavailable: unreachable, rate-limited or banned after all attempts; a ban, or a
                wait of more than a minute, is not sat out.
            UnknownSymbol: the venue does not know the symbol.
            DataInvalid: the venue calls the request wrong.
            ConfigInvalid: ccxt cannot do this for the venue.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            await self._wait_for_turn(where)
            try:
                async with self._slots:
                    with localcontext():  # ccxt's rounding changes the context that it finds
                        return await request()
            except Exception as error:  # noqa: BLE001 — the vendor boundary; parsers raise anything
                await self._pause_or_raise(error, attempt=attempt, where=where)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _pause_or_raise(self, error: Exception, *, attempt: int, where: str) -> None:
        self._raise_if_banned(where, error)
        if attempt == _ATTEMPTS or not may_succeed_later(error):
            problem = translated(error, venue=self._venue, where=where)
            if problem is error:
                raise problem
            raise self._with_wait(problem) from error
        if self._blocked_until_s <= self._monotonic():
            longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (attempt - 1))
            await self._sleep(longest * (0.5 + 0.5 * self._chance()))

    async def _wait_for_turn(self, where: str) -> None:
        self._raise_if_banned(where, None)
        wait_s = self._blocked_until_s - self._monotonic()
        if wait_s > _LONGEST_WAIT_S:
            raise VenueUnavailable(
                f"{self._venue} limits our request rate",
                where=where,
                next_step=f"try again in {wait_s:.0f} s",
            )
        if wait_s > 0:
            # Jitter after the wait, or every waiting request would return at the same moment.
            await self._sleep(wait_s + 0.25 * self._chance())

    def _raise_if_banned(self, where: str, cause: Exception | None) -> None:
        wait_s = self._banned_until_s - self._monotonic()
        if wait_s > 0:
            raise VenueUnavailable(
                f"{self._venue} has banned this address for sending too many requests",
                where=where,
                next_step=f"send nothing for {wait_s:.0f} s: every request prolongs the ban",
            ) from cause

    def _with_wait(self, problem: SniperSightError) -> SniperSightError:
        wait_s = self._blocked_until_s - self._monotonic()
        if isinstance(problem, VenueUnavailable) and wait_s > 0:
            problem.next_step = f"try again in {wait_s:.0f} s"
        return problem

    def _ban_s(self, body: str) -> float:
        named = _BANNED_UNTIL.search(body)
        if named is None:
            return _BAN_S
        return max(_BAN_S, (int(named.group(1)) - self._clock()) / 1000)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the header's seconds; None without the header or where it holds a date."""
    value = _header(headers, "retry-after")
    return float(value) if value.isdigit() else None


def _date_ms(headers: Mapping[str, str]) -> int | None:
    """Return when the answer was made, by the server's clock; None where it does not say."""
    try:
        return round(parsedate_to_datetime(_header(headers, "date")).timestamp() * 1000)
    except ValueError:
        return None


def _header(headers: Mapping[str, str], wanted: str) -> str:
    for name, value in headers.items():
        if name.lower() == wanted:
            return value.strip()
    return ""
