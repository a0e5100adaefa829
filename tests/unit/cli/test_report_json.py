import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from snipersight.cli.report_json import render_json, report_json
from snipersight.domain.decision import Check
from snipersight.domain.units import Money
from snipersight.engine.report import PlanStatus, ScanReport
from tests.builders import DECIDED_AT_MS, a_plan
from tests.unit.cli.report_builders import (
    a_pepe_plan,
    a_ranked_plan,
    a_refusal,
    a_refused_plan,
    a_report,
    unread,
)

SCHEMA = json.loads((files("snipersight.cli.schemas") / "scan-1.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def a_full_report() -> ScanReport:
    return a_report(
        plans=[
            a_ranked_plan(a_pepe_plan()),
            a_ranked_plan(rank=2, status=PlanStatus.TOUCHED, entered_at_ms=DECIDED_AT_MS),
        ],
        refusals=[a_refusal(), a_refusal(plan=a_plan(), setup_id="abc"), unread("X/USDT")],
        warnings=("something",),
    )


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("report", [a_full_report(), a_report(plans=[], refusals=[])])
def test_a_report_is_one_valid_object(report):
    charts = {ranked.plan.plan_id: "charts/x.png" for ranked in report.plans}
    VALIDATOR.validate(json.loads(render_json(report, report.plans, charts)))


SPOILS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a missing key": lambda values: values.pop("funnel"),
    "an extra key": lambda values: values.update(extra=1),
    "a number for a price": lambda values: values["plans"][0].update(last_price=1.5),
    "an exponent": lambda values: values["plans"][0]["entry"].update(near="1e-05"),
}


@pytest.mark.parametrize("fault", SPOILS)
def test_the_schema_notices(fault):
    report = a_full_report()
    values = report_json(report, report.plans, {})
    VALIDATOR.validate(values)
    SPOILS[fault](values)
    assert list(VALIDATOR.iter_errors(values))


def test_exact_numbers_are_text_without_exponent():
    values = report_json(a_full_report(), a_full_report().plans, {})
    plan = values["plans"][0]
    assert plan["entry"]["near"] == "0.00001234"
    assert plan["risk"] == {"amount": "99.99", "fraction": "0.009999"}
    assert Decimal(plan["distance_fraction"]) < 0


def test_the_counts_of_the_funnel_add_up():
    report = a_full_report()
    values = report_json(report, report.plans[:1], {})
    total = sum(row["count"] for row in values["funnel"])
    assert total == values["plans_found"] + len(values["refusals"]) == 5
    assert len(values["plans"]) == 1


def test_what_cannot_be_computed_is_null_and_never_nan():
    check = Check(code="x", passed=False, measured=float("nan"), limit=float("inf"))
    report = a_report(refusals=[a_refusal(checks=(check,))])
    text = render_json(report, report.plans, {})
    assert "NaN" not in text
    assert json.loads(text)["refusals"][0]["checks"][0]["measured"] is None


@pytest.mark.parametrize("unknown", ["NaN", "Infinity"])
def test_an_unknown_equity_and_an_unmeasured_limit_are_null(unknown):
    check = Check(code="equity", passed=False, measured=Decimal(unknown), limit=Decimal(0))
    account = replace(a_report().account, equity=Money(Decimal(unknown)))
    report = a_report(plans=[], refusals=[a_refused_plan(None, check)], account=account)
    values = json.loads(render_json(report, report.plans, {}))
    VALIDATOR.validate(values)
    assert values["account"]["equity"] is None
    assert values["refusals"][0]["checks"][-1]["measured"] is None
    assert values["refusals"][0]["reason"] == "rejected:equity"


def test_the_same_report_is_the_same_text():
    report = a_full_report()
    assert render_json(report, report.plans, {}) == render_json(a_full_report(), report.plans, {})
