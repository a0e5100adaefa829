"""An explanation holds everything that was asked of a symbol, whether it became a plan or not."""

import asyncio
from dataclasses import replace
from functools import cache

import pytest

from snipersight.domain.decision import Stage
from snipersight.domain.errors import (
    ConfigInvalid,
    DataInvalid,
    SniperSightError,
    UnknownSymbol,
    VenueUnavailable,
)
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.engine.explain import Explanation, explain_symbol
from snipersight.engine.report import ScanRequest
from tests.fakes.candle_table import CandleTable
from tests.fakes.events import RecordingEvents
from tests.fakes.scanning import (
    NOON_MS,
    a_gate,
    a_lively_profile,
    an_account,
    decision_closes,
    scan,
    synthetic_table,
)

SOL, BTC = Symbol("SOL/USDT:USDT"), Symbol("BTC/USDT:USDT")
ASKED_OF_A_SETUP = ["entry_zone", "bias_alignment", "leader_alignment", "regime", "range_position"]


def table() -> CandleTable:
    return synthetic_table((BTC, SOL))


def explain(
    symbol: Symbol = SOL,
    *,
    profile: Profile | None = None,
    as_of_ms: int | None = None,
    source: CandleTable | None = None,
    equity: str = "10000",
) -> Explanation:
    return asyncio.run(
        explain_symbol(
            ScanRequest(profile=profile or a_lively_profile(), as_of_ms=as_of_ms),
            symbol,
            source=source or table(),
            gate=a_gate(account=an_account(equity)),
            account=an_account(equity),
            sink=RecordingEvents(),
        )
    )


@cache
def lively_moment() -> int:
    """Return a close at which a plan of SOL is alive."""
    for days in range(5):
        report = scan(table(), a_lively_profile(), symbols=SOL, as_of_ms=NOON_MS - days * DAY_MS)
        for close in decision_closes(report):
            if scan(table(), a_lively_profile(), symbols=SOL, as_of_ms=close).plans:
                return close
    raise AssertionError("no plan in five days")


def test_an_approved_plan_shows_every_gate_every_factor_and_every_limit():
    explanation = explain(as_of_ms=lively_moment())
    (approved,) = explanation.approved
    (candidate,) = [one for one in explanation.candidates if str(one.reason) == "approved"]
    codes = [check.code for check in candidate.checks]
    assert codes[:6] == [*ASKED_OF_A_SETUP, "score"]
    assert codes[6:] == [check.code for check in approved.checks]
    assert "risk_budget" in codes
    assert all(check.sentence for check in candidate.checks)
    assert candidate.plan == approved.plan
    assert candidate.confluence is not None
    assert len(candidate.confluence.factors) >= 12
    assert candidate.detail == f"approved: {approved.size} at {approved.plan.entry_near}"


def test_a_refusal_of_the_risk_gate_shows_what_was_asked_before_it():
    explanation = explain(as_of_ms=lively_moment(), equity="0")
    (candidate,) = [one for one in explanation.candidates if str(one.reason) == "rejected:equity"]
    codes = [check.code for check in candidate.checks]
    assert codes[:6] == [*ASKED_OF_A_SETUP, "score"]
    assert [check.code for check in candidate.checks if not check] == ["equity"]
    assert explanation.approved == ()


@pytest.mark.parametrize(
    ("gates", "name"),
    [({"max_range_position": 0.0}, "range_position"), ({"min_score": 100}, "score")],
)
def test_a_gated_setup_shows_every_gate_and_which_one_it_failed(gates, name):
    explanation = explain(profile=a_lively_profile(gates=gates), as_of_ms=lively_moment())
    gated = [one for one in explanation.candidates if str(one.reason) == f"gated:{name}"]
    assert gated
    for candidate in gated:
        assert [check.code for check in candidate.checks][:5] == ASKED_OF_A_SETUP
        assert next(check for check in candidate.checks if not check).code == name


def test_a_declined_setup_shows_the_planner_s_number():
    costly = a_lively_profile(planner={"max_cost_fraction": 0.0001})
    explanation = explain(profile=costly, as_of_ms=lively_moment())
    (candidate,) = [one for one in explanation.candidates if str(one.reason) == "declined:cost"][
        -1:
    ]
    (failed,) = [check for check in candidate.checks if not check]
    assert failed.limit == 0.0001
    assert isinstance(failed.measured, float)
    assert failed.measured > 0.0001
    assert candidate.confluence is not None


def test_every_role_tells_what_it_knows_at_its_newest_close():
    readings = explain().readings
    assert list(readings) == ["trigger", "zone", "bias"]
    assert {reading.known_at_ms for reading in readings.values()} == {NOON_MS}
    assert readings["trigger"].close == float(table().base[SOL].close[-1])


def test_the_leader_s_state_is_shown_for_every_other_market_only():
    leader = explain().leader
    assert leader is not None
    assert leader.known_at_ms == NOON_MS
    assert explain(BTC).leader is None


def test_a_market_without_a_setup_says_what_it_waits_for():
    usual = a_lively_profile().roles.trigger.model_dump()
    calm = a_lively_profile(roles={"trigger": usual | {"min_gap_atr": 10}})
    (candidate,) = explain(profile=calm).candidates
    assert candidate.reason is not None
    assert candidate.reason.stage is Stage.NO_SETUP
    assert "liquidity" in candidate.detail


def test_candidates_come_in_time_order_and_none_is_missing():
    explanation = explain(as_of_ms=lively_moment())
    report = scan(table(), a_lively_profile(), symbols=SOL, as_of_ms=lively_moment())
    moments = [candidate.at_ms for candidate in explanation.candidates]
    assert moments == sorted(moments)
    ended = [str(refusal.reason) for refusal in report.refusals]
    told = [str(candidate.reason) for candidate in explanation.candidates]
    assert sorted(told) == sorted([*ended, *["approved"] * len(report.plans)])


def test_the_notes_say_how_far_back_it_looks_and_pass_warnings_on():
    source = replace(table(), faults={BTC: DataInvalid("its file is damaged")})
    window, warning = explain(source=source).notes
    assert window == "decisions since 2024-06-06T12:00:00Z are shown: older plans have expired"
    assert "its file is damaged" in warning


def test_an_unreadable_symbol_is_explained_by_its_fault():
    explanation = explain(
        source=replace(table(), faults={SOL: DataInvalid("two bars at one time")})
    )
    (candidate,) = explanation.candidates
    assert (str(candidate.reason), candidate.detail) == ("no_data", "two bars at one time")
    assert explanation.readings == {}


@pytest.mark.parametrize(
    ("symbol", "as_of_ms", "faults", "error"),
    [
        ("NOPE/USDT:USDT", None, {}, UnknownSymbol),
        (SOL, NOON_MS + 1, {}, ConfigInvalid),
        (SOL, None, {SOL: VenueUnavailable("down")}, VenueUnavailable),
    ],
)
def test_what_cannot_be_explained_is_an_error(symbol, as_of_ms, faults, error):
    with pytest.raises(SniperSightError) as caught:
        explain(Symbol(symbol), as_of_ms=as_of_ms, source=replace(table(), faults=faults))
    assert type(caught.value) is error
