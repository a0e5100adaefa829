"""A key that can more than trade, or less, fails the preflight."""

from __future__ import annotations

from typing import Any

import pytest

from snipersight.domain.venue import FindingLevel
from snipersight.market.venues import binance_keys, bybit_keys


class OneAnswer:
    """Calls of which every one is answered the same."""

    def __init__(self, payload: Any) -> None:
        self._payload = payload

    async def ask(self, method: str, params: Any) -> Any:
        return self._payload


GOOD_BINANCE = {
    "enableFutures": True,
    "ipRestrict": True,
    "enableWithdrawals": False,
    "enableInternalTransfer": False,
    "permitsUniversalTransfer": False,
}
GOOD_BYBIT = {
    "readOnly": 0,
    "permissions": {"ContractTrade": ["Order", "Position"], "Wallet": []},
    "ips": ["203.0.113.7"],
}


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({}, []),
        ({"enableFutures": False}, ["permissions"]),
        ({"enableWithdrawals": True}, ["withdrawal"]),
        ({"permitsUniversalTransfer": True}, ["withdrawal"]),
        ({"enableInternalTransfer": True}, ["withdrawal"]),
        ({"ipRestrict": False}, ["addresses"]),
        # What the venue does not say is not taken for a no.
        ({"enableWithdrawals": None}, ["withdrawal"]),
        ({"permitsUniversalTransfer": ""}, ["withdrawal"]),
    ],
)
async def test_a_binance_key_that_can_more_than_trade_fails(changes, failing):
    calls: Any = OneAnswer({**GOOD_BINANCE, **changes})
    found = await binance_keys.key_findings(calls, needs="enableFutures")
    assert [each.name for each in found if each.level is FindingLevel.FAILED] == failing


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({}, []),
        ({"readOnly": 1}, ["permissions"]),
        ({"permissions": {"ContractTrade": ["Order"], "Wallet": []}}, ["permissions"]),
        (
            {"permissions": {**GOOD_BYBIT["permissions"], "Wallet": ["Withdraw"]}},  # type: ignore[dict-item]
            ["withdrawal"],
        ),
        ({"permissions": {"ContractTrade": ["Order", "Position"]}}, ["withdrawal"]),
        ({"ips": ["*"]}, ["addresses"]),
        ({"ips": []}, ["addresses"]),
    ],
)
async def test_a_bybit_key_that_can_more_than_trade_fails(changes, failing):
    calls: Any = OneAnswer({"result": {**GOOD_BYBIT, **changes}})
    found = await bybit_keys.key_findings(calls)
    assert [each.name for each in found if each.level is FindingLevel.FAILED] == failing
