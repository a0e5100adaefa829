"""The registered ports: a whole set or none."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from snipersight.risk import registry
from snipersight.risk.registry import RiskPorts, ports_of
from tests.builders.ledger import a_policy
from tests.fakes.memory_store import a_memory_store

STORE, POLICY = a_memory_store(), a_policy()


def clock() -> int:
    return 1


PORTS = RiskPorts(account_id="main", store=STORE, clock=clock, policy=POLICY)


@pytest.fixture(autouse=True)
def nothing_registered() -> Iterator[None]:
    registry.clear()
    yield
    registry.clear()


def test_what_was_registered_last_is_used_until_it_is_cleared() -> None:
    assert registry.defaults() is None
    registry.register(PORTS)
    other = RiskPorts(account_id="other", store=STORE, clock=clock, policy=POLICY)
    registry.register(other)
    assert registry.defaults() is other
    registry.clear()
    registry.clear()
    assert registry.defaults() is None


def test_a_missing_port_comes_from_the_registered_set() -> None:
    registry.register(PORTS)
    strict = a_policy(max_positions=1)
    found = ports_of(policy=strict)
    assert found == RiskPorts(account_id="main", store=STORE, clock=clock, policy=strict)
    assert ports_of() == PORTS


def later() -> int:
    return 2


OWN = {
    "account_id": "other",
    "store": a_memory_store(account_id="other"),
    "clock": later,
    "policy": a_policy(max_positions=1),
}


@pytest.mark.parametrize("name", list(OWN))
def test_what_a_caller_names_is_taken_before_what_is_registered(name: str) -> None:
    registry.register(PORTS)
    found = ports_of(**{name: OWN[name]})  # type: ignore[arg-type]
    assert found == replace(PORTS, **{name: OWN[name]})  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["account_id", "store", "clock", "policy"])
def test_half_a_set_is_none(missing: str) -> None:
    given = {"account_id": "main", "store": STORE, "clock": clock, "policy": POLICY}
    assert ports_of(**given) == PORTS  # type: ignore[arg-type]
    del given[missing]
    assert ports_of(**given) is None  # type: ignore[arg-type]


def test_a_caller_without_ports_refuses() -> None:
    check = registry.not_configured()
    assert (check.code, check.passed) == ("not_configured", False)


def test_a_refusal_without_ports_says_what_is_missing() -> None:
    assert registry.not_configured().sentence == (
        "no account, ledger or limits were registered, so nothing can be checked"
    )
