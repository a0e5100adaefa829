"""The limiter against a channel that counts by its own clock, somewhere within each request."""

from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.sending.limits import (
    LONGEST_WINDOW_US,
    SECOND_US,
    TELEGRAM_LIMITS,
    ChannelLimits,
    Window,
)
from snipersight.bot.notifications.sending.rates import RateLimiter

SMALL = {"telegram": TELEGRAM_LIMITS, "few": ChannelLimits(overall=(Window(3, 1), Window(5, 4)))}
CHATS = (("telegram", "7"), ("telegram", "-100"), ("telegram", "@news"), ("few", "a"), ("few", "b"))


def may_leave(rates: RateLimiter, channel: str, address: str, *, now_us: int) -> bool:
    """Return whether nothing keeps a message to a chat from leaving."""
    return not rates.at_limit(now_us) & {(channel, address), (channel, "")}


def limiter() -> RateLimiter:
    return RateLimiter(SMALL)


def sent(rates: RateLimiter, channel: str, address: str, *, at_us: int) -> None:
    rates.begin(channel, address)
    rates.end(channel, address, at_us=at_us)


def counted_at_most(times_us: list[int], window: Window) -> bool:
    """Return whether no half-open window of the channel holds more than it allows."""
    length_us = int(window.seconds * SECOND_US)
    return all(
        sum(start_us <= at_us < start_us + length_us for at_us in times_us) <= window.most
        for start_us in times_us
    )


@given(
    requests=st.lists(
        st.tuples(
            st.sampled_from(CHATS),
            st.integers(0, 3 * SECOND_US),  # how long it takes
            st.floats(0, 1),  # when within it the channel counts it
        ),
        max_size=60,
    ),
    under_way=st.integers(1, 8),
)
def test_no_window_of_the_channel_ever_holds_more_however_long_requests_take(requests, under_way):
    rates, now_us = limiter(), 0
    running: list[tuple[int, str, str]] = []
    counted: dict[str, list[int]] = {"telegram": [], "few": []}
    per_chat: dict[tuple[str, str], list[int]] = {}
    for (channel, address), takes_us, share in requests:
        while len(running) >= under_way or not may_leave(rates, channel, address, now_us=now_us):
            free_us = rates.next_us(now_us)
            ends_us = min((one[0] for one in running), default=None)
            now_us = min(us for us in (free_us, ends_us) if us is not None)
            for one in sorted(one for one in running if one[0] <= now_us):
                rates.end(one[1], one[2], at_us=one[0])
                running.remove(one)
        rates.begin(channel, address)
        running.append((now_us + takes_us, channel, address))
        at_us = now_us + int(takes_us * share)
        counted[channel].append(at_us)
        per_chat.setdefault((channel, address), []).append(at_us)
    for channel, times in counted.items():
        assert all(counted_at_most(times, window) for window in SMALL[channel].overall)
    for (channel, address), times in per_chat.items():
        assert all(counted_at_most(times, window) for window in SMALL[channel].of(address))


def test_thirty_messages_a_second_leave_over_all_chats():
    rates = limiter()
    for chat in range(30):
        assert may_leave(rates, "telegram", str(chat), now_us=0)
        sent(rates, "telegram", str(chat), at_us=0)
    assert not may_leave(rates, "telegram", "30", now_us=SECOND_US)
    assert rates.next_us(0) == Window(30, 1).length_us
    assert may_leave(rates, "telegram", "30", now_us=Window(30, 1).length_us)


def test_a_chat_waits_a_second_after_the_answer_and_a_group_three_on_average():
    for address, most in (("7", 59), ("-100", 20), ("@news", 20)):
        rates, now_us, number = limiter(), 0, 0
        while now_us < 60 * SECOND_US:
            sent(rates, "telegram", address, at_us=now_us)
            number += 1
            free_us = rates.next_us(now_us)
            assert free_us is not None
            now_us = free_us
        assert number == most


def test_what_is_under_way_counts_until_it_has_ended():
    rates = limiter()
    rates.begin("telegram", "7")
    assert not may_leave(rates, "telegram", "7", now_us=10**12)
    assert rates.next_us(10**12) is None
    assert rates.at_limit(10**12) == {("telegram", "7")}
    rates.withdraw("telegram", "7")
    assert may_leave(rates, "telegram", "7", now_us=0)


def test_a_hold_keeps_one_chat_or_the_whole_channel():
    rates = limiter()
    rates.hold("telegram", "7", until_us=5 * SECOND_US)
    rates.hold("telegram", "7", until_us=2 * SECOND_US)
    assert rates.at_limit(4 * SECOND_US) == {("telegram", "7")}
    assert may_leave(rates, "telegram", "8", now_us=0)
    rates.hold("telegram", "", until_us=9 * SECOND_US)
    assert not may_leave(rates, "telegram", "8", now_us=8 * SECOND_US)
    assert may_leave(rates, "few", "8", now_us=0)
    assert rates.next_us(6 * SECOND_US) == 9 * SECOND_US
    assert rates.at_limit(9 * SECOND_US) == frozenset()


def test_the_room_is_that_of_the_narrowest_channel_that_has_any():
    rates = limiter()
    assert rates.room(["telegram"], now_us=0, most=8) == 8
    assert rates.room(["telegram", "few"], now_us=0, most=8) == 3
    for _ in range(2):
        sent(rates, "few", "a", at_us=0)
    assert rates.room(["telegram", "few"], now_us=1, most=8) == 1
    sent(rates, "few", "a", at_us=0)
    assert rates.room(["telegram", "few"], now_us=1, most=8) == 8
    assert ("few", "") in rates.at_limit(1)


def test_attempts_of_an_earlier_sender_count():
    rates = limiter()
    for number in range(20):
        rates.note("telegram", "-100", at_us=number * SECOND_US)
    assert not may_leave(rates, "telegram", "-100", now_us=60 * SECOND_US)
    assert may_leave(rates, "telegram", "-100", now_us=LONGEST_WINDOW_US)
    rates.restart()
    assert may_leave(rates, "telegram", "-100", now_us=0)


def test_a_service_nobody_knows_gets_thirty_a_minute():
    rates, now_us, number = RateLimiter(), 0, 0
    while now_us < 60 * SECOND_US:
        sent(rates, "discord", "a", at_us=now_us)
        number += 1
        now_us = rates.next_us(now_us) or 0
    assert number == 30


def test_what_was_long_ago_is_forgotten():
    rates = limiter()
    for chat in range(1000):
        sent(rates, "telegram", str(chat), at_us=0)
    rates.at_limit(LONGEST_WINDOW_US + 1)
    assert len(rates._lanes) == 0
