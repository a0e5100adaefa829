"""The scan as one thing: its counts add up, its answer repeats, and trouble stays where it is."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snipersight.domain.errors import (
    ConfigInvalid,
    DataInvalid,
    NoData,
    SniperSightError,
    UnknownSymbol,
    VenueUnavailable,
)
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.engine.report import PlanStatus, ScanReport
from snipersight.sandbox.market import SyntheticMarket
from tests.fakes.candle_table import CandleTable
from tests.fakes.events import RecordingEvents
from tests.fakes.scanning import (
    NOON_MS,
    a_gate,
    a_lively_profile,
    an_account,
    decision_closes,
    report_bytes,
    scan,
    synthetic_table,
)

SYMBOLS = tuple(f"{base}/USDT:USDT" for base in "BTC ETH SOL DOGE".split())
ROOT = Path(__file__).parents[2]
SOL = Symbol("SOL/USDT:USDT")
BTC = Symbol("BTC/USDT:USDT")
FAULTS: tuple[SniperSightError, ...] = (
    VenueUnavailable("rate limited", where="sandbox"),
    DataInvalid("NaN or infinite value"),
    UnknownSymbol("not listed any more"),
    NoData("no bar in the period"),
)


def table() -> CandleTable:
    return synthetic_table(SYMBOLS)


def a_scan(source: CandleTable, **arguments: object) -> ScanReport:
    settings = {"profile": a_lively_profile(), "symbols": ",".join(source.listed)} | arguments
    return scan(source, settings.pop("profile"), **settings)  # type: ignore[arg-type] # keyword for keyword


@cache
def lively_moments() -> tuple[int, ...]:
    """Return moments at which plans are alive: closes that decided some."""
    days = (NOON_MS, NOON_MS - DAY_MS)
    return tuple(close for day in days for close in decision_closes(a_scan(table(), as_of_ms=day)))


def about(report: ScanReport, symbol: Symbol) -> list[object]:
    plans = [ranked for ranked in report.plans if ranked.plan.symbol == symbol]
    refusals = [refusal for refusal in report.refusals if refusal.symbol == symbol]
    return [*plans, *refusals]


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    back=st.integers(0, 3 * 288),
    chosen=st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=4, unique=True),
    faults=st.dictionaries(st.sampled_from(SYMBOLS), st.sampled_from(FAULTS[1:]), max_size=3),
    min_score=st.sampled_from((0, 40, 60)),
    equity=st.sampled_from(("0", "5", "500", "100000")),
)
def test_the_funnel_counts_every_candidate_once_and_every_symbol_has_one(
    back, chosen, faults, min_score, equity
):
    report = a_scan(
        replace(table(), faults={Symbol(name): fault for name, fault in faults.items()}),
        symbols=",".join(chosen),
        profile=a_lively_profile(gates={"min_score": min_score}),
        as_of_ms=NOON_MS - back * 300_000,
        account=an_account(equity),
    )
    assert sum(count for _, count in report.funnel) == len(report.plans) + len(report.refusals)
    ended = Counter(str(refusal.reason) for refusal in report.refusals)
    assert Counter(dict(report.funnel)) == ended + Counter(approved=len(report.plans))
    looked_at = {plan.plan.symbol for plan in report.plans} | {r.symbol for r in report.refusals}
    assert looked_at == set(report.universe) == set(chosen)
    setups = [str(plan.plan.setup_id) for plan in report.plans]
    setups += [str(r.setup_id) for r in report.refusals if r.plan is not None]
    assert len(setups) == len(set(setups))
    assert sum(report.regimes.values()) == len(chosen)


def test_plans_come_best_first_and_each_is_sized_within_its_budget():
    reports = [a_scan(table(), as_of_ms=moment) for moment in lively_moments()[:10]]
    assert sum(len(report.plans) for report in reports) >= 5
    assert max(len(report.plans) for report in reports) > 1
    for report in reports:
        scores = [ranked.plan.confluence.score for ranked in report.plans]
        assert scores == sorted(scores, reverse=True)
        assert [ranked.rank for ranked in report.plans] == list(range(1, len(scores) + 1))
        assert all(ranked.decision.risk <= Decimal(100) for ranked in report.plans)


def test_a_plan_shows_where_price_stands_towards_its_zone():
    moments = [close + 300_000 * bars for close in lively_moments()[:6] for bars in (0, 3, 6)]
    ranked = [plan for moment in moments for plan in a_scan(table(), as_of_ms=moment).plans]
    for plan in ranked:
        away = plan.plan.direction.gain(plan.last_price, entry=plan.plan.entry_near)
        assert (plan.status is PlanStatus.IN_ZONE) is (away <= 0)
        if away > 0:
            was_there = plan.entered_at_ms is not None
            assert plan.status is (PlanStatus.TOUCHED if was_there else PlanStatus.WAITING)
        assert plan.distance_fraction == (plan.plan.entry_near - plan.last_price) / plan.last_price
    assert len({plan.status for plan in ranked}) > 1


def test_a_plan_that_can_no_longer_be_entered_is_not_shown():
    """The last bar that may fill a plan closes when it expires; from then on it is history."""
    brief = a_lively_profile(setup={"valid_bars": 1})
    for moment in lively_moments():
        alive = a_scan(table(), profile=brief, as_of_ms=moment)
        for ranked in alive.plans:
            expiry = int(ranked.plan.valid_until.timestamp() * 1000)
            assert expiry == moment + 300_000
            later = a_scan(table(), profile=brief, as_of_ms=expiry)
            assert ranked.plan.plan_id not in {other.plan.plan_id for other in later.plans}
            return
    pytest.fail("no plan at all")


@pytest.mark.parametrize("workers", [2, 7])
def test_the_number_of_workers_changes_nothing(workers):
    assert report_bytes(a_scan(table(), workers=workers)) == report_bytes(a_scan(table()))


_CHILD = """
import hashlib, sys
from snipersight.bootstrap.compile_cache import configure_compile_cache
configure_compile_cache()
from snipersight.sandbox.market import SyntheticMarket
from tests.fakes.scanning import NOON_MS, a_lively_profile, report_bytes, scan
market = SyntheticMarket(7, clock=lambda: NOON_MS)
report = scan(market, a_lively_profile(), symbols="top4", workers=int(sys.argv[1]))
print(hashlib.sha256(report_bytes(report)).hexdigest(), len(report.universe))
"""


@pytest.mark.parametrize(("hash_seed", "workers"), [("1", "1"), ("2", "7")])
def test_the_same_seed_gives_the_same_scan_in_another_process(hash_seed, workers):
    market = SyntheticMarket(7, clock=lambda: NOON_MS)
    here = hashlib.sha256(report_bytes(scan(market, a_lively_profile(), symbols="top4")))
    environment = os.environ | {
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
    }
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, workers],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    assert child.stdout.split() == [here.hexdigest(), "4"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_bad_symbol_never_stops_the_others(fault):
    whole, hurt = a_scan(table()), a_scan(replace(table(), faults={SOL: fault}))
    (refusal,) = about(hurt, SOL)
    assert str(refusal.reason) == "no_data"  # type: ignore[attr-defined] # a refusal
    for symbol in map(Symbol, SYMBOLS):
        if symbol != SOL:
            assert about(hurt, symbol) == about(whole, symbol)


def test_trouble_with_a_symbol_is_told_to_the_sink():
    sink = RecordingEvents()
    a_scan(replace(table(), faults={SOL: FAULTS[0]}), sink=sink)
    assert sink.named("data_quality") == [
        {"symbol": SOL, "stage": "no_data", "what": "sandbox: rate limited"}
    ]


def test_a_venue_that_answers_for_no_symbol_is_unavailable():
    down = {Symbol(name): FAULTS[0] for name in SYMBOLS}
    with pytest.raises(VenueUnavailable, match="none of 4 symbols could be read") as caught:
        a_scan(replace(table(), faults=down))
    assert "rate limited" in caught.value.what


def test_one_readable_symbol_is_an_answer():
    down = {Symbol(name): FAULTS[0] for name in SYMBOLS[1:]}
    report = a_scan(replace(table(), faults=down))
    assert dict(report.funnel)["no_data"] == 3


def test_an_unreadable_leader_warns_and_gates_whoever_asks_for_it():
    asking = a_lively_profile(gates={"leader_alignment": "not_against"})
    for fault in FAULTS:
        reports = [
            a_scan(
                replace(table(), faults={BTC: fault}),
                profile=asking,
                as_of_ms=NOON_MS - days * DAY_MS,
            )
            for days in range(3)
        ]
        reasons = {name for report in reports for name, _ in report.funnel}
        assert "gated:leader_unknown" in reasons
        assert not any(report.plans for report in reports)
        for report in reports:
            (warning,) = report.warnings
            assert warning.startswith("BTC's state is unknown")
            assert fault.what in warning


def test_a_source_without_bitcoin_says_so():
    (warning,) = a_scan(synthetic_table(SYMBOLS[1:])).warnings
    assert "this source lists no BTC market" in warning


@pytest.mark.parametrize(
    ("since_ms", "until_ms", "words"),
    [
        (NOON_MS - 2 * DAY_MS, NOON_MS, "begins 2024-06-05T12:00:00Z and needs 9 days"),
        (0, NOON_MS - 2 * 3_600_000, "closed at 2024-06-07T10:00:00Z"),
    ],
)
def test_a_leader_with_too_few_candles_warns(since_ms, until_ms, words):
    bars = table().base[BTC].known_at(until_ms)
    short = bars.slice(int(bars.open_time.searchsorted(since_ms)), len(bars))
    source = replace(table(), base={**table().base, BTC: short}, now=NOON_MS)
    (warning,) = a_scan(source, symbols=SOL).warnings
    assert words in warning


def test_a_leader_in_good_order_warns_of_nothing():
    assert a_scan(table()).warnings == ()


def test_bitcoin_needs_no_leader():
    asking = a_lively_profile(gates={"leader_alignment": "with"})
    reports = [
        a_scan(table(), profile=asking, symbols=BTC, as_of_ms=NOON_MS - days * DAY_MS)
        for days in range(4)
    ]
    reasons = {name for report in reports for name, _ in report.funnel}
    assert not reasons & {"gated:leader_unknown", "gated:leader_alignment"}
    assert any(refusal.setup_id for report in reports for refusal in report.refusals)


def test_a_rate_that_cannot_be_read_refuses_plans_and_stops_nothing():
    outage = VenueUnavailable("rate limited")
    source = replace(table(), rates={("USDT", "EUR"): outage})
    moments = lively_moments()[:4]
    in_dollars = [dict(a_scan(table(), as_of_ms=moment).funnel) for moment in moments]
    in_euros = [
        dict(a_scan(source, as_of_ms=moment, account=an_account(currency="EUR")).funnel)
        for moment in moments
    ]
    approved = [funnel.get("approved", 0) for funnel in in_dollars]
    assert [funnel.get("rejected:quote_rate", 0) for funnel in in_euros] == approved
    assert sum(approved) > 0


def test_a_moment_after_the_newest_data_is_refused():
    with pytest.raises(ConfigInvalid, match="2024-06-07T13:00:00Z lies after the newest data"):
        a_scan(table(), as_of_ms=NOON_MS + 3_600_000)


def test_without_a_moment_the_scan_speaks_about_the_newest():
    assert a_scan(table()).as_of_ms == NOON_MS


def test_a_symbol_nobody_lists_is_dropped_with_its_reason():
    report = a_scan(table(), symbols="SOL/USDT:USDT,NOPE/USDT:USDT")
    assert report.universe == (SOL,)
    ((name, why),) = report.dropped
    assert name == "NOPE/USDT:USDT"
    assert why.startswith("unknown symbol")


def test_the_same_question_has_the_same_name_and_another_one_has_not():
    one, again = a_scan(table()), a_scan(table())
    other = a_scan(table(), as_of_ms=NOON_MS - 300_000)
    assert one.context_id == again.context_id != other.context_id
    assert one.context_id.startswith("scan_20240607_120000_")


def test_every_plan_and_every_refused_setup_becomes_an_event():
    sink = RecordingEvents()
    report = a_scan(table(), sink=sink, gate=a_gate("0.001"))
    assert sink.names[0] == "scan_started"
    assert sink.names[-1] == "scan_finished"
    told = Counter(sink.names)
    assert told["signal_generated"] == len(report.plans)
    setups = [refusal for refusal in report.refusals if refusal.direction is not None]
    assert 0 < len(setups) < len(report.refusals)  # a market without a setup is no signal
    assert told["plan_declined"] + told["signal_rejected"] == len(setups)
