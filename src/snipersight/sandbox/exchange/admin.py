"""The sandbox's own addresses, over plain HTTP: the report, prices and faults for other processes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from snipersight.domain.errors import ConfigInvalid, SniperSightError
from snipersight.sandbox.exchange.calls import dumps
from snipersight.sandbox.exchange.clock import Clock
from snipersight.sandbox.exchange.faults import FaultDice, FaultKind, FaultPlan, RequestKind
from snipersight.sandbox.exchange.protocol import VenueProtocol
from snipersight.sandbox.exchange.report import report_of

Act = Callable[[Mapping[str, Any]], Mapping[str, Any]]
Acting = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
Move = Callable[[int], Awaitable[None]]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PLAN_NUMBERS: Final = (
    "delay_s",
    "silence_s",
    "restart_s",
    "retry_after_s",
    "skew_ms",
    "seed",
    "spoils_public_events",
)


class Admin:
    """Reads and changes the sandbox from outside the venues' protocols.

    Args:
        protocols: by the venue's name.
        dice: throws the faults.
        clock: of all venues, microseconds UTC.
        move_to: lets all venues' time pass up to a moment, microseconds UTC.
    """

    def __init__(
        self,
        protocols: Mapping[str, VenueProtocol],
        dice: FaultDice,
        *,
        clock: Clock,
        move_to: Move,
    ) -> None:
        self._protocols = protocols
        self._dice = dice
        self._clock = clock
        self._move_to = move_to

    def add_to(self, application: web.Application) -> None:
        """Add the addresses to an application."""
        application.router.add_get("/sandbox/report", self._report)
        application.router.add_get("/sandbox/journal", self._journal)
        acts: dict[str, Act] = {
            "print": self.print,
            "fund": self.fund,
            "faults": self.set_faults,
            "restart": self.restart,
        }
        for name, act in acts.items():
            application.router.add_post(f"/sandbox/{name}", _posted(_at_once(act)))
        application.router.add_post("/sandbox/move", _posted(self.move))

    def print(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put a trade on a venue's tape: `venue`, `symbol`, `price`, and if wanted `size`, `mark`."""
        world = self._protocol(body).world
        optional = {name: str(body[name]) for name in ("size", "mark") if name in body}
        world.print(_text(body, "symbol"), _text(body, "price"), **optional)
        return {"at_us": world.clock()}

    def fund(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Settle funding: `venue`, `symbol`, `rate`."""
        world = self._protocol(body).world
        world.fund(_text(body, "symbol"), _text(body, "rate"))
        return {"at_us": world.clock()}

    def set_faults(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow another plan of faults; what was counted stays."""
        fields = dict(body)
        rates = fields.pop("rates", {})
        numbers: dict[str, Any] = {
            name: fields.pop(name) for name in _PLAN_NUMBERS if name in fields
        }
        if "requests" in fields:
            numbers["requests"] = frozenset(RequestKind(kind) for kind in fields.pop("requests"))
        if fields or not isinstance(rates, Mapping):
            raise ConfigInvalid(f"no plan of faults: {sorted(fields) or 'rates'}")
        plan = FaultPlan(rates={FaultKind(kind): float(rates[kind]) for kind in rates}, **numbers)
        self._dice.follow(plan)
        return {"rates": {str(kind): rate for kind, rate in plan.rates.items()}}

    def restart(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Restart a venue: `venue`, and for how many seconds it is `down_s`."""
        self._protocol(body).world.restart(down_s=float(body.get("down_s", 0.3)))
        return {}

    async def move(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Let time pass at every venue up to a moment: `at`, such as `2025-07-19T01:00:00Z`."""
        moment = datetime.fromisoformat(_text(body, "at"))
        if moment.tzinfo is None:
            raise ConfigInvalid("at has no time zone", next_step="end it with Z for UTC")
        at_us = (moment - _EPOCH) // timedelta(microseconds=1)
        await self._move_to(at_us)
        return {"at_us": at_us}

    def _protocol(self, body: Mapping[str, Any]) -> VenueProtocol:
        name = _text(body, "venue")
        if name not in self._protocols:
            raise ConfigInvalid(f"no venue {name!r}", next_step=f"use {', '.join(self._protocols)}")
        return self._protocols[name]

    async def _report(self, request: web.Request) -> web.Response:
        return _json(report_of(self._protocols, self._dice, at_us=self._clock()))

    async def _journal(self, request: web.Request) -> web.Response:
        """Answer an account's double-entry postings at a venue."""
        try:
            world = self._protocol(request.query).world
            postings = world.engine.journal(_text(request.query, "account"))
        except (SniperSightError, KeyError) as error:
            return _json({"error": str(error)}, status=400)
        return _json({"postings": [asdict(posting) for posting in postings]})


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ConfigInvalid(f"{name} is missing", next_step="send it as a text")
    return str(value)


def _at_once(act: Act) -> Acting:
    """Return what waits for nothing as something that may."""

    async def acting(body: Mapping[str, Any]) -> Mapping[str, Any]:
        return act(body)

    return acting


def _posted(act: Acting) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that reads a JSON object, acts on it, and says what is wrong with it."""

    async def handle(request: web.Request) -> web.Response:
        # A form of a web page can send everything but this type without being asked.
        if request.content_type != "application/json":
            return _json({"error": "send application/json"}, status=415)
        try:
            body = await request.json()
            if not isinstance(body, dict):
                return _json({"error": "send a JSON object"}, status=400)
            return _json(await act(body))
        except (SniperSightError, ValueError, ArithmeticError, TypeError) as error:
            return _json({"error": str(error)}, status=400)

    return handle


def _json(body: Mapping[str, Any], *, status: int = 200) -> web.Response:
    return web.json_response(body, status=status, dumps=dumps)
