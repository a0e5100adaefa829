"""Text from elsewhere arrives as it was written, and does nothing else."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.formatters import (
    format_alert,
    format_markdown,
    format_summary,
    format_update,
)
from snipersight.domain.confluence import Factor
from snipersight.domain.decision import Check
from snipersight.domain.notices import Signal
from snipersight.domain.units import Symbol
from tests.builders import a_plan
from tests.builders.decisions import a_refusal
from tests.builders.notices import (
    a_signal,
    a_summary,
    an_alert,
    an_update,
    plain_text,
)

# Every character but those that a message leaves out: controls, half characters, separators of
# lines, and what turns the direction of text.
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ORDINARY = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters=TURNING)
MARKUP = st.sampled_from(
    "**·__·`·~~·[x](http://y)·<b>·&amp;·\\·# ·> ·- ·1. ·1) ·{{ 7*7 }}·{% x %}·---·===·    ·|·![·]"
    "·<!--·*·שלום·مرحبا".split("·")
)
WRITTEN = st.lists(ORDINARY | MARKUP, min_size=1, max_size=12).map("".join)
WORDS = WRITTEN.map(lambda text: " ".join(text.split())).filter(bool)


def with_texts(text: str) -> Signal:
    factor = Factor(name="x", value=1, weight=72, contribution=72, sentence=f"F{text}F")
    plan = a_plan(rationale=f"R{text}R", venue=f"V{text}V")
    plan = replace(
        plan,
        symbol=Symbol(f"S{text}S"),
        confluence=replace(plan.confluence, factors=(factor,)),
        stop_loss=replace(plan.stop_loss, rationale=f"L{text}L"),
    )
    return a_signal(plan, evidence=f"E{text}E")


@given(WORDS)
def test_symbols_and_reasons_arrive_as_written(text):
    plain = plain_text(format_markdown(with_texts(text)))
    for letter in "FRVSLE":
        assert f"{letter}{text}{letter}" in plain


@given(WORDS)
def test_a_text_that_stands_alone_arrives_as_written(text):
    plan = replace(a_plan(rationale=text), symbol=Symbol(text))
    check = Check(code="x", passed=False, measured=text, limit=text, sentence=text)
    signal = a_signal(plan, decision=a_refusal(plan, checks=(check,)), evidence=text)
    lines = [
        line.strip("\u2068\u2069") for line in plain_text(format_markdown(signal)).splitlines()
    ]
    assert lines.count(text) >= 2  # the check's sentence and the rationale
    assert text in plain_text(format_summary(a_summary(signal)))
    assert text in plain_text(format_update(an_update(signal=signal, detail=text)))
    alert = plain_text(format_alert(an_alert(title=text, text=f"{text}\n{text}", subject=text)))
    assert alert.count(text) >= 4


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_whatever_is_in_a_text_it_hides_nothing_and_turns_nothing(text):
    signal = with_texts(text)
    shown = format_markdown(signal) + format_update(an_update(signal=signal, detail=text))
    shown.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066\u2067]", shown)
    assert shown.count("\u2068") == shown.count("\u2069")
    quiet = with_texts("")
    assert len(format_markdown(signal).splitlines()) == len(format_markdown(quiet).splitlines())


def test_a_text_from_right_to_left_cannot_swap_the_numbers_beside_it():
    plan = replace(a_plan(), symbol=Symbol("שלום/USDT"))
    assert "LONG \u2068שלום/USDT\u2069 | Score" in plain_text(format_markdown(plan))


def test_a_name_of_which_nothing_is_left_is_a_question_mark():
    signal = a_signal(replace(a_plan(), symbol=Symbol("\u202e\x00 ")))
    assert "LONG ? | Score" in plain_text(format_markdown(signal))
    assert "LONG ? | 72.0/100" in plain_text(format_summary(a_summary(signal)))
    assert "LONG ?\n" in plain_text(format_update(an_update(signal=signal)))
    assert "CRITICAL: ?\n" in plain_text(format_alert(an_alert(title="\x00", trigger="")))


def test_a_text_is_no_template():
    plain = plain_text(format_markdown(a_plan(rationale="{{ 7*7 }} {% for %} {{ s.__class__ }}")))
    assert "{{ 7*7 }} {% for %} {{ s.__class__ }}" in plain
