"""The outbox on both kinds of database: what is stored, claimed, told, stopped and moved."""

import time
from typing import Any

import pytest
from sqlalchemy import update

from snipersight.domain.errors import LeaseLost
from snipersight.domain.outbox import NOTICES, DeliveryDraft, Waiting
from snipersight.domain.store import QueueDraft
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.outbox_lanes import lane_of
from snipersight.storage.outbox_lease import SqlSenderLease
from snipersight.storage.outbox_view import lanes_waiting, notices_waiting, troubled
from snipersight.storage.schema import KEY_VALUE, LEASE, QUEUE

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US


@pytest.fixture
def outbox(database):
    return SqlOutbox(database)


def a_notice(key: str = "signal:main:1", **fields: Any) -> QueueDraft:
    fields = {"payload": {"kind": "text"}} | fields
    return QueueDraft(topic=NOTICES, key=key, **fields)


def a_delivery(key: str = "1", address: str = "7", **fields: Any) -> DeliveryDraft:
    fields = {"channel": "telegram", "body": {"text": "Bär 🐻", "silent": True}} | fields
    return DeliveryDraft(key=key, address=address, **fields)


def stored(outbox: SqlOutbox, *deliveries: DeliveryDraft) -> None:
    assert outbox.fan_out([], deliveries) == len(deliveries)


def claim(outbox: SqlOutbox, *, owner: str = "a", limit: int = 10, **options: Any):
    return outbox.claim_deliveries(owner, limit=limit, for_us=MINUTE_US, **options)


def claim_one(outbox: SqlOutbox, **options: Any):
    (one,) = claim(outbox, **options)
    return one


def keys(deliveries: Any) -> list[str]:
    return [delivery.draft.key for delivery in deliveries]


def run_out(database: Any) -> None:
    """Let the time of every claim be over."""
    database.write(lambda it: it.execute(update(QUEUE).values(claimed_until_us=1)))


def test_a_notice_is_claimed_with_all_that_was_said_and_fanned_out_once(outbox, database):
    before_us = outbox.now_us()
    assert outbox.put(a_notice(payload={"kind": "signal", "seq": 3}))
    assert notices_waiting(database) == 1
    (notice,) = outbox.claim_notices("w", limit=5, for_us=MINUTE_US)
    assert (notice.key, notice.payload) == ("signal:main:1", {"kind": "signal", "seq": 3})
    assert before_us <= notice.created_us <= outbox.now_us()
    assert outbox.fan_out([notice], [a_delivery("a"), a_delivery("b"), a_delivery("a")]) == 2
    assert outbox.fan_out([notice], [a_delivery("c")]) is None
    assert outbox.claim_notices("w", limit=5, for_us=MINUTE_US) == ()
    assert not outbox.put(a_notice())
    assert outbox.waiting().sendable == 2


def test_a_delivery_is_claimed_with_all_that_was_said(outbox):
    draft = a_delivery(priority=20, expires_us=2**51, thread="signal:main:1")
    stored(outbox, draft)
    found = claim_one(outbox)
    assert found.draft == draft
    assert (found.attempt, found.owner, found.reply_to) == (1, "a", "")
    assert found.created_us <= found.claimed_us <= outbox.now_us()
    assert not found.is_ambiguous
    assert found.last_error is None


def test_the_head_of_a_lane_is_the_most_urgent_and_of_these_the_oldest(outbox):
    stored(outbox, a_delivery("old"), a_delivery("urgent", priority=30), a_delivery("new"))
    stored(outbox, a_delivery("late but urgent", priority=30), a_delivery("other", "8"))
    order = []
    while found := claim(outbox, but_not=[("telegram", "8")]):
        order += keys(found)
        assert outbox.delivered(found[0], message_id="1")
    assert order == ["urgent", "late but urgent", "old", "new"]


def test_one_delivery_of_a_chat_is_claimed_at_a_time_whatever_comes_later(outbox):
    stored(outbox, a_delivery("1"), a_delivery("2"), a_delivery("3", "8"))
    assert keys(claim(outbox)) == ["1", "3"]
    stored(outbox, a_delivery("alert", priority=40))
    assert claim(outbox, owner="b") == ()


def test_chats_are_claimed_most_urgent_first_up_to_the_limit(outbox):
    stored(outbox, *(a_delivery(str(n), str(n), priority=n % 3) for n in range(6)))
    assert keys(claim(outbox, limit=3)) == ["2", "5", "1"]
    assert keys(claim(outbox, limit=9)) == ["4", "0", "3"]


