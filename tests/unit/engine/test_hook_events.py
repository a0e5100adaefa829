"""What plug-ins are told of a scan: every stage, its end and every verdict, as plain data."""

import pytest

from snipersight.bot.hooks.messages import event_line
from snipersight.engine.report import ScanReport
from snipersight.engine.stages import STAGES
from tests.fakes.hook_listening import Listener, listened


@pytest.fixture(scope="module")
def heard() -> tuple[Listener, ScanReport]:
    """Return one scan with everything that was told of it."""
    listener = Listener()
    return listener, listened(listener)


def test_every_stage_is_told_before_and_after_in_order_under_the_id_of_the_scan(heard):
    listener, report = heard
    told = [(event.name, event.stage) for event in listener.events if event.stage]
    names = [name for name, _stage in STAGES]
    assert told == [(when, name) for name in names for when in ("before_stage", "after_stage")]
    assert {event.context_id for event in listener.events} == {report.context_id}
    assert {event.at_ms for event in listener.events} == {report.as_of_ms}


def test_counts_grow_from_stage_to_stage(heard):
    listener, report = heard
    first, last = listener.named("before_stage")[0].data, listener.named("after_stage")[-1].data
    assert first == {"symbols": 0, "read": 0, "waiting": 0, "ended": 0, "approved": 0}
    assert (last["symbols"], last["read"]) == (4, 4)
    assert last["approved"] == len(report.plans)


def test_every_verdict_is_told_and_then_that_the_scan_is_over(heard):
    listener, report = heard
    approved = [event.data["plan_id"] for event in listener.named("plan_approved")]
    assert approved == [ranked.plan.plan_id for ranked in report.plans]
    refused = [event.data["reason"] for event in listener.named("plan_refused")]
    assert refused == [str(one.reason) for one in report.refusals if one.direction is not None]
    assert approved or refused
    assert listener.events[-1].name == "scan_finished"
    assert listener.events[-1].data["funnel"] == dict(report.funnel)


def test_everything_that_is_told_fits_into_json(heard):
    assert all(event_line(event) for event in heard[0].events)


def test_verdicts_that_nobody_wants_are_not_made():
    listener = Listener(wanted=("scan_finished",))
    listened(listener)
    assert not listener.named("plan_refused")
    assert not listener.named("plan_approved")
    assert len(listener.named("scan_finished")) == 1
