"""The parameters of a request, whichever way they came: query, form, multipart or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from snipersight.sandbox.telegram.answers import bad_request

_TRUE: Final = {"true", "yes", "1"}
_INTEGER: Final = re.compile(r"-?[0-9]+")


@dataclass(frozen=True, slots=True)
class Parameters:
    """Named texts, as the Bot API sees them, and uploaded files."""

    texts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a parameter as sent; empty if it is absent."""
        return self.texts.get(name, "")

    def flag(self, name: str) -> bool:
        """Return whether a parameter says yes."""
        return self.text(name).lower() in _TRUE

    def integer(self, name: str, default: int = 0) -> int:
        """Return the leading whole number of a parameter; the default if there is none."""
        found = _INTEGER.match(self.text(name))
        return int(found[0]) if found else default

    def json(self, name: str, *, called: str) -> object:
        """Return a parameter that is JSON; None if it is absent.

        Raises:
            Refusal: it is no JSON; the description says what was expected.
        """
        try:
            return json.loads(self.text(name)) if self.text(name) else None
        except ValueError:
            raise bad_request(f"can't parse {called} JSON object") from None


async def read_parameters(request: web.Request) -> Parameters:
    """Read the query and the body; what is in the body counts.

    Raises:
        Refusal: a body that cannot be read.
    """
    query = dict(request.query)
    if request.content_type == "application/json":
        return Parameters({**query, **_texts_of(await request.text())})
    texts, files = await _form_of(request)
    return Parameters({**query, **texts}, files)


def _texts_of(body: str) -> dict[str, str]:
    if not body:
        return {}
    try:
        values = json.loads(body)
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(values, dict):
        raise bad_request("can't parse JSON object")
    return {name: _as_text(value) for name, value in values.items() if value is not None}


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def _form_of(request: web.Request) -> tuple[dict[str, str], dict[str, bytes]]:
    try:
        form = await request.post()
    except ValueError:
        raise bad_request("can't read the body of the request") from None
    texts: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for name, value in form.items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        else:
            texts[name] = value.decode() if isinstance(value, bytes | bytearray) else value
    return texts, files
