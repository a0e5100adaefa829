"""Lists of signals and events hold exactly what was asked for, in a file and on a server."""

import pytest
from sqlalchemy import Engine, event, text

from snipersight.domain.event_log import StoredEvent
from snipersight.domain.evidence import Kind, OutcomeStatus, SignalKey
from snipersight.storage.telemetry.change_marks import telemetry_marks
from snipersight.storage.telemetry.event_listing import list_events
from snipersight.storage.telemetry.event_log import SqlEventLog
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.storage.telemetry.newest import newest_scan_ms
from snipersight.storage.telemetry.signal_listing import (
    Listing,
    count_waiting,
    list_signals,
    signals_of_plan,
)
from tests.builders.evidence import a_refusal, a_scan, a_signal, an_outcome


@pytest.fixture
def filled(telemetry):
    """Return a database with ten signals, newest last, of which some share a score."""
    store = SqlEvidenceStore(telemetry)
    signals = [a_signal(number, score=50.0 + number % 3) for number in range(8)]
    odd = a_signal(8, symbol="100%_OFF/USDT", profile="Swing")
    other = a_signal(9, account_id="practice", key=SignalKey("practice:plan-7"), plan_id="plan-7")
    store.record(a_scan(at_ms=5), [*signals, odd, other, a_refusal(10)])
    store.save_outcomes(
        [
            an_outcome(0, status=OutcomeStatus.CLOSED),
            an_outcome(1, status=OutcomeStatus.OPEN),
            an_outcome(2, status=OutcomeStatus.WAITING),
            an_outcome(2, kind=Kind.ACTUAL, status=OutcomeStatus.OPEN),
        ]
    )
    return telemetry


def listed(database, **wanted) -> list[str]:
    found = list_signals(database, Listing(**{"equal": {}} | wanted))
    return [one.signal.key.partition(":")[2] for one in found]


def test_the_newest_come_first_and_pages_join(filled):
    everything = listed(filled)
    assert everything == ["plan-10", "plan-7", *(f"plan-{number}" for number in range(8, -1, -1))]
    last = list_signals(filled, Listing(equal={}, limit=4))[-1].signal
    rest = listed(filled, after=(last.decided_ms, last.key))
    assert everything[:4] + rest == everything


def test_the_best_of_those_that_live_come_first_and_equal_scores_keep_an_order(filled):
    ranked = list_signals(filled, Listing(equal={"account_id": "main"}, by_score=True))
    scores = [one.signal.score for one in ranked]
    assert scores == sorted(scores, reverse=True)
    assert {one.signal.plan_id for one in ranked} == {f"plan-{number}" for number in range(1, 9)}
    last = ranked[2].signal
    rest = listed(filled, equal={"account_id": "main"}, by_score=True, after=(last.score, last.key))
    assert rest == [one.signal.plan_id for one in ranked[3:]]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"statuses": frozenset({OutcomeStatus.CLOSED})}, ["plan-0"]),
        ({"statuses": frozenset({OutcomeStatus.OPEN})}, ["plan-2", "plan-1"]),
        ({"refused": True}, ["plan-10"]),
        (
            {"refused": True, "statuses": frozenset({OutcomeStatus.OPEN})},
            ["plan-10", "plan-2", "plan-1"],
        ),
        ({"text": "%_off"}, ["plan-8"]),
        ({"text": "SWING"}, ["plan-8"]),
        ({"text": "max_total"}, ["plan-10"]),
        ({"text": "nowhere"}, []),
        ({"text": "beef"}, []),
        ({"equal": {"profile": "Swing", "symbol": "BTC/USDT:USDT"}}, []),
        ({"until_ms": a_signal(2).decided_ms}, ["plan-1", "plan-0"]),
        ({"since_ms": a_signal(10).decided_ms}, ["plan-10"]),
    ],
)
def test_a_filter_leaves_out_everything_else(filled, wanted, found):
    assert listed(filled, **wanted) == found


ALIVE = frozenset({OutcomeStatus.WAITING, OutcomeStatus.OPEN})


@pytest.mark.parametrize("by_score", [False, True])
def test_a_trade_that_outlives_its_model_is_alive_and_one_that_has_ended_before_it_is_not(
    filled, by_score
):
    store = SqlEvidenceStore(filled)
    actual = Kind.ACTUAL
    store.save_outcomes(
        [
            an_outcome(0, kind=actual, status=OutcomeStatus.OPEN),  # its model has closed
            an_outcome(1, kind=actual, status=OutcomeStatus.CLOSED),  # its model is open
        ]
    )
    living = listed(filled, equal={"account_id": "main"}, statuses=ALIVE, by_score=by_score)
    assert set(living) == {"plan-0", *(f"plan-{number}" for number in range(2, 9))}
    assert listed(filled, statuses=frozenset({OutcomeStatus.CLOSED})) == ["plan-1"]
    pages, after = list[str](), None
    while page := list_signals(
        filled, Listing(equal={}, statuses=ALIVE, by_score=by_score, after=after, limit=2)
    ):
        pages += [one.signal.key for one in page]
        last = page[-1].signal
        after = (last.score if by_score else last.decided_ms, last.key)
    assert len(pages) == len(set(pages)) == 9


