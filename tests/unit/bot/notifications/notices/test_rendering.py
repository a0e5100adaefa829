from dataclasses import replace
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from snipersight.bot.notifications.formatters import format_markdown, title_of
from snipersight.bot.notifications.notices.alerts import an_alert
from snipersight.bot.notifications.notices.rendering import markdown_of, picture_of, render
from snipersight.domain.channels import Chat, ChatRole, QuietHours, Rendered
from snipersight.domain.notices import (
    Digest,
    Notice,
    PlainText,
    ScanSummary,
    Severity,
    SignalEvent,
    SignalUpdate,
)
from snipersight.domain.plan import PlanId
from snipersight.domain.units import Currency, Money
from tests.builders import a_plan
from tests.builders.decisions import a_refusal, an_approval
from tests.builders.stored_notices import a_told_signal

PICTURES = Path("/charts")
PRIVATE = Chat(channel="telegram", address="1")
PUBLIC = Chat(channel="telegram", address="-100", role=ChatRole.PUBLIC)
SIGNAL = a_told_signal()
REAL = a_told_signal(an_approval(a_plan(venue="binance")))
DIGEST = Digest(
    day="2024-06-07",
    account_id="main",
    currency=Currency("USDT"),
    told=1,
    events={SignalEvent.CLOSED: 1},
    net_r=Decimal("1.1"),
    hits=1,
    open_positions=1,
    equity=Money(Decimal("73519.27")),
    change=Money(Decimal("8.13")),
)
SUMMARY = ScanSummary(
    batch="b",
    profile="balanced",
    venue="binance",
    as_of_ms=1_717_761_600_000,
    signals=(SIGNAL,),
    funnel=(("approved", 1),),
    scanned=20,
    regimes={"trend": 20},
)


def rendered(notice: Notice, chat: Chat = PRIVATE) -> Rendered:
    """Return the one message of a notice."""
    (message,) = render(notice, chat, pictures=PICTURES, at_us=0)
    return message


def test_a_signal_goes_with_its_chart_where_one_was_drawn(tmp_path):
    chart = tmp_path / f"{SIGNAL.decision.plan.plan_id}.png"
    assert picture_of(SIGNAL, tmp_path) is None
    chart.write_bytes(b"png")
    (message,) = render(SIGNAL, PRIVATE, pictures=tmp_path, at_us=0)
    assert message.picture == str(chart)
    assert picture_of(DIGEST, tmp_path) is None


def test_a_signal_is_worded_by_role_with_its_data():
    private, public = rendered(SIGNAL), rendered(SIGNAL, PUBLIC)
    assert private.markdown == format_markdown(SIGNAL)
    assert public.markdown == format_markdown(SIGNAL, role=ChatRole.PUBLIC)
    assert private.markdown != public.markdown
    assert private.title == title_of(SIGNAL)
    assert private.data["account"] == "main"
    assert public.data["account"] is None


def test_a_summary_lists_every_signal_since_some_are_told_nowhere_else():
    plans = [a_plan(symbol=f"C{place}/USDT") for place in range(12)]
    many = replace(SUMMARY, signals=tuple(a_told_signal(an_approval(plan)) for plan in plans))
    text = rendered(many).markdown
    assert "12\\. " in text
    assert "more" not in text


@pytest.mark.parametrize("plan_id", ["../secret", "a/b", "", "x" * 200, "a\0b"])
def test_a_plan_whose_name_is_no_file_name_has_no_chart(tmp_path, plan_id):
    pictures = tmp_path / "charts"
    (pictures / "a").mkdir(parents=True)
    for outside in (tmp_path / "secret.png", pictures / "a/b.png", pictures / ".png"):
        outside.write_bytes(b"png")
    plan = a_plan(plan_id=PlanId(plan_id))
    signal = replace(SIGNAL, decision=an_approval(plan))
    assert picture_of(signal, pictures) is None


@pytest.mark.parametrize(
    "notice",
    [
        SIGNAL,
        a_told_signal(a_refusal()),
        SignalUpdate(signal=SIGNAL, event=SignalEvent.CLOSED, at_ms=1, net_r=Decimal("1.2")),
        an_alert("venue_down", "binance answers nothing", at_ms=1),
        SUMMARY,
        DIGEST,
        PlainText(markdown="**hello**"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_every_kind_of_notice_has_words_a_title_and_a_schema(notice):
    message = rendered(notice)
    assert message.markdown == markdown_of(notice, ChatRole.PRIVATE)
    assert message.markdown.strip()
    assert message.title.strip()
    assert str(message.data["schema"]).startswith("snipersight.")


def test_an_alert_keeps_its_severity_and_a_signal_is_information():
    assert rendered(an_alert("store", "x", at_ms=1)).severity is Severity.CRITICAL
    assert rendered(SIGNAL).severity is Severity.INFO


def test_an_audience_is_told_nothing_of_the_equity():
    message = rendered(DIGEST, PUBLIC)
    assert "73,519" not in message.markdown
    assert "73519" not in f"{message.markdown} {message.data}"
    assert "73,519" in rendered(DIGEST).markdown.replace("\\", "")


def test_quiet_hours_silence_a_message():
    always = QuietHours(begin=time(0), end=time(23, 59))
    chat = replace(PRIVATE, quiet_hours=always)
    assert rendered(SIGNAL, chat).is_silent
    assert not rendered(SIGNAL).is_silent
    assert not rendered(an_alert("store", "x", at_ms=1), chat).is_silent


def test_cornix_gets_a_message_of_its_own_with_a_real_approval_only():
    chat = replace(PRIVATE, cornix=True)
    message, for_cornix = render(REAL, chat, pictures=PICTURES, at_us=0)
    assert message == rendered(REAL)
    assert "Signal Type" in for_cornix.markdown
    assert for_cornix.picture is None
    assert for_cornix.data["markdown"] == for_cornix.markdown
    for notice in (
        SIGNAL,
        a_told_signal(a_refusal()),
        DIGEST,
    ):  # the built-in market trades nothing
        rendered(notice, chat)
