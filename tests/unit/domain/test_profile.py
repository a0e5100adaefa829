from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import ManagementRules
from snipersight.domain.orders import TriggerSource
from snipersight.domain.profile import parse_profile
from snipersight.domain.timeframe import DAY_MS, Timeframe
from tests.builders import a_profile


@pytest.mark.parametrize(
    ("message", "change"),
    [
        ("unknown key planner.min_rrr", {"planner": {"min_rrr": 2}}),
        ("unknown key speed", {"speed": 2}),
        (r"planner\.min_rr: .* \(given 0\)", {"planner": {"min_rr": 0}}),
        (r"sizing\.risk_fraction: .* \(given 0\.5\)", {"sizing": {"risk_fraction": 0.5}}),
        (r"gates\.min_score: .*", {"gates": {"min_score": float("nan")}}),
        (r"weights: weights must sum to 100, not 101", {"weights": {"divergence": 5}}),
        ("tiers: tier a must be above tier b", {"tiers": {"a": 60}}),
        ("timeframes must be ordered", {"timeframes": {"bias": "15m"}}),
        ("bars must divide one another", {"timeframes": {"bias": "12h", "zone": "8h"}}),
        ("unknown timeframe '7m'", {"timeframes": {"trigger": "7m"}}),
        (
            "target_fractions must sum to 1",
            {"planner": {"target_fractions": [Decimal("0.5"), Decimal("0.4")]}},
        ),
        (
            "entry_fractions must sum to 1",
            {"management": {"entry_fractions": [Decimal("0.5"), Decimal("0.5"), Decimal("0.5")]}},
        ),
        (
            "entry_fractions must not be negative",
            {"management": {"entry_fractions": [Decimal(1), Decimal("0.5"), Decimal("-0.5")]}},
        ),
        ("management.trailing_atr: .*", {"management": {"trailing_atr": 0}}),
        ("management.time_stop_hours: .*", {"management": {"time_stop_hours": -1}}),
        ("name: .*", {"name": "Bad Name"}),
        ("setup.valid_bars: .*", {"setup": {"valid_bars": 0}}),
    ],
)
def test_an_impossible_value_is_refused_by_its_dotted_name(message: str, change: dict[str, Any]):
    with pytest.raises(ConfigInvalid, match=message) as caught:
        a_profile(**change)
    assert caught.value.where == "a_profile"
    assert caught.value.next_step


def test_every_mistake_is_named_at_once():
    with pytest.raises(ConfigInvalid) as caught:
        a_profile(planner={"min_rr": -1}, tiers={"a": 500}, colour="red")
    for key in ("planner.min_rr", "tiers.a", "colour"):
        assert key in caught.value.what


def test_a_level_may_not_outlive_the_machine_that_remembers_it():
    rules = a_profile().roles.trigger.model_dump() | {"level_max_age_bars": 201}
    with pytest.raises(ConfigInvalid, match="must not exceed burn_in_bars"):
        a_profile(roles={"trigger": rules})


def test_a_document_that_is_no_table_is_refused():
    with pytest.raises(ConfigInvalid, match="profile"):
        parse_profile(["not", "a", "profile"], where="x.toml")


def test_history_covers_the_machine_and_the_oldest_plan_that_may_still_wait():
    profile = a_profile()
    looked_back = 33 * 15 * 60_000
    assert profile.history()[Timeframe.parse("1h")] == 400 * 3_600_000 + looked_back
    assert profile.history()[Timeframe.parse("15m")] == 14 * DAY_MS + looked_back


def test_equal_values_have_equal_hashes_and_any_change_shows():
    assert a_profile().content_hash == a_profile().content_hash
    assert a_profile(planner={"min_rr": 1.6}).content_hash != a_profile().content_hash


def test_a_profile_without_a_management_section_is_managed_by_the_defaults():
    rules = a_profile().management.rules(TriggerSource.MARK)
    assert rules == ManagementRules()


def test_what_a_profile_says_of_management_reaches_the_executor_in_its_units():
    change = {
        "entry_fractions": [1, 0, 0],
        "break_even": False,
        "trailing_atr": "2.5",
        "time_stop_hours": "0.5",
        "min_rr": "1.2",
    }
    assert a_profile(management=change).management.rules(TriggerSource.LAST) == ManagementRules(
        entry_fractions=(Decimal(1), Decimal(0), Decimal(0)),
        break_even=False,
        trailing_atr=Decimal("2.5"),
        time_stop_us=1_800_000_000,
        trigger=TriggerSource.LAST,
        min_rr=Decimal("1.2"),
    )
