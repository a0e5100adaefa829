"""Whose request it is: key, time, window and signature, as Bybit checks them."""

from __future__ import annotations

from typing import Final

from snipersight.sandbox.exchange.accounts import Accounts, SandboxAccount
from snipersight.sandbox.exchange.bybit.refusals import Refusal
from snipersight.sandbox.exchange.calls import Call
from snipersight.sandbox.exchange.signing import is_signed, time_fault

_WINDOW: Final = "5000"
_REALTIME: Final = "GET/realtime"


def account_of_signed(call: Call, accounts: Accounts) -> SandboxAccount:
    """Return the account of a signed request.

    Raises:
        Refusal: key, time, window or signature is missing or wrong.
    """
    key = call.headers.get("x-bapi-api-key", "")
    account = accounts.of_key(key)
    if account is None:
        raise bad_key()
    stamp = call.headers.get("x-bapi-timestamp", "")
    window = call.headers.get("x-bapi-recv-window", _WINDOW)
    _check_time(stamp, window, now_ms=call.at_ms)
    said = call.text if call.method == "POST" else call.query
    signature = call.headers.get("x-bapi-sign", "")
    if not is_signed(account.secret, f"{stamp}{key}{window}{said}", signature):
        raise Refusal(10004, "Error sign, please check your signature generation algorithm.")
    return account


def account_of_stream(
    key: str, expires: str, signature: str, *, accounts: Accounts, now_ms: int
) -> SandboxAccount:
    """Return the account of a private line.

    Raises:
        Refusal: the key is unknown, the signature is not its own, or its time is over.
    """
    account = accounts.of_key(key)
    if account is None:
        raise bad_key()
    if not expires.isdecimal() or int(expires) <= now_ms:
        raise Refusal(10002, "The request time exceeds the time window range.")
    if not is_signed(account.secret, f"{_REALTIME}{expires}", signature):
        raise Refusal(10004, "Error sign, please check your signature generation algorithm.")
    return account


def bad_key() -> Refusal:
    """Return the refusal of a key that nobody has."""
    return Refusal(10003, "API key is invalid.")


def _check_time(stamp: str, window: str, *, now_ms: int) -> None:
    is_number = stamp.isdecimal() and window.isdecimal() and max(len(stamp), len(window)) <= 18
    if is_number and time_fault(int(stamp), window_ms=int(window), now_ms=now_ms) is None:
        return
    raise Refusal(
        10002,
        "invalid request, please check your server timestamp or recv_window param. "
        f"req_timestamp[{stamp}],server_timestamp[{now_ms}],recv_window[{window}]",
    )
