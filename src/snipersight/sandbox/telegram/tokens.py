"""Paths and tokens: which requests are for a bot, and which bot."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

from snipersight.sandbox.telegram.answers import Refusal

SANDBOX_TOKEN: Final = "1000001:sandbox-token-that-opens-nothing"  # noqa: S105 — opens nothing
_MAX_TOKEN: Final = 80
_MAX_BOT_ID: Final = 1 << 54
_PATH: Final = re.compile(r"/bot(?P<token>[^/]*)/(?P<method>[^/]+)/?")


class BotCall(NamedTuple):
    """What a path asks for: the token as it was sent, and the method in small letters."""

    token: str
    method: str


def read_path(path: str) -> BotCall:
    """Return the token and method of `/bot<token>/<method>`; the path is still encoded.

    Raises:
        Refusal: 404 for every other shape.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        raise Refusal(404)
    return BotCall(unquote(found["token"]), unquote(found["method"]).lower())


def check_token(token: str, *, known: str) -> None:
    """Let the one token that the sandbox knows pass.

    Raises:
        Refusal: 401, in different words for a token of impossible shape and for an unknown one.
    """
    bot_id = token.partition(":")[0]
    is_shaped = ":" in token and len(token) <= _MAX_TOKEN and "/" not in token
    if not (is_shaped and bot_id.isascii() and bot_id.isdecimal() and bot_id[0] != "0"):
        raise Refusal(401, "invalid token specified")
    if int(bot_id) >= _MAX_BOT_ID:
        raise Refusal(401, "invalid token specified")
    if token != known:
        raise Refusal(401)


def bot_id_of(token: str) -> int:
    """Return the bot's user id, which is the part before the colon."""
    return int(token.partition(":")[0])
