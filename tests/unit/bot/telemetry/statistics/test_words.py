"""Results in words: a sign, and digits that can be read."""

import pytest

from snipersight.bot.telemetry.statistics.words import side_of, signed_r
from snipersight.domain.wording import multiple


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.25, "+0.25R"),
        (-1, "−1.00R"),
        (0, "0.00R"),
        (-0.0, "0.00R"),
        (-0.004, "0.00R"),
        (1204.5, "+1,204.50R"),
        (-21_000, "−21,000.00R"),
    ],
)
def test_a_result_has_a_sign_and_its_thousands_are_grouped(value, text):
    assert signed_r(value) == text


@pytest.mark.parametrize(
    ("low", "high", "side"),
    [(0.01, 0.2, 1), (-0.2, -0.01, -1), (-0.1, 0.1, 0), (0.004, 0.2, 0), (-0.2, -0.004, 0)],
)
def test_an_interval_that_shows_a_zero_is_on_neither_side_of_it(low, high, side):
    assert side_of(low, high) == side


def test_a_multiple_has_no_sign_and_its_thousands_are_grouped():
    assert multiple(1204.5) == "1,204.50R"
