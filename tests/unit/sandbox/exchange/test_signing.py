"""Times and signatures of requests."""

from hypothesis import given
from hypothesis import strategies as st

from snipersight.sandbox.exchange.signing import (
    BadTime,
    is_signed,
    signature_of,
    time_fault,
)

# The example of Binance's own documentation of signed requests.
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
QUERY = (
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
    "&timestamp=1499827319559"
)
SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"


def test_the_documented_example_is_signed_as_documented():
    assert signature_of(SECRET, QUERY) == SIGNATURE
    assert is_signed(SECRET, QUERY, SIGNATURE.upper())


@given(place=st.integers(0, 63), digit=st.sampled_from("0123456789abcdef"))
def test_a_signature_with_another_digit_is_refused(place: int, digit: str):
    other = SIGNATURE[:place] + digit + SIGNATURE[place + 1 :]
    assert is_signed(SECRET, QUERY, other) is (other == SIGNATURE)


def test_a_signature_that_is_no_ascii_is_refused():
    assert not is_signed(SECRET, QUERY, "ä" * 64)


@given(age_ms=st.integers(-5_000, 20_000), window_ms=st.integers(0, 10_000))
def test_a_request_lives_from_a_second_ahead_to_the_end_of_its_window(age_ms: int, window_ms: int):
    fault = time_fault(1_000_000 - age_ms, window_ms=window_ms, now_ms=1_000_000)
    expected = BadTime.AHEAD if age_ms <= -1_000 else BadTime.LATE if age_ms > window_ms else None
    assert fault is expected