def test_a_chat_whose_head_is_not_urgent_enough_is_passed_over(outbox):
    stored(outbox, a_delivery("update", priority=20), a_delivery("old", "8", priority=10))
    stored(outbox, a_delivery("signal", "8", priority=25))
    assert keys(claim(outbox, at_least=25)) == ["signal"]
    assert keys(claim(outbox, at_least=21)) == []
    assert keys(claim(outbox)) == ["update"]


def test_chats_and_channels_at_their_limit_are_passed_over(outbox):
    stored(outbox, a_delivery("1"), a_delivery("2", "8"), a_delivery("3", channel="telegraph"))
    assert keys(claim(outbox, but_not=[("telegram", "8"), ("telegraph", "")])) == ["1"]
    assert keys(claim(outbox, but_not=[("telegram", "")])) == ["3"]
    assert keys(claim(outbox)) == ["2"]


def test_a_delivery_handed_back_is_not_had_before_its_time_and_its_chat_waits(outbox):
    stored(outbox, a_delivery("1"), a_delivery("2"))
    first = claim_one(outbox)
    later_us = first.claimed_us + HOUR_US
    assert outbox.retry(first, at_us=later_us, error="busy")
    assert claim(outbox) == ()
    assert outbox.waiting() == Waiting(sendable=2, stopped=0, next_us=outbox.waiting().next_us)
    stored(outbox, a_delivery("alert", priority=40))
    assert keys(claim(outbox)) == ["alert"]


def test_a_second_attempt_knows_what_went_wrong_before(outbox):
    stored(outbox, a_delivery())
    outbox.retry(claim_one(outbox), at_us=0, error="no \0 answer", is_ambiguous=True)
    again = claim_one(outbox)
    assert (again.attempt, again.is_ambiguous, again.last_error) == (2, True, "no \ufffd answer")
    outbox.retry(again, at_us=0, error="refused")
    third = claim_one(outbox)
    assert third.is_ambiguous, "what may have arrived once may have arrived for good"


def test_a_claim_that_ran_out_marks_the_delivery_for_good(outbox, database):
    stored(outbox, a_delivery())
    lost = claim_one(outbox)
    run_out(database)
    found = claim_one(outbox, owner="b")
    assert found.is_ambiguous
    assert found.last_error is not None
    assert "ended without" in found.last_error
    assert not outbox.delivered(lost, message_id="1")
    assert outbox.delivered(found, message_id="2")
    (seen,) = troubled(database)
    assert (seen.state, seen.is_ambiguous, seen.attempts) == ("done", True, 2)


def test_a_claim_that_ran_out_and_nobody_took_is_still_good(outbox, database):
    stored(outbox, a_delivery())
    late = claim_one(outbox)
    run_out(database)
    assert outbox.delivered(late, message_id="1")
    assert troubled(database) == ()
    assert outbox.waiting() == Waiting(sendable=0, stopped=0, next_us=None)


def test_what_was_given_up_lets_the_chat_go_on_and_comes_back_when_asked_for(outbox, database):
    stored(outbox, a_delivery("1"), a_delivery("2"), a_delivery("old", "8", expires_us=1))
    for found in claim(outbox):
        outbox.bury(found, error="refused")
    assert keys(claim(outbox)) == ["2"]
    assert [seen.key for seen in troubled(database)] == ["old", "1"]
    assert outbox.resume("telegram", "9") == 0
    assert outbox.resume() == 1, "what is too old stays given up"
    assert [view.waiting for view in lanes_waiting(database)] == [2]


def test_a_later_message_of_a_thread_replies_to_its_first_in_that_chat(outbox):
    stored(outbox, *(a_delivery(f"{n}", thread="t") for n in range(3)))
    stored(outbox, a_delivery("x", "8", thread="t"), a_delivery("y", thread=""))
    replies = {}
    while found := claim(outbox):
        for one in found:
            replies[one.draft.key] = one.reply_to
            outbox.delivered(one, message_id=f"id-{one.draft.key}")
    assert replies == {"0": "", "1": "id-0", "2": "id-0", "x": "", "y": ""}


def test_what_is_told_together_begins_the_threads_that_nothing_began_before(outbox):
    stored(outbox, a_delivery("own", thread="a"))
    stored(outbox, a_delivery("both", begins=("a", "b")), a_delivery("other", "8", begins=("a",)))
    stored(outbox, *(a_delivery(f"after-{name}", thread=name) for name in "ab"))
    replies = {}
    while found := claim(outbox):
        for one in found:
            replies[one.draft.key] = one.reply_to
            outbox.delivered(one, message_id=f"id-{one.draft.key}")
    assert replies == {
        "own": "",
        "both": "",
        "other": "",
        "after-a": "id-own",
        "after-b": "id-both",
    }


