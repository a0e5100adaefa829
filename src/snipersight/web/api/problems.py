"""Refusals of the API: every error says what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from snipersight.bootstrap.dashboard.errors import NotKnown
from snipersight.domain.access import AccessRefused
from snipersight.domain.errors import ConfigInvalid, SniperSightError, StateUnavailable

_RETRY_S: Final = "1"
_LONGEST: Final = 300


class Detail(BaseModel):
    """What is wrong, where, and what to do next."""

    what: str
    where: str
    next_step: str


class Problem(BaseModel):
    """Why a request was refused."""

    detail: Detail


class Busy(SniperSightError):
    """Too much is asked at once: ask again in a moment."""


_WHY: Final = {
    400: "The request is malformed.",
    401: "No valid token was shown.",
    403: "The token's scope is too small.",
    404: "Nothing is known by that name.",
    408: "The request did not arrive in time.",
    413: "The request is too large.",
    421: "The Host or the Origin is not ours.",
    422: "A parameter is out of bounds, or the body is not what is asked for.",
    429: "Too much was asked at once, or too many wrong tokens were shown.",
    500: "A fault of the program; its log tells more.",
    503: "The store cannot be read now; the same request may succeed in a moment.",
}
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": why} for status, why in _WHY.items()
}


class ApiRoute(APIRoute):
    """A route whose errors are answers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request; see `answer_to`."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return _problem(422, _invalid(error))
            except SniperSightError as error:
                return answer_to(error)

        return handled


def answer_to(error: SniperSightError) -> Response:
    """Return an error of ours as the answer that its caller can act upon.

    A kind that nobody expects here is raised: it is a fault, not an answer.
    """
    for kind, status in _STATUS:
        if isinstance(error, kind):
            detail = Detail(what=error.what, where=error.where, next_step=error.next_step)
            return _problem(status, detail)
    raise error


_STATUS: Final[tuple[tuple[type[SniperSightError], int], ...]] = (
    (NotKnown, 404),
    (AccessRefused, 403),
    (ConfigInvalid, 422),
    (Busy, 429),
    (StateUnavailable, 503),
)


def _problem(status: int, detail: Detail) -> Response:
    headers = {"Retry-After": _RETRY_S} if status in (429, 503) else None
    return JSONResponse({"detail": detail.model_dump()}, status, headers)


def _invalid(error: RequestValidationError) -> Detail:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return Detail(
        what=str(first["msg"])[:_LONGEST],
        where=where[:_LONGEST],
        next_step="/api/v1/openapi.json says what may stand there",
    )
