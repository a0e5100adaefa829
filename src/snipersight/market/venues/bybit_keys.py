"""What a Bybit key may do."""

from __future__ import annotations

from typing import Any, Final

from snipersight.domain.venue import Finding, FindingLevel
from snipersight.market.venues.calls import VenueCalls

_TRADES: Final = frozenset({"Order", "Position"})


async def key_findings(calls: VenueCalls) -> tuple[Finding, ...]:
    """Return whether the key may trade, and nothing that it should not.

    Args:
        calls: of a live account.
    """
    answer = await calls.ask("privateGetV5UserQueryApi", {})
    row = answer["result"]
    return (_trading(row), _moving(row), _addresses(row))


def _trading(row: Any) -> Finding:  # noqa: ANN401 — any JSON
    allowed = frozenset((row.get("permissions") or {}).get("ContractTrade") or ())
    if int(row.get("readOnly") or 0) == 0 and allowed >= _TRADES:
        return Finding(name="permissions", level=FindingLevel.OK, sentence="the key may trade")
    return Finding(
        name="permissions",
        level=FindingLevel.FAILED,
        sentence="the key may not trade: allow orders and positions of contracts, not read-only",
    )


def _moving(row: Any) -> Finding:  # noqa: ANN401 — any JSON
    told = (row.get("permissions") or {}).get("Wallet")
    allowed = sorted(told or ())
    if told == []:
        return Finding(
            name="withdrawal", level=FindingLevel.OK, sentence="the key cannot move money away"
        )
    return Finding(
        name="withdrawal",
        level=FindingLevel.FAILED,
        sentence=f"the key can move money away: take from it {', '.join(allowed) or 'Wallet'}",
    )


def _addresses(row: Any) -> Finding:  # noqa: ANN401 — any JSON
    if [address for address in row.get("ips") or () if address != "*"]:
        return Finding(
            name="addresses", level=FindingLevel.OK, sentence="the key works from named addresses"
        )
    return Finding(
        name="addresses",
        level=FindingLevel.FAILED,
        sentence="the key works from anywhere: restrict it to this machine's address",
    )
