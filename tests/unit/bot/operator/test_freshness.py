"""What was said before a long absence is not done; what cannot be dated is not either."""

import pytest

from snipersight.bot.operator.freshness import LONGEST_S, Freshness

NOW = 1_700_000_000


class Memory:
    """Remembers in a field."""

    def __init__(self, at_s: int | None = None) -> None:
        self.at_s = at_s
        self.saves = 0

    def load_s(self) -> int | None:
        return self.at_s

    def save_s(self, at_s: int) -> None:
        self.at_s = at_s
        self.saves += 1


def a_freshness(memory: Memory, now_s: float = NOW) -> Freshness:
    fresh = Freshness(memory, now_s=lambda: now_s)
    fresh.load()
    return fresh


@pytest.mark.parametrize(
    ("age_s", "is_fresh"), [(0, True), (LONGEST_S, True), (LONGEST_S + 1, False)]
)
def test_a_message_is_judged_by_its_own_time(age_s, is_fresh):
    fresh = a_freshness(Memory())
    fresh.fetched(asked_s=NOW, has_all=True)
    assert fresh.of_last_answer()(NOW - age_s) is is_fresh


def test_a_press_is_at_most_as_old_as_the_poll_before_its_own():
    fresh = a_freshness(Memory(NOW - LONGEST_S))
    fresh.fetched(asked_s=NOW, has_all=True)
    assert fresh.of_last_answer()(None)


@pytest.mark.parametrize("known", [None, NOW - LONGEST_S - 1])
def test_a_press_from_an_unknown_or_long_absence_is_not_fresh(known):
    fresh = a_freshness(Memory(known))
    fresh.fetched(asked_s=NOW, has_all=True)
    assert not fresh.of_last_answer()(None)
    fresh.fetched(asked_s=NOW, has_all=True)
    assert fresh.of_last_answer()(None)


def test_a_backlog_that_is_not_had_whole_makes_nothing_young():
    fresh = a_freshness(Memory(NOW - LONGEST_S - 1))
    fresh.fetched(asked_s=NOW, has_all=False)
    fresh.fetched(asked_s=NOW, has_all=True)
    assert not fresh.of_last_answer()(None)


def test_a_clock_that_is_ahead_of_telegrams_stops_nobody():
    fresh = a_freshness(Memory(NOW - 10))
    fresh.fetched(asked_s=NOW, has_all=True)
    assert fresh.of_last_answer()(NOW - 3600)


def test_it_is_kept_every_few_seconds_and_not_at_every_poll():
    memory = Memory()
    fresh = a_freshness(memory)
    for second in range(30):
        fresh.fetched(asked_s=NOW + second, has_all=True)
        fresh.keep()
    assert (memory.saves, memory.at_s) == (2, NOW + 15)


def test_what_was_old_when_it_was_fetched_does_not_become_young_by_waiting_to_be_answered():
    fresh = a_freshness(Memory(NOW - LONGEST_S - 1))
    fresh.fetched(asked_s=NOW, has_all=True)
    is_fresh = fresh.of_last_answer()
    fresh.fetched(asked_s=NOW, has_all=True)
    assert not is_fresh(None)
