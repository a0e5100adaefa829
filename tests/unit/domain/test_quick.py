"""Quick dataclasses are dataclasses: the same values, as frozen, made and changed by the same names."""

import dataclasses
import pickle
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from snipersight.domain.exposure import Amounts
from snipersight.domain.ledger import EntryState
from snipersight.domain.quick import quick, replace
from tests.builders.ledger import an_entry


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    note: str = ""
    size: int
    fills: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError(f"size is {self.size}")


def test_defaults_stand_where_nothing_is_said_and_none_is_shared():
    first, second = Order(size=1), Order(size=1)
    first.fills.append(3)
    assert (first.note, second.fills) == ("", [])
    assert Order(note="mine", size=2, fills=[1]) == Order(size=2, fills=[1], note="mine")


def test_what_the_constructor_refuses_is_refused_when_made_and_when_changed():
    with pytest.raises(ValueError, match="size is -1"):
        Order(size=-1)
    with pytest.raises(ValueError, match="size is -2"):
        replace(Order(size=1), size=-2)


def test_a_value_stays_frozen_and_has_no_other_fields():
    order = Order(size=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        order.size = 2  # type: ignore[misc]  # what is tried
    with pytest.raises(TypeError):
        Order(size=1, colour="red")  # type: ignore[call-arg]  # what is tried


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (Order(size=1, note="a"), {"note": "b"}),
        (Amounts(risk=Decimal(1)), {"margin": Decimal(2), "notional": Decimal(3)}),
        (an_entry(), {"realised": Decimal(5), "state": EntryState.RESERVED}),
        (an_entry(), {}),
    ],
    ids=["order", "amounts", "entry", "unchanged"],
)
def test_a_change_gives_what_dataclasses_would(value, changes):
    changed = replace(value, **changes)
    assert changed == dataclasses.replace(value, **changes)
    assert type(changed) is type(value)
    assert pickle.loads(pickle.dumps(changed)) == changed


def test_another_dataclass_is_changed_as_ever():
    @dataclass(frozen=True)
    class Plain:
        one: int
        two: int = 2

    assert replace(Plain(1), two=3) == Plain(1, 3)
