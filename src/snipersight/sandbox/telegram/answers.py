"""How the Bot API words what it answers: success, failure, and the descriptions in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from snipersight.domain.errors import SniperSightError

KINDS: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
}
Answer = dict[str, object]


class Refusal(SniperSightError):
    """A request that is answered with a failure.

    Args:
        code: HTTP status and `error_code`.
        detail: what follows the kind of error, `chat not found`; empty for the kind alone.
        parameters: `retry_after` or `migrate_to_chat_id`.
    """

    def __init__(
        self, code: int, detail: str = "", *, parameters: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(f"{KINDS[code]}: {detail}" if detail else KINDS[code])
        self.code = code
        self.parameters = dict(parameters or {})


def bad_request(detail: str) -> Refusal:
    """Return the failure for a request that can never succeed as it stands."""
    return Refusal(400, detail)


def too_many_requests(retry_after_s: int) -> Refusal:
    """Return the failure that asks to wait, in whole seconds above 0."""
    return Refusal(429, f"retry after {retry_after_s}", parameters={"retry_after": retry_after_s})


def success_body(result: object) -> Answer:
    """Return the JSON body of an answer that carries a result."""
    return {"ok": True, "result": result}


def failure_body(refusal: Refusal) -> Answer:
    """Return the JSON body of a failure, its keys in the order of the Bot API."""
    body: Answer = {"ok": False, "error_code": refusal.code, "description": refusal.what}
    return {**body, "parameters": refusal.parameters} if refusal.parameters else body
