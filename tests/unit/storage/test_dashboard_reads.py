"""What the dashboard asks the store of decisions, in a file and on a server."""

from snipersight.storage.change_marks import decision_marks
from snipersight.storage.leases import Leases
from snipersight.storage.ledger_results import ended_results
from snipersight.storage.signs_of_life import signs_of_life


def test_marks_stay_the_same_until_something_is_stored(database):
    before = decision_marks(database)
    assert decision_marks(database) == before
    Leases(database).acquire("executor:main", owner="here:1:a", for_us=15_000_000)
    after = decision_marks(database)
    assert after.processes != before.processes
    assert (after.audit, after.exposure, after.orders) == (
        before.audit,
        before.exposure,
        before.orders,
    )


def test_signs_of_life_are_as_old_as_the_last_renewal_whatever_the_term(database):
    assert signs_of_life(database) == ()
    leases = Leases(database)
    for name, term_us in (
        ("executor:main", 15_000_000),
        ("worker:a:b", 12_000_000),
        ("operator:telegram:1", 20_000_000),
    ):
        leases.acquire(name, owner="here:1:a", for_us=term_us)
    leases.acquire("slot:a:1", owner="here:1:a", for_us=12_000_000)
    signs = signs_of_life(database)
    assert [one.name for one in signs] == ["executor:main", "operator:telegram:1", "worker:a:b"]
    seen = [one.seen_us for one in signs]
    assert max(seen) - min(seen) < 5_000_000


def test_without_trades_there_are_no_results(database):
    assert ended_results(database, "main") == ()
