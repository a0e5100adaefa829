"""What a Binance key may do."""

from __future__ import annotations

from typing import Any

from snipersight.domain.venue import Finding, FindingLevel
from snipersight.market.venues.calls import VenueCalls
from snipersight.market.venues.numbers import flag_of


async def key_findings(calls: VenueCalls, *, needs: str) -> tuple[Finding, ...]:
    """Return whether the key may trade, and nothing that it should not.

    Args:
        calls: of a live account.
        needs: the permission that trading here takes, in the venue's word.
    """
    row = await calls.ask("sapiGetAccountApiRestrictions", {})
    return (_trading(row, needs), _moving(row), _addresses(row))


def _trading(row: Any, needs: str) -> Finding:  # noqa: ANN401 — any JSON
    if flag_of(row, needs):
        return Finding(name="permissions", level=FindingLevel.OK, sentence="the key may trade")
    return Finding(
        name="permissions",
        level=FindingLevel.FAILED,
        sentence=f"the key may not trade here: allow {needs} in the venue's key settings",
    )


def _moving(row: Any) -> Finding:  # noqa: ANN401 — any JSON
    moves = ("enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer")
    # What the venue does not deny is not taken for forbidden.
    allowed = [name for name in moves if str(row.get(name)).lower() != "false"]
    if not allowed:
        return Finding(
            name="withdrawal", level=FindingLevel.OK, sentence="the key cannot move money away"
        )
    return Finding(
        name="withdrawal",
        level=FindingLevel.FAILED,
        sentence=f"the key can move money away: switch off {', '.join(allowed)}",
    )


def _addresses(row: Any) -> Finding:  # noqa: ANN401 — any JSON
    if flag_of(row, "ipRestrict"):
        return Finding(
            name="addresses", level=FindingLevel.OK, sentence="the key works from named addresses"
        )
    return Finding(
        name="addresses",
        level=FindingLevel.FAILED,
        sentence="the key works from anywhere: restrict it to this machine's address",
    )
