"""Every combination is a valid profile, or nothing runs."""

import pytest

from snipersight.bootstrap.evidence.sweep_space import Variants, frames_of
from snipersight.domain.errors import ConfigInvalid
from tests.builders.sweeps import a_space, plain_settings, quick_profile


def variants(*varied: str) -> Variants:
    return Variants(quick_profile(), a_space(*varied), plain_settings())


def test_a_combination_changes_its_values_and_no_other():
    found = variants("planner.min_rr=1.5,2", "setup.valid_bars=12,48").profile((1, 0))
    assert (found.planner.min_rr, found.setup.valid_bars) == (2.0, 12)
    base = quick_profile().model_dump()
    changed = found.model_dump()
    base["planner"]["min_rr"], base["setup"]["valid_bars"] = 2.0, 12
    assert changed == base


def test_the_value_a_profile_has_anyway_is_that_profile():
    found = variants("planner.min_rr=1.0,2").profile((0,))
    assert found.content_hash == quick_profile().content_hash


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("management.trailing_atr=none,2", "trailing_atr", None),
        ("management.break_even=false,true", "break_even", False),
        ("management.entry_fractions=1+0+0,0.5+0.5+0", "entry_fractions", (1, 0, 0)),
    ],
)
def test_texts_become_what_a_profile_holds(text, name, value):
    assert getattr(variants(text).profile((0,)).management, name) == value


def test_a_list_of_one_is_a_list():
    assert [one.value for one in variants("gates.regimes=trend,trend+range").profile((0,)).gates.regimes] == ["trend"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "what", "to_do"),
    [
        ("planner.min_r=1,2", "no parameter planner.min_r", "did you mean planner.min_rr"),
        ("min_rr=1,2", "no parameter min_rr", "use planner.min_rr or management.min_rr"),
        ("planner=1,2", "no parameter planner", "use planner.stop_buffer_atr or"),
        ("name=a,b", "no parameter name", "snipersight profiles"),
        ("trade_type=scalp,swing", "no parameter trade_type", ""),
        ("planner.min_rr.real=1", "no parameter planner.min_rr.real", ""),
        ("planner.min_rr=1,21", "less than or equal to 20", ""),
        ("planner.min_rr=1,many", "valid number", ""),
        ("setup.valid_bars=1.5", "valid integer", ""),
        ("weights.discount=8,9", "weights must sum to 100", ""),
        ("tiers.a=55,70", "tier a must be above tier b", ""),
        ("gates.bias_alignment=of,off", "'with', 'not_against' or 'off'", ""),
        ("management.break_even=none", "valid boolean", ""),
        ("timeframes.trigger=7m", "7m", ""),
        ("planner.min_rr=1,1.0", "planner.min_rr=1 and planner.min_rr=1.0 mean the same", ""),
        ("sizing.risk_fraction=0.01,0.04", "MAX_RISK_PER_TRADE", "raise"),
    ],
)
def test_what_no_profile_may_be_is_refused(text, what, to_do):
    with pytest.raises(ConfigInvalid) as refused:
        variants(text)
    assert what in str(refused.value)
    assert to_do in refused.value.next_step
    assert "--vary" in refused.value.where


def test_what_is_wrong_in_the_last_combination_alone_is_found():
    with pytest.raises(ConfigInvalid) as refused:
        variants("planner.min_target_r=1,6", "planner.max_target_r=8,6")
    where = "--vary planner.min_target_r=6, --vary planner.max_target_r=6"
    assert refused.value.where == where


def test_more_combinations_than_can_be_checked_are_refused():
    with pytest.raises(ConfigInvalid, match="1,002,000 combinations"):
        variants("planner.min_rr=1..10.99:0.01", "setup.valid_bars=1..500,501", "planner.max_target_r=8,9")  # fmt: skip


def test_candles_are_read_for_the_longest_history_of_each_set_of_timeframes():
    found = variants("timeframes.bias=2h,4h", "setup.valid_bars=12,48,24").widest
    assert set(found) == {("2h", "30m", "5m"), ("4h", "30m", "5m")}
    for frames, widest in found.items():
        assert frames_of(widest.profile) == frames
        assert widest.profile.setup.valid_bars == 48
