from snipersight.web.security.throttle import LoginThrottle
from tests.fakes.dashboard_access import Hands


def wrong(throttle: LoginThrottle, address: str, times: int) -> None:
    for _ in range(times):
        throttle.was_wrong(address)


def test_ten_wrong_tokens_a_minute_keep_an_address_waiting_until_the_first_is_forgotten():
    hands = Hands()
    throttle = LoginThrottle(clock_s=hands.now_s)
    wrong(throttle, "a", 9)
    assert throttle.wait_s("a") == 0
    hands.pass_s(20)
    wrong(throttle, "a", 1)
    assert throttle.wait_s("a") == 40
    hands.pass_s(39.5)
    assert throttle.wait_s("a") == 1
    hands.pass_s(0.5)
    assert throttle.wait_s("a") == 0


def test_one_address_keeps_no_other_waiting():
    throttle = LoginThrottle()
    wrong(throttle, "a", 50)
    assert throttle.wait_s("b") == 0


def test_many_addresses_meet_the_limit_of_all():
    throttle = LoginThrottle()
    for number in range(100):
        assert throttle.wait_s("new") == 0
        throttle.was_wrong(f"address {number}")
    assert throttle.wait_s("new") > 0


def test_it_remembers_so_many_addresses_and_no_more():
    throttle = LoginThrottle()
    for number in range(5000):
        throttle.was_wrong(str(number))
    assert len(throttle._by_address) == 4096