def test_a_stopped_chat_keeps_its_deliveries_until_it_goes_on(outbox):
    stored(outbox, a_delivery("1"), a_delivery("2", "8"))
    assert outbox.stop("telegram", "7", error="blocked")
    assert not outbox.stop("telegram", "7", error="blocked again")
    assert keys(claim(outbox)) == ["2"]
    assert (outbox.waiting().sendable, outbox.waiting().stopped) == (1, 1)
    (lane,) = outbox.stopped()
    assert (lane.channel, lane.address, lane.error) == ("telegram", "7", "blocked")
    assert outbox.resume("telegram", "8") == 0
    assert outbox.resume("telegram", "7") == 1
    assert keys(claim(outbox)) == ["1"]


def test_a_stopped_channel_stops_its_chats_and_no_others(outbox):
    stored(outbox, a_delivery("1"), a_delivery("2", "8"), a_delivery("3", channel="tele_ram"))
    outbox.stop("telegram", "", error="wrong token")
    assert keys(claim(outbox)) == ["3"]
    outbox.resume("telegram")
    assert keys(claim(outbox)) == ["1", "2"]


def test_a_chat_that_moved_takes_what_waits_and_what_comes_along_in_order(outbox):
    stored(outbox, a_delivery("1", "-5"), a_delivery("2", "-100"), a_delivery("3", "-5"))
    first = claim(outbox, limit=1)[0]
    outbox.move("telegram", "-5", "-100")
    outbox.retry(first, at_us=0, error="moved")
    stored(outbox, a_delivery("4", "-5"))
    order = []
    while found := claim(outbox):
        assert [one.draft.address for one in found] == ["-100"]
        order += keys(found)
        outbox.delivered(found[0], message_id="1")
    assert order == ["1", "2", "3", "4"]


def test_moves_follow_one_another_and_lead_back(outbox, database):
    outbox.move("telegram", "a", "b")
    outbox.move("telegram", "b", "c")
    stored(outbox, a_delivery("1", "a"))
    assert lanes_waiting(database)[0].address == "c"
    outbox.move("telegram", "c", "a")
    stored(outbox, a_delivery("2", "c"), a_delivery("3", "b"), a_delivery("4", "a"))
    assert [(view.address, view.waiting) for view in lanes_waiting(database)] == [("a", 4)]
    outbox.move("telegram", "a", "a")
    assert claim_one(outbox).draft.address == "a"


def test_a_chat_that_is_said_to_have_moved_elsewhere_takes_its_own_messages_along(outbox, database):
    outbox.move("telegram", "a", "b")
    stored(outbox, a_delivery("1", "a"), a_delivery("2", "b"))
    outbox.move("telegram", "a", "c")
    seen = [(view.address, view.waiting) for view in lanes_waiting(database)]
    assert seen == [("b", 1), ("c", 1)]
    outbox.move("telegram", "b", "a")  # what was written to `a` stays there now
    seen = [(view.address, view.waiting) for view in lanes_waiting(database)]
    assert seen == [("a", 2)]


def test_what_was_given_up_comes_back_where_its_chat_is_by_now(outbox):
    stored(outbox, a_delivery("1", "-5"))
    outbox.bury(claim_one(outbox), error="refused")
    outbox.move("telegram", "-5", "-100")
    stored(outbox, a_delivery("2", "-100"))
    assert outbox.resume("telegram", "-100") == 1
    assert keys(claim(outbox)) == ["1"]


def test_attempts_are_known_to_whoever_sends_next(outbox):
    stored(outbox, a_delivery("1"), a_delivery("2", "8"), a_delivery("3", "9"))
    one, two, _three = claim(outbox)
    outbox.delivered(one, message_id="1")
    outbox.retry(two, at_us=0, error="busy")
    claim(outbox)
    since = outbox.attempts_since(one.claimed_us - MINUTE_US)
    assert sorted(address for _, address, _ in since) == ["7", "8", "8", "9"]
    assert all(at_us >= one.claimed_us for _, _, at_us in since)
    assert [at_us for _, _, at_us in since] == sorted(at_us for _, _, at_us in since)
    assert outbox.attempts_since(one.claimed_us + HOUR_US) == ()


def test_an_attempt_without_an_outcome_may_have_been_counted_until_now(outbox):
    stored(outbox, a_delivery("1"))
    claim(outbox)
    before_us = outbox.now_us()
    ((_, _, at_us),) = outbox.attempts_since(0)
    assert at_us >= before_us


