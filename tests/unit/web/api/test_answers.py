"""Every question of the API is answered from the store as it is."""

from typing import Any

import httpx
import pytest

from snipersight.domain.access import Scope
from tests.fakes.dashboard_home import APPROVED, HOSTILE, PAPER, REFUSED, TAKEN, client_of


async def asked(app, path: str, **query: Any) -> httpx.Response:
    async with client_of(app) as client:
        return await client.get(f"/api/v1{path}", params=query or None)


async def told(app, path: str, **query: Any) -> Any:
    response = await asked(app, path, **query)
    assert response.status_code == 200, response.text
    return response.json()


async def test_accounts_begin_with_the_one_that_is_meant(app):
    assert await told(app, "/accounts") == {"accounts": ["main", "practice"]}


async def test_an_overview_says_where_an_account_stands(app):
    main, practice = (
        await told(app, "/overview"),
        await told(app, "/overview", account="practice"),
    )
    assert (main["account"], main["state"], main["mode"], main["positions"]) == (
        "main",
        "HALTED",
        "",
        1,
    )
    assert main["engine"] == {
        "state": "none",
        "seen_at": None,
        "age_ms": None,
        "last_scan_at": main["engine"]["last_scan_at"],
        "executor": None,
    }
    assert (practice["mode"], practice["positions"], practice["unprotected"]) == ("paper", 1, 0)


async def test_the_best_living_signals_come_first(app):
    page = await told(app, "/signals", order="rank", account="main")
    scores = [one["score"] for one in page["signals"]]
    assert scores == sorted(scores, reverse=True)
    assert {one["state"] for one in page["signals"]} == {"waiting", "open"}


