"""Refusals as a program reads them, and as a browser shows them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

_AGAIN_S: Final = 3  # a browser asks again by itself where waiting may help
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>SniperSight</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{refresh}
<link rel="stylesheet" href="/login/style.css"></head>
<body><main><h1>SniperSight</h1><p role="alert">{what}</p><p>{next_step}</p>{more}</main></body></html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request is refused.

    Args:
        status: HTTP status, 400 or above.
        what: one sentence.
        where: what of the request it is about.
        next_step: what to do.
        headers: to be sent with it.
    """

    status: int
    what: str
    where: str = ""
    next_step: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def answer_to(scope: Scope, problem: Problem) -> Response:
    """Return a problem as whoever asked understands it best: a page for browsers, else JSON."""
    return _page(problem) if wants_page(scope) else json_of(problem)


def json_of(problem: Problem) -> Response:
    """Return a problem as programs read it."""
    detail = {"what": problem.what, "where": problem.where, "next_step": problem.next_step}
    return JSONResponse({"detail": detail}, problem.status, dict(problem.headers))


def wants_page(scope: Scope) -> bool:
    """Return whether a browser asks for a page to show, not a script or a program for data."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD", "POST"):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def _page(problem: Problem) -> Response:
    waits = problem.status == 503
    text = _PAGE.format(
        refresh=f'<meta http-equiv="refresh" content="{_AGAIN_S}">' if waits else "",
        what=html.escape(_sentence(problem.what)),
        next_step=html.escape(_sentence(problem.next_step)),
        more="" if waits else '<p><a href="/">Back to the signals</a></p>',
    )
    return HTMLResponse(text, problem.status, dict(problem.headers))


def _sentence(text: str) -> str:
    whole = text[:1].upper() + text[1:]
    return whole if not whole or whole.endswith((".", "!", "?")) else f"{whole}."