def test_one_alert_of_a_subject_is_told_within_its_window(outbox, database):
    assert outbox.put_once_within(a_notice("1"), subject="venue:x", window_us=HOUR_US)
    assert not outbox.put_once_within(a_notice("2"), subject="venue:x", window_us=HOUR_US)
    assert outbox.put_once_within(a_notice("3"), subject="venue:y" * 99, window_us=HOUR_US)
    ended = update(KEY_VALUE).values(expires_us=1)
    database.write(lambda it: it.execute(ended))
    assert outbox.put_once_within(a_notice("4"), subject="venue:x", window_us=HOUR_US)


def test_an_alert_that_was_stored_before_opens_no_window(outbox):
    outbox.put(a_notice("1"))
    assert not outbox.put_once_within(a_notice("1"), subject="x", window_us=HOUR_US)
    assert outbox.put_once_within(a_notice("2"), subject="x", window_us=HOUR_US)


def test_what_a_channel_says_is_kept_as_one_line_that_no_terminal_obeys(outbox):
    hostile = "gone\x1b[2J\r\n\ud800 \0\u202edown"
    assert outbox.stop("telegram", "", error=hostile)
    (stopped,) = outbox.stopped()
    assert stopped.error == "gone�[2J � ��down"


def test_a_sender_that_died_before_the_clock_was_set_back_bars_nobody_for_long(database):
    assert SqlSenderLease(database, owner="a", for_us=MINUTE_US).keep()
    later = {"expires_us": LEASE.c.expires_us + 60 * MINUTE_US}
    database.write(lambda connection: connection.execute(update(LEASE).values(later)))
    mine = SqlSenderLease(database, owner="b", for_us=50_000)
    assert not mine.keep()
    time.sleep(0.1)
    assert mine.keep()


def test_without_its_lease_a_sender_claims_nothing(database):
    lease = SqlSenderLease(database, owner="a", for_us=MINUTE_US)
    outbox = SqlOutbox(database, lease=lease)
    stored(outbox, a_delivery())
    with pytest.raises(LeaseLost):
        claim(outbox)
    assert lease.keep()
    rival = SqlSenderLease(database, owner="b", for_us=MINUTE_US)
    assert not rival.keep()
    lease.give_back()
    assert rival.keep()
    with pytest.raises(LeaseLost):
        claim(outbox)


def test_a_lease_that_ran_out_claims_nothing_even_if_its_holder_has_not_noticed(database):
    lease = SqlSenderLease(database, owner="a", for_us=1_000)
    outbox = SqlOutbox(database, lease=lease)
    stored(outbox, a_delivery())
    assert lease.keep()
    rival = SqlSenderLease(database, owner="b", for_us=MINUTE_US)
    while not rival.keep():
        pass
    with pytest.raises(LeaseLost):
        claim(outbox)


def test_the_next_holder_gets_at_once_what_the_last_one_held(database):
    first = SqlSenderLease(database, owner="a", for_us=MINUTE_US)
    first.keep()
    stored(SqlOutbox(database), a_delivery())
    claim(SqlOutbox(database, lease=first))
    first.give_back()
    second = SqlSenderLease(database, owner="b", for_us=MINUTE_US)
    second.keep()
    assert claim_one(SqlOutbox(database, lease=second), owner="b").is_ambiguous


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (a_delivery(address=""), "address"),
        (a_delivery(address="x" * 257), "address"),
        (a_delivery(channel=""), "channel"),
        (a_delivery(key="k" * 129), "key"),
        (a_delivery(thread="t" * 257), "thread"),
    ],
)
def test_names_out_of_bounds_are_refused_and_nothing_is_stored(outbox, draft, problem):
    with pytest.raises(ValueError, match=problem):
        outbox.fan_out([], [a_delivery("good"), draft])
    assert outbox.waiting().sendable == 0


@pytest.mark.parametrize("options", [{"limit": 0}, {"owner": ""}, {"owner": "o" * 65}])
def test_a_claim_out_of_bounds_is_refused(outbox, options):
    with pytest.raises(ValueError, match=r"1 to 64|cannot claim"):
        claim(outbox, **options)


def test_other_topics_are_no_notices(outbox):
    with pytest.raises(ValueError, match="topic"):
        outbox.put(QueueDraft(topic="event", key="1"))


def test_a_long_address_has_a_lane_of_its_own(outbox):
    long, longer = "x" * 200, "x" * 201
    assert len(lane_of("telegram", long)) <= 64
    stored(outbox, a_delivery("1", long), a_delivery("2", longer))
    outbox.stop("telegram", long, error="gone")
    assert [one.draft.address for one in claim(outbox)] == [longer]
