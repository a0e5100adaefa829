"""A run tells where its clock lies behind what was recorded of its account."""

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.operations import halt_entries
from snipersight.bootstrap.running.times import time_problem
from snipersight.bootstrap.settings import load_settings

AT_US = 1_780_315_200_000_000
SECOND_US = 1_000_000


def test_more_than_a_second_behind_is_told_and_less_is_not():
    settings, now = load_settings()[0], [AT_US]
    with open_books(settings, account_id="practice", clock=lambda: now[0]) as books:
        halt_entries(books.ports, reason="another machine", actor="cli")
        now[0] -= SECOND_US
        assert time_problem(books) is None
        now[0] -= 59 * SECOND_US
        told = time_problem(books)
        assert told is not None
        assert "60 s later than it is" in told
        assert "--accept-clock --account practice" in told
