"""Log in with a token or a link of the terminal, and log out."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from snipersight.bootstrap.access.logins import Login, Logins
from snipersight.domain.errors import SniperSightError, StateUnavailable
from snipersight.web.security.cookies import cookie_of, give_cookie
from snipersight.web.security.guard import Gatekeeping, address_of
from snipersight.web.security.login_pages import STYLE, link_page, login_page, logout_page
from snipersight.web.security.origins import local_path
from snipersight.web.security.scopes import caller_of

_LONGEST: Final = 4096
_WRONG: Final = "This token is not valid: it is mistyped, expired or revoked."
_USED: Final = "This link is not good any more: it was used, or ten minutes have passed."


def login_router(logins: Logins, keeping: Gatekeeping) -> APIRouter:
    """Return the routes.

    Args:
        logins: lets browsers in and out.
        keeping: of the door; wrong tokens are counted there.
    """
    router, desk = APIRouter(include_in_schema=False), _LoginDesk(logins, keeping)
    router.add_api_route("/login", desk.show, methods=["GET"])
    router.add_api_route("/login", desk.take_token, methods=["POST"])
    router.add_api_route("/login/once", desk.show_link, methods=["GET"])
    router.add_api_route("/login/once", desk.take_link, methods=["POST"])
    router.add_api_route("/login/style.css", _style, methods=["GET"])
    router.add_api_route("/logout", _show_leaving, methods=["GET"])
    router.add_api_route("/logout", desk.leave, methods=["POST"])
    return router


class _LoginDesk:
    def __init__(self, logins: Logins, keeping: Gatekeeping) -> None:
        self._logins: Final = logins
        self._keeping: Final = keeping

    async def show(self, request: Request) -> Response:
        return HTMLResponse(login_page(next_path=local_path(request.query_params.get("next", "/"))))

    async def show_link(self, request: Request) -> Response:
        return HTMLResponse(link_page(request.query_params.get("code", "")[:64]))

    async def take_token(self, request: Request) -> Response:
        fields = await _fields(request)
        next_path = local_path(fields.get("next", "/"))
        wait_s = self._keeping.throttle.wait_s(address_of(request.scope))
        if wait_s:
            return _refused(429, _too_often(wait_s), next_path=next_path, wait_s=wait_s)
        try:
            login = await self._logins.with_token(fields.get("token", "").strip())
        except SniperSightError as error:
            return _refused(503, _later(error), next_path=next_path)
        if login is None:
            self._keeping.throttle.was_wrong(address_of(request.scope))
            return _refused(401, _WRONG, next_path=next_path)
        return self._let_in(request, login, next_path=next_path)

    async def take_link(self, request: Request) -> Response:
        wait_s = self._keeping.throttle.wait_s(address_of(request.scope))
        if wait_s:
            return _refused(429, _too_often(wait_s), wait_s=wait_s)
        try:
            login = await self._logins.with_link((await _fields(request)).get("code", ""))
        except SniperSightError as error:
            return _refused(503, _later(error))
        if login is None:
            self._keeping.throttle.was_wrong(address_of(request.scope))
            return _refused(401, _USED)
        return self._let_in(request, login, next_path="/")

    async def leave(self, request: Request) -> Response:
        is_secure = self._keeping.origins.is_public(request.scope)
        cookie = cookie_of(request.scope, is_secure=is_secure)
        if cookie is not None:
            try:
                await self._logins.out(cookie, caller_of(request))
            except StateUnavailable as error:
                return _refused(503, _later(error))
        response = RedirectResponse("/login", 303)
        give_cookie(response, request.scope, "", for_s=0, is_secure=is_secure)
        return response

    def _let_in(self, request: Request, login: Login, *, next_path: str) -> Response:
        response = RedirectResponse(next_path, 303)
        is_secure = self._keeping.origins.is_public(request.scope)
        give_cookie(response, request.scope, login.cookie, for_s=login.for_s, is_secure=is_secure)
        return response


async def _show_leaving() -> Response:
    return HTMLResponse(logout_page())


async def _style() -> Response:
    return Response(STYLE, media_type="text/css")


async def _fields(request: Request) -> dict[str, str]:
    """Return what a form sent; of a field that was sent twice the first, and nothing of a long one."""
    body = await request.body()
    if len(body) > _LONGEST:
        return {}
    found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=8)
    return {name: values[0] for name, values in found.items()}


def _refused(status: int, alert: str, *, next_path: str = "/", wait_s: int = 0) -> Response:
    headers = {"Retry-After": str(wait_s)} if wait_s else None
    return HTMLResponse(login_page(next_path=next_path, alert=alert), status, headers)


def _too_often(wait_s: int) -> str:
    return f"There were too many wrong tokens. Try again in {wait_s} seconds."


def _later(error: SniperSightError) -> str:
    return f"Nobody can be let in now: {error.what}. Try again in a moment."
