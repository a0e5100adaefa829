import io
import json
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from snipersight.cli.explanation_json import explanation_json
from snipersight.cli.explanation_text import leader_line, print_explanation
from snipersight.domain.decision import Approved, Candidate, Check, Stage, TerminalReason
from snipersight.domain.direction import Direction
from snipersight.domain.ports import LeaderState
from snipersight.engine.explain import Explanation
from tests.builders import DECIDED_AT_MS, a_leader, a_plan, a_profile, a_reading
from tests.unit.cli.report_builders import RISK_CHECK, SCORE_CHECK, an_approval

READINGS = {"trigger": a_reading("15m"), "zone": a_reading("1h"), "bias": a_reading("4h")}


def a_candidate(stage: Stage = Stage.GATED, name: str = "min_score", **overrides: Any) -> Candidate:
    values: dict[str, Any] = {
        "symbol": "BTC/USDT",
        "at_ms": DECIDED_AT_MS,
        "reason": TerminalReason(stage=stage, name=name),
        "detail": "scores 41.5, 50 is asked",
        "direction": Direction.LONG,
        "checks": (SCORE_CHECK,),
    }
    return Candidate(**(values | overrides))


def an_explanation(
    *candidates: Candidate, approved: tuple[Approved, ...] = (), **overrides: Any
) -> Explanation:
    values: dict[str, Any] = {
        "symbol": "BTC/USDT",
        "as_of_ms": DECIDED_AT_MS,
        "candidates": candidates,
        "approved": approved,
        "readings": READINGS,
        "leader": a_leader(),
        "notes": ("older plans have expired",),
    }
    return Explanation(**(values | overrides))


def approved_explanation() -> Explanation:
    plan = a_plan()
    candidate = a_candidate(
        Stage.APPROVED,
        "",
        plan=plan,
        detail="",
        checks=(RISK_CHECK, SCORE_CHECK),
        setup_id=plan.setup_id,
    )
    return an_explanation(candidate, approved=(an_approval(plan),))


def shown(explanation: Explanation, width: int = 120) -> str:
    stream = io.StringIO()
    print_explanation(explanation, "sandbox", Console(file=stream, width=width, markup=False))
    return stream.getvalue()


def test_a_refusal_shows_gate_measured_value_and_limit():
    text = shown(an_explanation(a_candidate()))
    assert "Verdict: gated:min_score: scores 41.5, 50 is asked" in text
    (row,) = [line for line in text.splitlines() if line.strip().startswith("min_score")]
    assert row.split()[1:4] == ["failed", "41.5", "50"]


def test_a_plan_shows_every_factor_and_they_add_up_to_the_score():
    explanation = approved_explanation()
    text = shown(explanation)
    confluence = explanation.approved[0].plan.confluence
    for factor in confluence.factors:
        assert factor.name in text
        assert factor.sentence in text
    assert "score, tier B" in text
    assert "72.0" in text
    assert "−8.0" in text  # the conflict


def test_a_plan_shows_prices_reasons_and_size():
    text = shown(approved_explanation())
    assert "Verdict: a LONG plan" in text
    for part in ("entry 42,250 – 42,050", "stop 41,750 (−1.18 %, 2.00 ATR)", "target 3 44,350"):
        assert part in text
    assert "size 0.18604 BTC = 7,860.19 USDT" in text
    assert "risk_budget" in text


def test_every_role_is_shown_with_its_zones_and_liquidity():
    text = shown(an_explanation(a_candidate()))
    for part in ("trigger 15m", "zone 1h", "bias 4h", "97.5 – 100.5", "EQH 108", "PDH 112"):
        assert part in text
    assert "What BTC says" in text
    assert "• older plans have expired" in text


def test_the_newest_verdict_comes_first():
    older = a_candidate(at_ms=DECIDED_AT_MS - 900_000, detail="the older one")
    text = shown(an_explanation(older, a_candidate(detail="the newer one")))
    assert "Verdict: gated:min_score: the newer one" in text
    assert text.rindex("the newer one") < text.index("the older one")


def test_nothing_known_is_told_too():
    text = shown(an_explanation(readings={}, leader=None, notes=()))
    assert "nothing was judged" in text
    assert (
        leader_line(LeaderState(trend=0, regime=None, known_at_ms=None)) == "nothing is known yet"
    )


@pytest.mark.parametrize("width", [80, 109, 110, 140])
def test_nothing_is_cut_off_or_wider_than_the_window(width):
    text = shown(approved_explanation(), width)
    assert "…" not in text
    words = " ".join(text.split())
    for check in (RISK_CHECK, SCORE_CHECK):
        assert all(word in words for word in check.sentence.split())
    assert max(map(len, text.splitlines())) <= width


def test_the_json_form_holds_every_number_and_is_json():
    values = explanation_json(approved_explanation(), a_profile())
    again = json.loads(json.dumps(values, allow_nan=False))
    assert again["schema"] == "snipersight.explain/1"
    assert again["candidates"][0]["plan"]["score"] == 72.0
    assert again["readings"]["bias"]["pools"][0]["label"] == "EQH"
    assert Decimal(again["approved"][0]["risk"]["amount"]) == Decimal("99.99")
    assert again["candidates"][0]["checks"][0]["limit"] == "100"


def test_a_check_without_measure_shows_a_dash():
    bare = Check(code="warm_up", passed=True)
    text = shown(an_explanation(a_candidate(checks=(bare,))))
    (row,) = [line for line in text.splitlines() if line.strip().startswith("warm_up")]
    assert row.split()[1:] == ["passed", "–", "–"]
