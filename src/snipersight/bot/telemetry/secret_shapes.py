"""What secrets look like in text: names before a value, tokens, keys, addresses that hold one.

Nearly every line of a log holds none, so that each shape also tells what its text must contain:
asking for that costs a tenth of looking for the shape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MASK: Final = "***"

_NAMES: Final = (
    r"api[-_]?key|api[-_]?secret|secret(?:[-_]?key)?|signature|token|passw(?:or)?d|pwd|passphrase"
    r"|listen[-_]?key|private[-_]?key|access[-_]?key|authorization"
    r"|x-mbx-apikey|x-bapi-(?:api-key|sign)"
)
SECRET_NAME: Final = re.compile(
    rf"(?:^|[_-])(?:{_NAMES}|cookie)$"
    # apiToken and botSecret, but not every word that ends so
    r"|(?-i:[a-z](?:Key|Secret|Signature|Token|Password|Passphrase)$)",
    re.IGNORECASE,
)
# What stands between a name and its value: `=`, `: "`, `\": \"`, `', b'`, `%3D`.
_BETWEEN: Final = r"""\\*["']?\s*(?:[=:]|%3[ad]|(?<=["'])\s*,)\s*(?:b?\\*["'])?\s*"""
_SCHEME: Final = r"(?:(?:bearer|basic|token|digest)\s+)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of secret.

    Args:
        pattern: finds it; a group `keep` stays.
        hints: a text without any of them, in lower case, holds none.
        least: nor does a text of fewer characters.
    """

    pattern: re.Pattern[str]
    hints: tuple[str, ...]
    least: int = 5

    def hide(self, text: str) -> str:
        """Return the text with everything of this shape replaced by `***`."""
        return self.pattern.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    return f"{found.groupdict().get('keep') or ''}{MASK}"


def _shape(pattern: str, *hints: str, least: int = 5) -> Shape:
    return Shape(pattern=re.compile(pattern, re.IGNORECASE), hints=hints, least=least)


SHAPES: Final = (
    # key=value and "key": "value", in addresses, bodies, headers and JSON
    _shape(
        rf"""(?P<keep>\b\w*(?:{_NAMES}){_BETWEEN}{_SCHEME})"""
        r"""(?:(?<=")[^"\\]+|(?<=')[^'\\]+|[^\s"'&,;)}\]\\]+)""",
        *("key", "secret", "sign", "token", "pass", "pwd", "auth"),
    ),
    # what signs in to a private stream: key, expiry, signature
    _shape(
        r"""(?P<keep>\bop\\*["']\s*:\s*\\*["']auth\\*["']\s*,\s*\\*["']args\\*["']\s*:\s*\[)[^\]]*""",
        "auth",
    ),
    _shape(r"(?P<keep>\b(?:bearer|basic)\s+)[\w.~+/=-]{16,}", "bearer", "basic", least=22),
    # a Telegram bot token, also inside https://api.telegram.org/bot<token>/sendMessage
    _shape(r"(?<!\d)\d{6,12}:[\w-]{30,}", ":", least=37),
    # a token of the dashboard, see `bootstrap.access.keys`
    _shape(r"(?P<keep>\bsst_[0-9a-f]{8}_)[\w-]{43}", "sst_", least=56),
    # the password before the host of an address
    _shape(r"(?P<keep>://[^/\s:@]*:)[^/\s@]+(?=@)", "://", least=7),
    # web hooks that let in whoever knows their address; the key of a private stream
    _shape(
        r"(?P<keep>/(?:hooks\.slack\.com/services|api/webhooks|ws)/)[\w/-]{20,}",
        *("hooks.slack.com", "webhooks", "/ws/"),
        least=24,
    ),
    _shape(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        "private key",
    ),
    _shape(r"""(?P<keep>\bcookie\\*["']?\s*[=:]\s*(?:b?\\*["'])?)[^\r\n"']+""", "cookie"),
    # an exchange's key: 64 characters with upper case, lower case and digits (a hash has no case mix)
    Shape(
        pattern=re.compile(
            r"\b(?=[A-Za-z0-9]{0,63}[A-Z])(?=[A-Za-z0-9]{0,63}[a-z])(?=[A-Za-z0-9]{0,63}\d)"
            r"[A-Za-z0-9]{64}\b"
        ),
        hints=("",),
        least=64,
    ),
)
