"""Secrets of the dashboard: made at random, shown once, kept as digests.

A token has 256 random bits, so that nobody can try them out, however fast; SHA-256 hides it as well
as a slow hash would. A slow one protects passwords that people choose, and would let anybody who
sends wrong tokens keep the processor busy.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Final

_BYTES: Final = 32
_ID_BYTES: Final = 4
PREFIX: Final = "sst"  # told apart from other programs' secrets, by people and by scanners
_TOKEN: Final = re.compile(rf"{PREFIX}_([0-9a-f]{{8}})_[A-Za-z0-9_-]{{43}}")
_NOBODY: Final = "0" * 64


def new_token() -> tuple[str, str]:
    """Return the public id of a new token, and the token that its holder is shown once."""
    token_id = secrets.token_hex(_ID_BYTES)
    return token_id, f"{PREFIX}_{token_id}_{secrets.token_urlsafe(_BYTES)}"


def new_key() -> str:
    """Return what a browser's cookie, or the address of a login, holds: 43 characters."""
    return secrets.token_urlsafe(_BYTES)


def token_id_of(text: str) -> str | None:
    """Return the public id within what may be a token; None: it is none of ours."""
    found = _TOKEN.fullmatch(text)
    return None if found is None else found.group(1)


def digest_of(secret: str) -> str:
    """Return what is stored of a secret, 64 hex digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_secret_of(shown: str, digest: str | None) -> bool:
    """Return whether a digest is of what was shown; takes as long whether it is or not.

    Args:
        shown: by whoever wants to be let in.
        digest: of the secret; None: there is none, and it takes as long all the same.
    """
    is_same = hmac.compare_digest(digest_of(shown), digest or _NOBODY)
    return is_same and digest is not None
