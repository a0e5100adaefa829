"""From the record that the kernel wrote to the outcome that is kept."""

from __future__ import annotations

from typing import Final

from snipersight.domain.evidence import (
    Ending,
    Kind,
    Outcome,
    OutcomeStatus,
    SignalKey,
    SignalTerms,
)
from snipersight.matching.outcomes.layout import Record
from snipersight.matching.outcomes.rows import planned_r

# In the order of the numbers in `layout`.
STATUSES: Final = (
    OutcomeStatus.WAITING,
    OutcomeStatus.OPEN,
    OutcomeStatus.CLOSED,
    OutcomeStatus.MISSED,
    OutcomeStatus.INVALIDATED,
    OutcomeStatus.EXPIRED,
)
ENDINGS: Final = (
    Ending.NONE,
    Ending.TARGETS,
    Ending.STOP,
    Ending.BREAK_EVEN,
    Ending.TRAILED,
    Ending.TIME_STOP,
    Ending.JUDGED,
)
_SHIFTED: Final = "structure shifted against it before an entry"
_AMBIGUOUS: Final = "a bar touched stop and target; the stop was taken"
_DELISTED: Final = "the candles of its market end before it did (delisted, or halted for weeks)"


def outcome_of(key: SignalKey, terms: SignalTerms, state: Record, *, is_delisted: bool) -> Outcome:
    """Return the outcome of one signal.

    Args:
        key: of the signal.
        terms: of the signal.
        state: one row of `layout.STATE`.
        is_delisted: no bar will follow, so that what lives ends as unknown.
    """
    status, ended_ms = _end(terms, state, is_delisted=is_delisted)
    risk = terms.risk_per_unit
    closed = state["proceeds"] - state["average"] * (state["entered"] - state["held"])
    gross, fees, slippage, funding = (
        float(part) / risk for part in (closed, state["fees"], state["slippage"], state["funding"])
    )
    return Outcome(
        key=key,
        kind=Kind.MODELLED,
        status=status,
        ending=ENDINGS[state["ending"]],
        followed_to_ms=int(state["followed_ms"]),
        resolution_ms=int(state["coarsest_ms"]),
        entered_ms=int(state["entered_ms"]),
        ended_ms=ended_ms,
        filled_fraction=min(float(state["entered"]), 1.0),
        targets_hit=int((state["done"] > 0).sum()),
        gross_r=gross,
        fees_r=fees,
        slippage_r=slippage,
        funding_r=funding,
        net_r=gross - fees - slippage - funding,
        mae_r=float(state["mae"]) / risk,
        mfe_r=float(state["mfe"]) / risk,
        is_ambiguous=bool(state["is_ambiguous"]),
        missing_bars=int(state["missing"]),
        planned_r=planned_r(terms),
        note=_note(status, state),
    )


def _end(terms: SignalTerms, state: Record, *, is_delisted: bool) -> tuple[OutcomeStatus, int]:
    status = STATUSES[state["status"]]
    if status.is_final or not is_delisted:
        return status, int(state["ended_ms"])
    followed_ms = max(int(state["followed_ms"]), terms.known_ms)
    if status is OutcomeStatus.WAITING and followed_ms >= terms.valid_until_ms:
        return OutcomeStatus.EXPIRED, followed_ms
    return OutcomeStatus.UNKNOWN, followed_ms


def _note(status: OutcomeStatus, state: Record) -> str:
    said = [
        _DELISTED if status is OutcomeStatus.UNKNOWN else "",
        _SHIFTED if status is OutcomeStatus.INVALIDATED else "",
        _AMBIGUOUS if state["is_ambiguous"] else "",
        _missing(int(state["missing"])),
    ]
    return "; ".join(one for one in said if one)


def _missing(count: int) -> str:
    if count == 0:
        return ""
    return "1 bar is missing" if count == 1 else f"{count} bars are missing"
