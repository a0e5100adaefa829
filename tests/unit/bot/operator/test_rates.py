"""Nobody keeps the bot from the others, and nobody fills the disk."""

from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.operator.rates import Pace, PersonRates, StrangerLog


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def test_twenty_a_minute_are_answered_then_one_warning_then_silence():
    rates = PersonRates(Hand())
    paces = [rates.say("7") for _ in range(25)]
    assert paces == [Pace.ANSWER] * 20 + [Pace.WARN] + [Pace.SILENCE] * 4


def test_after_a_minute_it_begins_anew():
    clock = Hand()
    rates = PersonRates(clock, most=1)
    assert [rates.say("7") for _ in range(3)] == [Pace.ANSWER, Pace.WARN, Pace.SILENCE]
    clock.s = 60.0
    assert [rates.say("7") for _ in range(2)] == [Pace.ANSWER, Pace.WARN]


def test_one_persons_flood_and_questions_leave_others_and_stopping_alone():
    rates = PersonRates(Hand(), most=1)
    for _ in range(9):
        rates.say("7")
    assert rates.say("8") is Pace.ANSWER
    assert rates.say("7", stops=True) is Pace.ANSWER


@given(st.lists(st.floats(0, 30), max_size=200))
def test_never_more_than_the_limit_within_any_minute(pauses):
    clock, answered = Hand(), []
    rates = PersonRates(clock, most=3)
    for pause in pauses:
        clock.s += pause
        if rates.say("7") is Pace.ANSWER:
            answered.append(clock.s)
    assert all(
        later - earlier >= 60 for earlier, later in zip(answered, answered[3:], strict=False)
    )


def test_a_stranger_is_recorded_once_an_hour():
    clock = Hand()
    log = StrangerLog(clock)
    assert [log.is_news("7"), log.is_news("7"), log.is_news("8")] == [True, False, True]
    clock.s = 3600.0
    assert log.is_news("7")


def test_of_many_strangers_twenty_an_hour_are_recorded():
    log = StrangerLog(Hand())
    assert sum(log.is_news(str(user)) for user in range(1000)) == 20
