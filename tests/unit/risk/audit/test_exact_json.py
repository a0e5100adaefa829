"""Whatever is generated reads back equal, in every field, type and spelling."""

import dataclasses
import json
import typing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import TradePlan
from snipersight.domain.timeframe import ALL_TIMEFRAMES, Timeframe
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.codec import spelt_check
from snipersight.risk.audit.exact_json import decode, encode, spell
from snipersight.risk.inputs import GateInputs
from snipersight.risk.policy import RiskPolicy
from tests.builders.decisions import gate_inputs
from tests.builders.ledger import a_policy
from tests.builders.plans import a_plan

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])
_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    bool: st.booleans(),
    int: st.integers(-(2**70), 2**70),
    float: st.floats(allow_nan=False),
    Decimal: st.decimals(allow_nan=False),
    datetime: st.datetimes(timezones=_ZONES),
    Timeframe: st.sampled_from(ALL_TIMEFRAMES),
}


def _values(kind: Any) -> st.SearchStrategy[Any]:
    """Return every value of an annotation, whatever constructors say about it."""
    kind = getattr(kind, "__supertype__", kind)
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind is type(None):
        return st.none()
    if typing.get_origin(kind) is tuple:
        return st.lists(_values(typing.get_args(kind)[0]), max_size=2).map(tuple)
    if typing.get_args(kind):
        return st.one_of(*(_values(one) for one in typing.get_args(kind)))
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        fields = {item.name: _values(hints[item.name]) for item in dataclasses.fields(kind)}
        return st.fixed_dictionaries(fields).map(lambda held: _around(kind, held))
    return st.sampled_from(list(kind))


def _around(kind: Any, held: dict[str, Any]) -> Any:
    built = object.__new__(kind)
    for name, value in held.items():
        object.__setattr__(built, name, value)
    return built


def _spelling(value: Any) -> Any:
    """Return a value as nested tuples of types and spellings."""
    if dataclasses.is_dataclass(value):
        return [_spelling(getattr(value, item.name)) for item in dataclasses.fields(value)]
    if isinstance(value, tuple):
        return tuple(_spelling(one) for one in value)
    return (type(value), str(value))


def _read_back(value: Any) -> Any:
    return decode(type(value), json.loads(canonical(encode(value))))


@given(_values(TradePlan))
def test_every_plan_reads_back_valid_or_not(plan: TradePlan):
    assert _spelling(_read_back(plan)) == _spelling(plan)


@given(_values(GateInputs))
def test_all_inputs_read_back(inputs: GateInputs):
    assert _spelling(_read_back(inputs)) == _spelling(inputs)


@given(_values(Check))
def test_every_check_reads_back_with_the_type_of_its_numbers(check: Check):
    assert _spelling(_read_back(check)) == _spelling(check)


@pytest.mark.parametrize("value", [a_plan(), gate_inputs(), a_policy(max_total="0.30")], ids=str)
def test_valid_objects_read_back_equal(value: Any):
    assert _read_back(value) == value


@pytest.mark.parametrize("text", ["1E-8", "0E+3", "-0.00", "1.10", "NaN", "sNaN", "-Infinity"])
def test_a_decimal_keeps_its_spelling(text: str):
    check = Check(code="c", passed=True, measured=Decimal(text))
    assert encode(check) == {
        "code": "c",
        "passed": True,
        "measured": {"decimal": text},
        "limit": None,
        "sentence": "",
    }
    assert str(_read_back(check).measured) == text


@dataclass
class _Odd:
    number: Decimal
    side: Direction


@pytest.mark.parametrize("number", [1, 0.1, "0.1", True, None, 2**60, datetime(2024, 1, 1)])  # noqa: DTZ001
def test_a_value_of_another_type_than_declared_keeps_its_own(number: Any):
    read = _read_back(_Odd(number=number, side=Direction.LONG))
    assert (read.number, type(read.number)) == (number, type(number))