def test_a_signal_comes_with_both_its_ends(filled):
    (one,) = signals_of_plan(filled, "plan-2", ("main", "nobody"))
    assert one.modelled is not None
    assert one.actual is not None
    assert (one.modelled.status, one.actual.status) == (OutcomeStatus.WAITING, OutcomeStatus.OPEN)
    both = signals_of_plan(filled, "plan-7", ("main", "practice"))
    assert [one.signal.account_id for one in both] == ["main", "practice"]
    assert signals_of_plan(filled, "plan-7", ()) == ()


def test_those_that_wait_are_counted_for_each_account(filled):
    assert count_waiting(filled, "main") == 7  # all but one closed, one open
    assert count_waiting(filled, "practice") == 1
    assert count_waiting(filled, "mai") == 0


def test_events_are_looked_through_from_the_newest_back(telemetry):
    log = SqlEventLog(telemetry)
    log.append(
        [
            StoredEvent(
                seq=0, event_type=f"kind_{number % 2}", at_us=number, body=f'{{"n":{number}}}'
            )
            for number in range(6)
        ]
    )
    assert [one.at_us for one in list_events(telemetry, limit=2)] == [5, 4]
    newest = list_events(telemetry, limit=1)[0]
    assert [one.at_us for one in list_events(telemetry, limit=9, before_seq=newest.seq)] == [
        4,
        3,
        2,
        1,
        0,
    ]
    assert [one.at_us for one in list_events(telemetry, limit=9, types={"kind_1"})] == [5, 3, 1]
    assert [one.at_us for one in list_events(telemetry, limit=9, text='"N":2')] == [2]
    assert [one.at_us for one in list_events(telemetry, limit=9, among=2)] == [5, 4]


def test_marks_and_the_newest_scan_follow_what_is_stored(filled):
    before = telemetry_marks(filled)
    assert telemetry_marks(filled) == before
    assert (newest_scan_ms(filled, "main"), newest_scan_ms(filled, "nobody")) == (5, None)
    SqlEvidenceStore(filled).record(a_scan(2, context_id="later", at_ms=9), [])
    assert newest_scan_ms(filled, "main") == 9
    assert telemetry_marks(filled).scans != before.scans
    assert telemetry_marks(filled).events == before.events


def test_a_trade_that_goes_on_after_its_model_has_ended_moves_the_marks(filled):
    before = telemetry_marks(filled)
    store = SqlEvidenceStore(filled)
    store.save_outcomes([an_outcome(0, kind=Kind.ACTUAL, status=OutcomeStatus.OPEN)])
    opened = telemetry_marks(filled)
    store.save_outcomes([an_outcome(0, kind=Kind.ACTUAL, status=OutcomeStatus.CLOSED)])
    closed = telemetry_marks(filled)
    assert len({before.signals, opened.signals, closed.signals}) == 3
    assert closed.scans == before.scans


def test_an_approval_replaces_the_refusal_that_was_listed_before(telemetry):
    store = SqlEvidenceStore(telemetry)
    store.record(a_scan(), [a_refusal(1)])
    assert [one.signal.verdict for one in list_signals(telemetry, Listing(equal={}))] == [
        "rejected"
    ]
    store.record(a_scan(2, context_id="later"), [a_signal(1)])
    assert [one.signal.verdict for one in list_signals(telemetry, Listing(equal={}))] == [
        "approved"
    ]


def plans_of(database, ask) -> str:
    """Return how a database answers what is asked, with rows too few to make it look otherwise."""
    asked = []

    def see(_connection, _cursor, statement, values, *_):
        asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", see)
    ask()
    event.remove(Engine, "before_cursor_execute", see)
    is_file = database.dialect == "sqlite"

    def explained(connection) -> str:
        if not is_file:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        how = "EXPLAIN QUERY PLAN " if is_file else "EXPLAIN "
        found = [
            connection.exec_driver_sql(how + one, values) for one, values in asked if "FROM" in one
        ]
        return "\n".join(str(row[-1]) for plan in found for row in plan)

    plan: str = database.read(explained)
    return plan


@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        (lambda it: list_signals(it, Listing(equal={}, by_score=True)), {"ix_signal_living"}),
        (
            lambda it: list_signals(
                it,
                Listing(
                    equal={},
                    statuses=frozenset({OutcomeStatus.WAITING, OutcomeStatus.OPEN}),
                    by_score=True,
                ),
            ),
            {"ix_signal_living", "ix_outcome_followed"},
        ),
        (lambda it: count_waiting(it, "main"), {"ix_signal_living", "ix_outcome_followed"}),
        (telemetry_marks, {"ix_signal_unfinished", "ix_outcome_followed"}),
    ],
)
def test_what_is_asked_at_every_change_leads_past_what_is_kept(filled, ask, indexes):
    plan = plans_of(filled, lambda: ask(filled))
    assert {name for name in indexes if name in plan} == indexes
