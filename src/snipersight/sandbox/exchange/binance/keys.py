"""Whose request it is: key, signature, time and window, as Binance checks them."""

from __future__ import annotations

import re
from typing import Final

from snipersight.sandbox.exchange.accounts import Accounts, SandboxAccount
from snipersight.sandbox.exchange.binance.refusals import Refusal, illegal, missing
from snipersight.sandbox.exchange.calls import Call
from snipersight.sandbox.exchange.signing import MAX_WINDOW_MS, BadTime, is_signed, time_fault

_WINDOW_MS: Final = 5_000
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")
_SIGNATURE: Final = re.compile(r"&?signature=([0-9A-Fa-f]*)")


def account_of_key(call: Call, accounts: Accounts) -> SandboxAccount:
    """Return the account of a request that needs a key and no signature.

    Raises:
        Refusal: the key is missing, of impossible shape, or unknown.
    """
    key = call.headers.get("x-mbx-apikey", "")
    if _KEY.fullmatch(key) is None:
        raise Refusal(-2014, "API-key format invalid.", status=401)
    account = accounts.of_key(key)
    if account is None:
        raise Refusal(-2015, "Invalid API-key, IP, or permissions for action.", status=401)
    return account


def account_of_signed(call: Call, accounts: Accounts) -> SandboxAccount:
    """Return the account of a signed request.

    Raises:
        Refusal: key, signature, time or window is wrong.
    """
    account = account_of_key(call, accounts)
    check_time(call.parameters(), now_ms=call.at_ms)
    # Query and body are signed together; the signature itself is not part of it.
    found = _SIGNATURE.search(call.query + call.text)
    if found is None:
        raise missing("signature")
    signed = _SIGNATURE.sub("", call.query) + _SIGNATURE.sub("", call.text)
    if not is_signed(account.secret, signed, found.group(1)):
        raise bad_signature()
    return account


def check_time(parameters: dict[str, str], *, now_ms: int) -> None:
    """Refuse a request that is too old or from the future.

    Raises:
        Refusal: so it is, or its time or window is missing or no number.
    """
    window_ms = _whole(parameters.get("recvWindow", str(_WINDOW_MS)), "recvWindow")
    if "timestamp" not in parameters:
        raise missing("timestamp")
    if window_ms > MAX_WINDOW_MS:
        raise Refusal(-1131, "recvWindow must be less than 60000.")
    timestamp_ms = _whole(parameters["timestamp"], "timestamp")
    fault = time_fault(timestamp_ms, window_ms=window_ms, now_ms=now_ms)
    if fault is BadTime.AHEAD:
        raise Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if fault is BadTime.LATE:
        raise Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")


def bad_signature() -> Refusal:
    """Return the refusal of a signature that is not the request's."""
    return Refusal(-1022, "Signature for this request is not valid.")


def _whole(text: str, name: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise illegal(name)
    return int(text)
