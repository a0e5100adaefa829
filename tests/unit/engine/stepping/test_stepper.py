"""Stepping through a market says at each close what a scan as of it says, and nothing later."""

from __future__ import annotations

import asyncio

import pytest

from snipersight.domain.errors import ConfigInvalid, UnknownSymbol
from snipersight.domain.timeframe import HOUR_MS
from snipersight.domain.units import Symbol
from snipersight.engine.stepping.happenings import HappeningKind
from snipersight.engine.stepping.moment_source import MomentSource
from snipersight.engine.stepping.stepper import Step
from tests.builders.stepping import BARS, END_MS, PROFILE, a_stepper, steps_of
from tests.fakes.candle_table import CandleTable
from tests.fakes.live_scanning import BAR_MS, BTC, ETH, markets, without
from tests.fakes.scanning import (
    NOON_MS,
    canonical,
    report_bytes,
    scan,
)


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return steps_of(a_stepper(markets(BTC, ETH)))


def test_each_step_says_what_a_scan_as_of_its_close_says(steps):
    assert [one.at_ms for one in steps] == list(
        range(END_MS - (BARS - 1) * BAR_MS, END_MS + 1, BAR_MS)
    )
    for one in steps[:: BARS // 8] + [one for one in steps if one.planned][:4]:
        seen = scan(markets(BTC, ETH), PROFILE, symbols=BTC, as_of_ms=one.at_ms)
        assert report_bytes(one.report) == report_bytes(seen)


def test_what_a_step_says_does_not_change_when_the_data_ends_there(steps):
    half = steps[BARS // 2]
    table = markets(BTC, ETH).cut(half.at_ms)
    stepper = a_stepper(table, start_ms=steps[0].at_ms - BAR_MS, end_ms=half.at_ms)
    found = steps_of(stepper)
    assert [said(one) for one in found] == [said(one) for one in steps[: BARS // 2 + 1]]


def said(step: Step) -> bytes:
    return canonical((step.number, step.at_ms, step.happenings, step.followed, step.report))


def test_a_source_of_a_moment_tells_nothing_later():
    source = MomentSource(inner=markets(BTC, ETH), symbol=ETH, moment_ms=NOON_MS - HOUR_MS)

    async def told() -> tuple[int, int, int]:
        frame = PROFILE.timeframe("trigger")
        bars = await source.candles(ETH, frame, start_ms=NOON_MS - 3 * HOUR_MS, end_ms=NOON_MS)
        price = await source.reference_price(ETH, at_ms=NOON_MS)
        assert price is not None
        return int(bars.close_time[-1]), price.at_ms, await source.now_ms()

    assert set(asyncio.run(told())) == {NOON_MS - HOUR_MS}


def test_steps_tell_of_structure_zones_and_sweeps_once_at_the_close_that_showed_them(steps):
    told = [(step, one) for step in steps for one in step.happenings]
    kinds = {one.kind for _, one in told}
    wanted = {HappeningKind.SHIFT, HappeningKind.BORN, HappeningKind.SWEEP, HappeningKind.ENDED}
    assert wanted | {HappeningKind.TOUCHED, HappeningKind.FLIPPED} <= kinds
    assert {one.role for _, one in told} == {"trigger", "zone", "bias"}
    for step, one in told:
        assert step.at_ms - BAR_MS < one.known_ms <= step.at_ms
        assert one.known_ms == one.timeframe.floor(one.known_ms)
    assert len({(one.role, one.kind, one.at_ms, one.low, one.known_ms, one.name, one.direction)
                for _, one in told}) == len(told)  # fmt: skip


def test_plans_are_followed_from_the_close_after_their_approval_to_their_end(steps):
    planned = {one.plan.plan_id: step for step in steps for one in step.planned}
    assert planned
    ends: dict[str, int] = {}
    for step in steps:
        for one in step.followed:
            name = one.plan.plan_id
            assert name not in ends, "nothing follows an end"
            assert step.at_ms > int(one.plan.created_at.timestamp() * 1000)
            if one.outcome.status.is_final:
                ends[name] = step.at_ms
            elif name in planned:
                assert one.outcome.followed_to_ms == step.at_ms
    assert ends
    assert set(planned) <= {one.plan.plan_id for step in steps for one in step.followed}


def test_a_close_with_structure_a_decision_or_an_end_is_an_event_and_others_are_not(steps):
    events = [step for step in steps if step.is_event]
    assert 0 < len(events) < len(steps)
    assert all(step.is_event for step in steps if step.planned or step.decided)
    quiet = next(step for step in steps if not step.is_event)
    assert not any(one.kind is HappeningKind.SHIFT for one in quiet.happenings)


def test_bars_that_are_missing_make_no_step_and_leave_the_others_as_a_scan_says():
    table = markets(BTC, ETH)
    gone = {NOON_MS - 8 * BAR_MS, NOON_MS - 7 * BAR_MS}
    holey = CandleTable(
        base={**table.base, ETH: without(table.base[ETH], gone)}, listed=table.listed
    )
    found = steps_of(a_stepper(holey, ETH, end_ms=NOON_MS, bars=12))
    assert len(found) == 10
    for one in found:
        seen = scan(holey, PROFILE, symbols=ETH, as_of_ms=one.at_ms)
        assert report_bytes(one.report) == report_bytes(seen)


@pytest.mark.parametrize(
    ("symbol", "period", "error"),
    [
        (Symbol("FOO/USDT"), {}, UnknownSymbol),
        (BTC, {"start_ms": NOON_MS + HOUR_MS, "end_ms": NOON_MS + 2 * HOUR_MS}, ConfigInvalid),
        (BTC, {"start_ms": END_MS - 1}, None),
        (BTC, {"start_ms": END_MS - BAR_MS, "end_ms": END_MS - 1}, ConfigInvalid),
    ],
)
def test_a_period_without_a_close_is_refused(symbol, period, error):
    if error is None:
        assert len(a_stepper(markets(BTC, ETH), symbol, **period)) == 1
        return
    with pytest.raises(error):
        a_stepper(markets(BTC, ETH), symbol, **period)


def test_the_first_step_at_a_date_is_found_within_the_period_only(steps):
    stepper = a_stepper(markets(BTC, ETH))
    assert stepper.first_at(END_MS) == BARS - 1
    assert stepper.first_at(END_MS - BAR_MS - 1) == BARS - 2
    assert stepper.first_at(END_MS + 1) is None
    assert stepper.first_at(steps[0].at_ms - 2 * BAR_MS) is None
