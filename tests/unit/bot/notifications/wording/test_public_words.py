"""A public chat sees the plan, and nothing of the account."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.formatters import (
    format_digest,
    format_json,
    format_markdown,
    format_risk_metrics,
    format_summary,
    format_update,
)
from snipersight.domain.channels import ChatRole
from snipersight.domain.units import Money
from tests.builders import a_plan
from tests.builders.decisions import a_refusal, an_approval
from tests.builders.notices import (
    a_digest,
    a_signal,
    a_summary,
    an_update,
    approvals,
    plain_text,
    signals,
)

PUBLIC = ChatRole.PUBLIC


@given(st.data())
def test_the_public_message_of_a_plan_is_the_same_whatever_the_account_is(data):
    one = data.draw(signals())
    approval = data.draw(approvals(one.decision.plan))
    kept = {"leverage": one.decision.leverage, "risk_fraction": one.decision.risk_fraction}
    equity = Money(data.draw(st.decimals("1", "1E+9", places=2)))
    other = replace(one, decision=replace(approval, **kept), equity=equity, account_id="other")
    for words in (format_markdown, format_risk_metrics, format_json):
        assert words(one, role=PUBLIC) == words(other, role=PUBLIC)
    scans = [a_summary(signal) for signal in (one, other)]
    assert format_summary(scans[0], role=PUBLIC) == format_summary(scans[1], role=PUBLIC)
    assert format_json(scans[0], role=PUBLIC) == format_json(scans[1], role=PUBLIC)


def test_private_numbers_are_told_in_private_and_nowhere_in_public():
    approval = an_approval(
        a_plan(),
        size=Decimal("0.77123"),
        notional=Decimal("71234.56"),
        margin=Decimal("61234.57"),
        risk=Decimal("517.31"),
    )
    signal = a_signal(decision=approval, equity=Money(Decimal("51737.77")))
    private, public = format_markdown(signal), format_markdown(signal, role=PUBLIC)
    for amount in ("0.77123", "71,234.56", "61,234.57", "517.31"):
        assert amount in plain_text(private)
        assert amount not in plain_text(public)
    told = str(format_json(signal))
    hidden = str(format_json(signal, role=PUBLIC)) + str(
        format_json(a_summary(signal), role=PUBLIC)
    )
    for amount in ("0.77123", "71234.56", "61234.57", "517.31", "51737.77"):
        assert amount in told
        assert amount not in hidden
    assert "Risk: 1.00 % | R:R: 1:2.19 | Leverage: 1x" in plain_text(public)


def test_a_public_chat_learns_nothing_of_the_accounts_limits():
    refused = a_signal(decision=a_refusal())
    text = plain_text(format_markdown(refused, role=PUBLIC))
    assert "REFUSED" in text
    assert "max_total" not in text
    assert format_json(refused, role=PUBLIC)["checks"] == []
    reasons = [row["reason"] for row in format_json(a_summary(), role=PUBLIC)["funnel"]]
    assert reasons == ["no_setup", "gated", "declined", "rejected", "approved"]


def test_a_public_digest_tells_results_and_nothing_of_the_account():
    richer = a_digest(
        equity=Money(Decimal(7)),
        change=None,
        open_positions=9,
        account_id="x",
        trades=3,
        trades_net_r=Decimal(2),
    )
    for words in (format_digest, format_json):
        assert words(a_digest(), role=PUBLIC) == words(richer, role=PUBLIC)
        assert words(a_digest()) != words(richer)


def test_a_public_update_of_a_position_gives_no_detail():
    update = an_update(is_actual=True, detail="0.5 BTC of 10,000 USDT")
    assert "0.5 BTC" in plain_text(format_update(update))
    assert "0.5 BTC" not in plain_text(format_update(update, role=PUBLIC))
    assert format_json(update, role=PUBLIC)["detail"] == ""
    by_candles = an_update(detail="the stop was hit")
    assert "the stop was hit" in plain_text(format_update(by_candles, role=PUBLIC))
