import json
import re
from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.wording.notice_json import format_json
from snipersight.domain.channels import ChatRole
from snipersight.domain.decision import Check
from snipersight.domain.notices import Notice, PlainText, SignalEvent
from snipersight.domain.units import Money
from tests.builders import a_plan
from tests.builders.decisions import a_refusal, an_approval
from tests.builders.notices import a_digest, a_signal, a_summary, an_alert, an_update, signals

SCHEMA = json.loads(
    (files("snipersight.bot.notifications.schemas") / "notification-1.json").read_text()
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DOCUMENT = (Path(__file__).parents[5] / "docs/notifications/json.md").read_text()
NOTICES: dict[str, Notice] = {
    "signal": a_signal(evidence="known"),
    "update": an_update(),
    "alert": an_alert(),
    "summary": a_summary(),
    "digest": a_digest(),
    "text": PlainText(markdown="*x*"),
}


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("role", ChatRole)
@pytest.mark.parametrize("kind", NOTICES)
def test_every_notice_is_one_valid_object_of_its_schema(kind, role):
    values = format_json(NOTICES[kind], role=role)
    assert values["schema"] == f"snipersight.{kind}/1"
    VALIDATOR.validate(json.loads(json.dumps(values, allow_nan=False)))


@given(signals(), st.sampled_from(ChatRole))
def test_every_signal_is_valid_and_says_what_the_plan_says(signal, role):
    values = format_json(signal, role=role)
    VALIDATOR.validate(values)
    plan = signal.decision.plan
    assert Decimal(values["plan"]["entry"]["near"]) == plan.entry_near
    assert Decimal(values["plan"]["stop"]["price"]) == plan.stop_loss.price
    assert Decimal(values["last_price"]) == signal.last_price
    assert Decimal(values["leverage"]) == signal.decision.leverage
    if role is ChatRole.PRIVATE:
        assert Decimal(values["size"]["base"]) == signal.decision.size
        assert Decimal(values["risk"]["amount"]) == signal.decision.risk


@pytest.mark.parametrize(
    ("thing", "status"),
    [(a_plan(), "planned"), (a_refusal(), "refused"), (an_approval(), "approved")],
)
def test_verdicts_and_plans_alone_are_signals_with_less_in_them(thing, status):
    values = format_json(thing)
    VALIDATOR.validate(values)
    assert values["status"] == status
    assert (values["size"] is None) is (status != "approved")
    assert values["account"] is values["judged_at"] is None


@pytest.mark.parametrize("event", SignalEvent)
def test_events_without_price_or_result_are_valid(event):
    values = format_json(an_update(event, price=None, net_r=None))
    VALIDATOR.validate(values)
    assert values["event"] == event
    assert values["price"] is values["net_r"] is values["target"] is None


SPOILS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a missing key": lambda values: values.pop("evidence"),
    "an extra key": lambda values: values.update(extra=1),
    "a number for a price": lambda values: values.update(last_price=1.5),
    "an exponent": lambda values: values["plan"]["entry"].update(near="1e-05"),
    "a local time": lambda values: values.update(judged_at="2024-06-07 10:00"),
    "another version": lambda values: values.update(schema="snipersight.signal/2"),
}


@pytest.mark.parametrize("fault", SPOILS)
def test_the_schema_notices(fault):
    values = format_json(a_signal())
    VALIDATOR.validate(values)
    SPOILS[fault](values)
    assert list(VALIDATOR.iter_errors(values))


def test_what_cannot_be_computed_is_null_and_never_nan():
    check = Check(code="equity", passed=False, measured=float("nan"), limit=Decimal("Infinity"))
    signal = a_signal(decision=a_refusal(checks=(check,)), equity=Money(Decimal("NaN")))
    values = format_json(signal)
    VALIDATOR.validate(json.loads(json.dumps(values, allow_nan=False)))
    assert values["equity"] is values["checks"][0]["measured"] is values["checks"][0]["limit"]


def test_texts_are_data_and_not_escaped():
    values = format_json(a_plan(rationale="a*b\n{{c}}"))
    assert values["plan"]["rationale"] == "a*b\n{{c}}"


def test_a_summary_holds_all_its_signals_best_first():
    found = [a_signal(a_plan(score=score)) for score in (61.0, 90.0)]
    values = format_json(a_summary(*found))
    assert [one["plan"]["score"] for one in values["signals"]] == [90.0, 61.0]
    assert values["funnel"][1] == {"reason": "gated:score", "count": 6}


def test_the_document_shows_a_signal_and_every_key():
    blocks = re.findall(r"```json\n(.*?)\n```", DOCUMENT, re.DOTALL)
    assert json.loads(blocks[0]) == format_json(a_signal())
    for kind in NOTICES:
        section = DOCUMENT.partition(f"`snipersight.{kind}/1`\n")[2].partition("\n## ")[0]
        keys = set(SCHEMA["$defs"][kind]["required"]) - {"schema", "version"}
        assert {key for key in keys if f"`{key}`" not in section} == set(), kind
