"""A verdict is passed on once, however many closes tell it again."""

from snipersight.bot.hooks.verdicts import ToldVerdicts
from tests.fakes.hook_plugins import an_event

APPROVED = an_event("plan_approved", data={"plan_id": "p1", "score": 80.0})
REFUSED = an_event("plan_refused", data={"plan_id": "p1", "reason": "rejected:max_margin"})


def test_the_same_verdict_at_a_later_close_is_not_new():
    told = ToldVerdicts()
    later = an_event("plan_approved", at_ms=9, data={"plan_id": "p1", "score": 80.0, "rank": 2})
    assert [told.is_new(APPROVED), told.is_new(later)] == [True, False]


def test_another_verdict_on_the_plan_is_new_and_so_is_another_reason():
    told = ToldVerdicts()
    elsewhere = an_event("plan_refused", data={"plan_id": "p1", "reason": "rejected:cooldown"})
    assert [told.is_new(one) for one in (REFUSED, APPROVED, elsewhere, REFUSED)] == [
        *(True, True, True),
        False,
    ]


def test_setups_that_never_had_a_plan_are_told_apart():
    told = ToldVerdicts()
    setups = [an_event("plan_refused", data={"setup_id": name}) for name in ("s1", "s2")]
    assert all(told.is_new(setup) for setup in setups)


def test_stages_and_ends_of_scans_are_always_new():
    told = ToldVerdicts()
    finished = an_event("scan_finished")
    assert told.is_new(finished)
    assert told.is_new(finished)


def test_what_still_stands_is_remembered_longest():
    told = ToldVerdicts(most=2)
    one, two, three = (an_event(data={"plan_id": name}) for name in "123")
    assert [told.is_new(event) for event in (one, two, one, three)] == [True, True, False, True]
    assert not told.is_new(one)
    assert told.is_new(two)
