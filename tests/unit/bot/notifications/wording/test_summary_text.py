"""A scan, in words."""

import re
from dataclasses import replace

import pytest

from snipersight.bot.notifications.formatters import (
    format_summary,
    title_of,
)
from snipersight.domain.channels import ChatRole
from tests.builders import a_plan
from tests.builders.notices import (
    a_signal,
    a_summary,
    plain_text,
)

PUBLIC = ChatRole.PUBLIC


def test_a_summary_lists_the_best_by_score_and_counts_the_rest():
    scores = (61.0, 80.5, 72.0, 90.0)
    found = [a_signal(a_plan(symbol=f"C{score:.0f}/USDT", score=score)) for score in scores]
    text = plain_text(format_summary(a_summary(*found), top=3))
    assert re.findall(r"^(\d)\. 🟢 LONG (\w+)/USDT \| ([\d.]+)/100", text, re.M) == [
        ("1", "C90", "90.0"),
        ("2", "C80", "80.5"),
        ("3", "C72", "72.0"),
    ]
    assert "and 1 more" in text
    assert "more" not in plain_text(format_summary(a_summary(*found), top=4))
    assert "C90" not in plain_text(format_summary(a_summary(*found), top=0))
    with pytest.raises(ValueError, match="-1"):
        format_summary(a_summary(*found), top=-1)


def test_a_summary_counts_the_way_of_the_candidates_and_the_markets():
    text = plain_text(format_summary(a_summary()))
    assert text.startswith("📋 1 new signal | balanced | binanceusdm\n2024-06-07 10:00 UTC")
    assert "Scan: 20 symbols, 25 candidates, 5 past the quality gates" in text
    assert "• without a setup: 12\n• stopped at a quality gate: 8\n" in text
    assert "• refused by the risk gate: 1\n• approved: 3" in text
    assert text.endswith("Market: trend 16, range 3, unknown 1")
    assert "Risk 1.00 % (100.00 USDT) | Size 0.2 BTC" in text
    plan = a_signal().decision.plan
    prices = " · ".join(f"${target.price:,.0f}" for target in plan.targets)
    assert f"\nTargets {prices}\nRisk" in text
    assert "Risk 1.00 %\n" in plain_text(format_summary(a_summary(), role=PUBLIC))
    assert title_of(a_summary()) == "1 new signal on binanceusdm"


def test_a_scan_that_found_nothing_says_so():
    empty = replace(a_summary(), signals=(), funnel=(), regimes={}, scanned=0)
    text = plain_text(format_summary(empty))
    assert text.startswith("📋 no new signal | ")
    assert "Scan: 0 symbols, 0 candidates, 0 past" in text
    assert "Market" not in text