@pytest.mark.parametrize("order", ["newest", "rank"])
@pytest.mark.parametrize("limit", [1, 4])
async def test_pages_of_signals_join_without_gap_or_overlap(app, order, limit):
    whole = [one["plan_id"] for one in (await told(app, "/signals", order=order))["signals"]]
    found: list[str] = []
    cursor = ""
    for _ in range(3 * len(whole)):
        page = await told(app, "/signals", order=order, limit=limit, cursor=cursor)
        found += [one["plan_id"] for one in page["signals"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole
    assert len(set(found)) == len(found) > 8


@pytest.mark.parametrize(
    ("query", "plans"),
    [
        (
            {"state": "closed"},
            {"plan-0", "plan-2"},
        ),  # of the one, the real trade; of the other, none
        ({"state": ["open", "missed"]}, {"plan-1"}),
        ({"state": "refused"}, {REFUSED.plan_id, "plan-22"}),
        ({"tier": "C"}, {"plan-21"}),
        ({"symbol": HOSTILE}, {"plan-21"}),
        ({"text": "ONERROR=alert"}, {"plan-21"}),
        ({"text": "min_score"}, {"plan-22"}),
        ({"text": str(APPROVED.plan_id)[:18]}, {APPROVED.plan_id}),
        ({"text": "%"}, {"plan-21"}),
        ({"text": "____"}, set()),
        ({"account": "practice"}, {PAPER.plan_id}),
        ({"direction": "SHORT"}, set()),
        ({"until": "2023-11-14T22:14:30Z"}, {"plan-0", "plan-1"}),
        ({"since": "2100-01-01T00:00:00+14:00"}, set()),
    ],
)
async def test_filters_choose_signals(app, query, plans):
    page = await told(app, "/signals", **query)
    found = {one["plan_id"] for one in page["signals"]}
    if query.get("until"):
        found = {one for one in found if one in plans}
    assert found == plans


async def test_a_signal_has_both_its_ends(app):
    page = await told(app, "/signals", state="closed")
    (one,) = [one for one in page["signals"] if one["plan_id"] == "plan-2"]
    assert (one["modelled"]["status"], one["actual"]["status"]) == ("missed", "closed")
    assert one["actual"]["net_r"] == one["net_r"] == -1.0
    assert one["is_modelled"] is False
    assert one["actual"]["entered_at"] is None


async def test_the_funnel_counts_every_reason(app):
    found = await told(app, "/signals/funnel")
    counts = {one["reason"]: one["count"] for one in found["reasons"]}
    assert sum(counts.values()) == found["candidates"]
    assert counts["gated:min_score"] >= 1
    assert found["scans"] == 2


async def test_one_signal_tells_its_whole_story(app):
    found = await told(app, f"/signals/{PAPER.plan_id}")
    (trade,) = found["trades"]
    assert found["account"] == "practice"
    assert found["verdict"]["is_approved"] is True
    assert all(one["passed"] for one in found["verdict"]["checks"])
    assert (trade["protection"], trade["targets_hit"], trade["mode"]) == ("protected", 1, "paper")
    assert float(trade["realised"]) > 0
    kinds = [one["kind"] for one in found["history"]]
    assert kinds[0] == "decision"
    assert {"reserved", "filled", "order"} <= set(kinds)
    assert found["plan"]["plan_id"] == PAPER.plan_id
    assert found["closed_because"] == "it is or was traded"
    assert found["may"] == []
    assert found["events"][0]["fields"]["subject"].startswith(PAPER.plan_id)


async def test_a_refused_signal_says_which_question_it_failed(app):
    found = await told(app, f"/signals/{REFUSED.plan_id}", account="main")
    failed = [one["code"] for one in found["verdict"]["checks"] if not one["passed"]]
    assert failed == ["halted", "max_margin"]
    assert (found["verdict"]["size"], found["may"]) == (None, [])
    assert found["closed_because"] == "the risk gate refused it"


async def test_an_old_plan_can_be_recorded_as_taken_and_not_approved(app):
    found = await told(app, f"/signals/{APPROVED.plan_id}")
    assert found["may"] == ["took"]
    assert found["closed_because"].startswith("the plan expired")


async def test_positions_orders_and_exposure_are_of_one_account(app):
    main = await told(app, "/positions")
    practice = await told(app, "/positions", account="practice")
    orders = await told(app, "/orders", account="practice")
    exposure = await told(app, "/exposure", account="practice")
    assert [one["plan_id"] for one in main["by_hand"]] == [TAKEN.plan_id]
    assert main["trades"] == []
    assert [one["plan_id"] for one in practice["trades"]] == [PAPER.plan_id]
    assert {one["purpose"] for one in orders["orders"]} == {"stop", "target 2"}
    heat = {one["code"]: one["used"] for one in exposure["used"]}["max_total"]
    assert exposure["heat"] == heat


async def test_risk_tells_what_holds_in_the_words_that_were_said(app):
    found = await told(app, "/risk")
    (breaker,) = found["breakers"]
    assert (found["state"], breaker["name"], breaker["sentence"]) == ("HALTED", "operator", HOSTILE)
    assert [one["name"] for one in found["losses"]] == ["today", "this week", "from the high"]
    assert {one["name"] for one in found["limits"]} >= {"max_total", "max_daily_loss"}


async def test_records_are_found_verified_and_judged_again(app):
    page = await told(app, "/audit", limit=2)
    older = await told(app, "/audit", limit=500, before=page["next"])
    seqs = [one["seq"] for one in (*page["records"], *older["records"])]
    assert seqs == list(range(page["head_seq"], 0, -1))
    decisions = await told(app, "/decisions", verdict="rejected")
    assert [one["subject"] for one in decisions["records"]] == [REFUSED.plan_id]
    replayed = await told(app, f"/audit/replay/{decisions['records'][0]['seq']}")
    assert (replayed["outcome"], replayed["is_sound"]) == ("agrees", True)
    verified = await told(app, "/audit/verify")
    assert verified["is_sound"] is True
    assert verified["records"] == page["head_seq"]


async def test_a_subject_finds_the_records_of_a_plan_and_its_entries(app):
    page = await told(app, "/audit", subject=str(TAKEN.plan_id), limit=500)
    assert {one["kind"] for one in page["records"]} >= {"decision"}
    assert all(one["subject"].startswith(TAKEN.plan_id) for one in page["records"])


async def test_events_are_paged_and_searched(app):
    first = await told(app, "/events", limit=3)
    rest = await told(app, "/events", before=first["next"])
    assert [one["seq"] for one in (*first["events"], *rest["events"])] == list(range(8, 0, -1))
    found = await told(app, "/events", event="stream_down")
    assert [one["fields"]["venue"] for one in found["events"]] == ["bybit"]
    assert (await told(app, "/events", text="100%"))["events"] == []


async def test_statistics_tell_every_group(app):
    found = await told(app, "/stats")
    assert (found["origin"], found["others"]) == ("live", {"practice": 1})
    assert set(found["groups"]) == {"tier", "profile", "regime", "direction", "symbol", "factor"}
    assert found["hit_rate"]["hits"] == 1
    assert HOSTILE in {one["name"] for one in found["groups"]["symbol"]}


async def test_the_machinery_is_told_as_far_as_it_is_known(app):
    found = await told(app, "/system")
    assert found["is_health_known"] is False
    assert "listens nowhere" in found["health"]
    assert found["venues"] == [
        {
            "venue": "bybit",
            "sentence": "stream down: gone",
            "at": "1970-01-01T00:00:00Z",
            "is_well": False,
        }
    ]


async def test_log_lines_are_the_newest_first_and_chosen_by_level(app):
    lines = (await told(app, "/logs"))["lines"]
    assert [one["message"] for one in lines] == ["no json", "a line"]
    warnings = (await told(app, "/logs", level="WARNING"))["lines"]
    assert [one["message"] for one in warnings] == ["a line"]


async def test_no_backtest_is_no_error(app):
    found = await told(app, "/evidence")
    assert (found["runs"], found["total"]) == ([], 0)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/signals/0000000000000000-ffffffff", 404),
        ("/overview?account=nobody", 404),
        ("/audit/replay/999999", 404),
        ("/audit/replay/ffffff", 404),
        ("/chart?venue=..&symbol=BTC/USDT&timeframe=15m", 404),
        ("/chart?venue=sandbox&symbol=../../etc&timeframe=15m", 404),
        ("/chart?venue=sandbox&symbol=BTC/USDT&timeframe=7m", 404),
        ("/chart?venue=sandbox&symbol=BTC/USDT&timeframe=15m&profile=none", 404),
        ("/signals?cursor=AAAA", 422),
        ("/signals?limit=501", 422),
        ("/signals?text=%00", 422),
        ("/audit?kind=gossip", 422),
        ("/events?before=0", 422),
    ],
)
async def test_what_cannot_be_answered_says_what_and_where(app, path, status):
    response = await asked(app, path)
    assert response.status_code == status, response.text
    detail = response.json()["detail"]
    assert detail["what"]
    assert detail["where"]


@pytest.mark.parametrize("scope", [None, Scope.READ, Scope.TRADE])
async def test_nobody_goes_beyond_their_scope(app, scope):
    wanted = {"kind": "kill", "reason": "x"}
    async with client_of(app, scope) as client:
        response = await client.post("/api/v1/commands", json=wanted)
    assert response.status_code == (401 if scope is None else 403)