def test_a_number_of_numpy_becomes_the_plain_one_it_equals():
    held: Any = np.float64(0.1)
    read = _read_back(_Odd(number=held, side=held))
    assert (read.number, type(read.number), read.side) == (0.1, float, 0.1)


def test_what_json_cannot_carry_is_shown_but_not_read_back():
    held: Any = object()
    written: Any = encode(_Odd(number=held, side=held))
    assert written["number"]["other"].startswith("<object object")
    with pytest.raises(DataInvalid, match="no value of an audit record"):
        decode(_Odd, written)


@pytest.mark.parametrize(
    "written",
    [
        [],
        "text",
        {"number": "one", "side": "LONG"},
        {"number": 1, "side": "LONG"},
        {"number": "1", "side": "UP"},
        {"number": {"decimal": 5}, "side": "LONG"},
        {"number": {"decimal": "x"}, "side": "LONG"},
        {"number": {}, "side": "LONG"},
        {"number": "1", "side": "LONG", "more": 1},
    ],
    ids=repr,
)
def test_what_was_not_written_by_encode_is_refused(written: object):
    with pytest.raises(DataInvalid):
        decode(_Odd, written)


def test_a_type_without_exact_json_is_a_fault_of_the_caller():
    with pytest.raises(TypeError, match="no exact JSON"):
        encode({1})


def test_the_policy_reads_back_with_its_hash():
    assert _read_back(RiskPolicy()).hash == RiskPolicy().hash


@pytest.mark.parametrize(
    "written", [{"time": "noon"}, {"int": "1.5"}, {"float": "x"}, {"decimal": "x"}, {"other": "x"}]
)
def test_a_number_that_says_another_type_than_it_is_is_refused(written: object):
    with pytest.raises(DataInvalid) as error:
        decode(Check, {"code": "c", "passed": True, "measured": written})
    assert str(error.value) == (
        f"{written!r} is no value of an audit record — it was written by another version, or "
        "changed: see `snipersight audit verify`"
    )


def test_a_long_value_that_cannot_be_read_is_told_shortened():
    with pytest.raises(DataInvalid) as error:
        decode(_Odd, "x" * 1_000)
    assert len(error.value.what) == 200 + len(" is no value of an audit record")


@given(st.one_of(_values(TradePlan), _values(GateInputs), _values(Check), _values(LedgerEntry)))
def test_what_is_spelt_at_once_is_the_canonical_json_of_what_is_encoded(value: Any):
    assert spell(value) == canonical(encode(value))


_ANYTHING: list[Any] = [
    *(None, True, 3, 2**60, -(2**53), 0.1, float("nan"), 'é"\\\n', "%s", (1,), [], object),
    *(Decimal("1E-8"), Direction.LONG, datetime(2024, 1, 1, tzinfo=UTC), np.float64(0.1), a_plan()),
]


@given(st.lists(st.sampled_from(_ANYTHING), min_size=5, max_size=5))
def test_values_of_other_types_than_declared_are_spelt_with_their_type(values: list[Any]):
    check = _around(Check, dict(zip(Check.__dataclass_fields__, values, strict=True)))
    plan = {name: getattr(a_plan(), name) for name in TradePlan.__dataclass_fields__}
    names = ("targets", "timeframe", "created_at", "entry_near", "stop_loss")
    broken = _around(TradePlan, plan | dict(zip(names, values, strict=True)))
    for one in (check, broken, _Odd(number=values[0], side=values[1])):
        assert spell(one) == canonical(encode(one))
    assert spelt_check(check) == spell(check)


@given(_values(Check))
def test_every_check_is_spelt_by_hand_as_it_is_by_its_type(check: Check):
    assert spelt_check(check) == spell(check)


def test_an_object_without_all_of_its_fields_is_spelt_as_far_as_it_goes():
    assert spell(_around(Check, {"code": "c"})) == '{"code":"c"}'
