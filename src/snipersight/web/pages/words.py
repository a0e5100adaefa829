"""Numbers, times and states of a page, in the words of the rest of SniperSight."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from urllib.parse import quote

from snipersight.bootstrap.dashboard.views import SignalRow, SignalState
from snipersight.domain.wording import MINUS, amount_text, minute_of, multiple, short_number
from snipersight.web.pages.kit import with_account

DASH: Final = "–"
_TONES: Final = {
    SignalState.WAITING: ("info", "Waiting"),
    SignalState.OPEN: ("good", "Open"),
    SignalState.CLOSED: ("", "Closed"),
    SignalState.MISSED: ("", "Missed"),
    SignalState.INVALIDATED: ("", "Invalidated"),
    SignalState.EXPIRED: ("", "Expired"),
    SignalState.UNKNOWN: ("warn", "Unknown"),
    SignalState.REFUSED: ("warn", "Refused"),
}
_ENTERED: Final = (SignalState.OPEN, SignalState.CLOSED)


def state_words(row: SignalRow) -> tuple[str, str]:
    """Return the tone and the words for where a signal is; a closed one tells its result.

    What only the model has entered says so, and is never green: nobody holds it.
    """
    tone, word = _TONES[row.state]
    if row.state is SignalState.CLOSED and row.net_r is not None:
        tone, word = "good" if row.net_r > 0 else "bad", f"Closed {signed_r(row.net_r)}"
    elif row.state is SignalState.OPEN and row.targets_hit:
        word = f"Open, TP{row.targets_hit} hit"
    if row.is_modelled and row.state in _ENTERED:
        return "", f"{word} (model)"
    return tone, word


def signal_path(plan_id: str, account: str | None = None) -> str:
    """Return the address of a signal's page; an id is data, so nothing in it leads elsewhere.

    Args:
        plan_id: of the signal.
        account: whose; None: the one that is shown, or whichever knows it.
    """
    path = f"/signals/{quote(plan_id, safe='')}"
    return path if account is None else with_account(path, account)


def mode_words(mode: str) -> str:
    """Return how real an account's orders are, in words; nobody knows an empty one."""
    return {"dry-run": "dry run", "live": "LIVE: real money"}.get(mode, mode) or "signals only"


def price(value: float | Decimal | None) -> str:
    """Return a price in short; a dash for none."""
    return DASH if value is None else short_number(value)


def money(value: Decimal | None, currency: str = "") -> str:
    """Return an amount with its currency; a dash for none."""
    if value is None:
        return DASH
    text = f"{MINUS if value < 0 else ''}{amount_text(value.copy_abs())}"
    return f"{text} {currency}".rstrip()


def signed_r(value: float) -> str:
    """Return a result in R with its sign: `+1.20R`."""
    shown = round(value, 2) or 0.0  # no minus before nothing
    return f"+{multiple(shown)}" if shown > 0 else multiple(shown)


def moment(at_ms: int | None) -> str:
    """Return a moment to the minute, UTC; a dash for none."""
    return minute_of(at_ms) if at_ms else DASH


def moment_us(at_us: int | None) -> str:
    """Return a moment in microseconds to the minute, UTC; a dash for none."""
    return moment(None if at_us is None else at_us // 1_000)


def sentence(text: str) -> str:
    """Return a sentence with its first letter large and a full stop; nothing stays nothing."""
    if not text:
        return ""
    whole = text[0].upper() + text[1:]
    return whole if whole[-1] in ".!?…" else f"{whole}."


def spoken(code: str) -> str:
    """Return a reason code as words: `rejected:max_total` as `rejected: max total`."""
    stage, _, name = code.partition(":")
    return f"{stage}: {name}".replace("_", " ") if name else stage.replace("_", " ")
