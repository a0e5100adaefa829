"""Which records a reader gets, and what a body says without knowing its kind."""

from __future__ import annotations

from typing import Any

import pytest

from snipersight.domain.audit import AuditRecord
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.query import EVERY_RECORD, AuditQuery, body_of, symbol_of

AT_US = 1_000


def _record(body: Any = None, **fields: Any) -> AuditRecord:
    values: dict[str, Any] = {
        "account_id": "main",
        "seq": 7,
        "at_us": AT_US,
        "kind": "decision",
        "subject": "plan-1",
        "actor": "scan",
        "body": body if isinstance(body, str) else canonical(body or {}),
        "prev_hash": "",
        "hash": "",
    }
    return AuditRecord(**(values | fields))


BTC = {"plan": {"symbol": "BTC/USDT"}, "verdict": "approved"}
ETH = {"entry": {"symbol": "ETH/USDT"}}

CASES: list[tuple[dict[str, Any], Any, bool]] = [
    ({}, {}, True),
    ({"kinds": ("decision", "closed")}, {}, True),
    ({"kinds": ("closed",)}, {}, False),
    ({"subject": "plan-1"}, {}, True),
    ({"subject": "plan"}, {}, True),
    ({"subject": "lan-1"}, {}, False),
    ({"subject": "plan-12"}, {}, False),
    ({"since_us": AT_US}, {}, True),
    ({"since_us": AT_US + 1}, {}, False),
    ({"until_us": AT_US}, {}, False),
    ({"until_us": AT_US + 1}, {}, True),
    ({"since_us": AT_US, "until_us": AT_US + 1}, {}, True),
    ({"symbol": "BTC/USDT"}, BTC, True),
    ({"symbol": "BTC/USDT"}, ETH, False),
    ({"symbol": "BTC/USDT"}, {}, False),
    ({"symbol": "ETH/USDT"}, ETH, True),
    ({"symbol": "eth"}, ETH, True),
    ({"symbol": "eth/usdt"}, ETH, True),
    ({"symbol": "th/usdt"}, ETH, False),
    ({"symbol": "ETH/USDT:USDT"}, ETH, False),
    ({"actor": "SC"}, {}, True),
    ({"actor": "can"}, {}, False),
    ({"verdict": "approved"}, BTC, True),
    ({"verdict": "rejected"}, BTC, False),
    ({"verdict": "approved"}, ETH, False),
    ({"symbol": "BTC/USDT", "verdict": "approved"}, BTC, True),
    ({"symbol": "BTC/USDT", "verdict": "rejected"}, BTC, False),
    ({"symbol": "ETH/USDT", "verdict": "approved"}, BTC, False),
    ({"kinds": ("decision",), "subject": "plan", "verdict": "approved"}, BTC, True),
]


@pytest.mark.parametrize(("wanted", "body", "matches"), CASES)
def test_a_record_is_wanted_by_all_that_is_asked(wanted, body, matches):
    assert AuditQuery(**wanted).matches(_record(body)) is matches


def test_a_damaged_body_matters_only_to_who_asks_for_it():
    record = _record("{")
    assert EVERY_RECORD.matches(record)
    assert AuditQuery(kinds=("decision",)).matches(record)
    with pytest.raises(StateUnavailable):
        AuditQuery(symbol="BTC/USDT").matches(record)


@pytest.mark.parametrize("body", ["{", "[]", "null", '"text"'])
def test_a_body_that_is_no_object_is_damaged(body):
    with pytest.raises(StateUnavailable) as error:
        body_of(_record(body))
    assert str(error.value) == ("record 7 of the audit is damaged — run `snipersight audit verify`")


@pytest.mark.parametrize(
    ("body", "symbol"),
    [
        (BTC, "BTC/USDT"),
        (ETH, "ETH/USDT"),
        ({"symbol": "SOL/USDT"}, "SOL/USDT"),
        (BTC | ETH, "BTC/USDT"),
        (ETH | {"plan": None}, "ETH/USDT"),
        ({"symbol": "SOL/USDT", "plan": {}}, None),
        ({"symbol": 7}, None),
        ({"symbol": None}, None),
        ({}, None),
    ],
)
def test_a_body_is_about_the_symbol_of_its_plan_or_entry(body, symbol):
    assert symbol_of(body) == symbol
