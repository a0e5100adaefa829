"""What breakers say when they trip: the numbers, the limit, and until when."""

from decimal import Decimal

import pytest

from snipersight.domain.standing import AccountStanding, BreakerName
from snipersight.risk.breakers.standing import halt, note_unprotected
from tests.builders.ledger import a_policy, an_entry
from tests.builders.standings import (
    DAILY,
    DRAWDOWN,
    STREAK,
    WEDNESDAY,
    WEEKLY,
    account,
    breaker,
    closed,
    marked,
    paid,
    started,
)


def _unprotected() -> AccountStanding:
    naked = an_entry(filled="10", unprotected_since_us=WEDNESDAY - 90_500_000)
    return note_unprotected(account(), [naked], at_us=WEDNESDAY, policy=a_policy())


SAID = [
    (
        DAILY,
        lambda: marked(started(), "9654"),
        ("0.0346", "0.03"),
        (
            "3.46% lost since the UTC day began, less than 3.00% is allowed; no entries until "
            "2024-06-06 00:00 UTC"
        ),
    ),
    (
        WEEKLY,
        lambda: marked(started(), "9000"),
        ("0.1", "0.06"),
        (
            "10.00% lost since the UTC week began, less than 6.00% is allowed; no entries until "
            "2024-06-10 00:00 UTC"
        ),
    ),
    (
        DRAWDOWN,
        lambda: marked(started(), "8000"),
        ("0.2", "0.15"),
        (
            "20.00% lost from the highest equity, less than 15.00% is allowed; no entries until a "
            "person re-arms it"
        ),
    ),
    (
        DRAWDOWN,
        lambda: paid(started(), "1000", "-300"),
        ("1.03", "1"),
        "everything was lost (-300 left); no entries until a person re-arms it",
    ),
    (
        STREAK,
        lambda: closed(closed(account(), max_loss_streak=2), max_loss_streak=2),
        ("2", "2"),
        "2 trades in a row were lost; at 2 entries pause",
    ),
    (
        BreakerName.UNPROTECTED,
        _unprotected,
        ("90.5", "30"),
        "a position has lacked part of its stop for 90.5 s, 30 s are allowed",
    ),
    (
        BreakerName.OPERATOR,
        lambda: halt(account(), at_us=WEDNESDAY),
        None,
        "halted by the operator",
    ),
]


@pytest.mark.parametrize(("name", "tripped", "numbers", "sentence"), SAID)
def test_a_breaker_says_what_tripped_it(name, tripped, numbers, sentence):
    told = breaker(tripped(), name)
    measured, limit = (None, None) if numbers is None else map(Decimal, numbers)
    assert (told.measured, told.limit, told.sentence) == (measured, limit, sentence)


def test_a_withdrawal_beyond_the_equity_says_both():
    with pytest.raises(ValueError, match=r"^900\.5 is more than the equity of 900$"):
        paid(started(), "-900.5", "900")


def test_a_position_that_just_lost_its_stop_has_lacked_it_for_no_time():
    naked = an_entry(filled="10", unprotected_since_us=WEDNESDAY)
    policy = a_policy(max_unprotected_us=0)
    noted = note_unprotected(account(), [naked], at_us=WEDNESDAY, policy=policy)
    assert breaker(noted, BreakerName.UNPROTECTED).measured == 0
