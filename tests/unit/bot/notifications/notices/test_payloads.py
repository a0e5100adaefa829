import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.notices.payload_kinds import (
    BreakerPayload,
    Payload,
    SignalPayload,
    SummaryPayload,
    UpdatePayload,
    priority_of,
)
from snipersight.bot.notifications.notices.payloads import (
    decode_payload,
    encode_payload,
    notice_draft,
    shortened,
)
from snipersight.domain.errors import DataInvalid
from snipersight.domain.notices import (
    Alert,
    Digest,
    PlainText,
    Severity,
    SignalEvent,
    thread_of,
)
from snipersight.domain.standing import BreakerName, TradingState, TrippedBreaker
from snipersight.domain.units import Currency, Money
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.exact_json import encode
from snipersight.risk.telling import batch_of, signal_notice
from tests.builders import a_plan

AT_MS = 1_717_761_600_000
SIGNAL = SignalPayload(account="main", seq=7, plan_id="p-1", batch="sandbox:balanced:1")
UPDATE = UpdatePayload(
    account="main",
    plan_id="p-1",
    seq=7,
    event=SignalEvent.TARGET_HIT,
    at_ms=AT_MS,
    price=Decimal("43000.0"),
    target=2,
    net_r=Decimal("-1.02"),
    is_actual=True,
    detail="by the candles of 15m",
    is_practice=True,
    is_for_audience=True,
)
BREAKER = BreakerPayload(
    account="main",
    breaker=TrippedBreaker(
        name=BreakerName.DAILY_LOSS,
        state=TradingState.REDUCING,
        tripped_us=AT_MS * 1000,
        until_us=AT_MS * 1000 + 5,
        measured=Decimal("0.031"),
        limit=Decimal("0.03"),
        sentence="3.1 % were lost today",
    ),
)
ALERT = Alert(
    trigger="venue_down",
    severity=Severity.ERROR,
    title="A venue cannot be reached",
    text="binance answers nothing",
    subject="binance",
    at_ms=AT_MS,
)
SUMMARY = SummaryPayload(
    account="main",
    batch="sandbox:balanced:1",
    profile="balanced",
    venue="sandbox",
    as_of_ms=AT_MS,
    seqs=(3, 9),
    funnel=(("no_setup", 18), ("approved", 2)),
    scanned=20,
    regimes={"trend": 12, "unknown": 8},
)
DIGEST = Digest(
    day="2024-06-07",
    account_id="main",
    currency=Currency("USDT"),
    told=3,
    events={SignalEvent.CLOSED: 2, SignalEvent.EXPIRED: 1},
    net_r=Decimal("1.25"),
    hits=1,
    open_positions=2,
    equity=Money(Decimal("10125.50")),
    change=None,
    trades=2,
    trades_net_r=Decimal("0.5"),
    is_practice=True,
)
TEXT = PlainText(markdown="**hello** \N{PARTY POPPER}", title="Hello")
EVERY = (SIGNAL, UPDATE, BREAKER, ALERT, SUMMARY, DIGEST, TEXT)


@pytest.mark.parametrize("payload", EVERY, ids=lambda one: type(one).__name__)
def test_every_kind_comes_back_from_the_store_as_it_was(payload):
    stored = json.loads(canonical(encode_payload(payload)))
    assert decode_payload(stored) == payload


def test_what_the_risk_gate_stores_is_read():
    plan = a_plan()
    draft = signal_notice("main", plan, seq=4, as_of_ms=AT_MS)
    read = decode_payload(json.loads(canonical(dict(draft.payload))))
    assert read == SignalPayload(
        account="main", seq=4, plan_id=plan.plan_id, batch=batch_of(plan, AT_MS), is_practice=True
    )
    assert (notice_draft(read).key, notice_draft(read).priority) == (draft.key, draft.priority)


def test_an_update_of_the_ledger_names_no_record_and_no_target():
    stored = {
        "kind": "update",
        "account": "main",
        "plan_id": "p-1",
        "entry_id": "e-1",
        "event": "entered",
        "at_ms": AT_MS,
        "price": "42250",
        "actual": True,
        "practice": False,
    }
    read = decode_payload(stored)
    assert isinstance(read, UpdatePayload)
    assert (read.seq, read.target, read.net_r, read.detail) == (None, None, None, "")
    assert read.price == Decimal(42250)


@pytest.mark.parametrize(
    ("payload", "name", "value"),
    [
        (SIGNAL, "seq", 0),
        (SIGNAL, "seq", True),
        (SIGNAL, "seq", "7"),
        (SIGNAL, "seq", 2**60),
        (SIGNAL, "account", ""),
        (SIGNAL, "account", "a" * 65),
        (SIGNAL, "plan_id", None),
        (SIGNAL, "plan_id", "half \ud800"),
        (SIGNAL, "practice", 1),
        (UPDATE, "event", "celebrated"),
        (UPDATE, "event", ["closed"]),
        (UPDATE, "price", "NaN"),
        (UPDATE, "price", "Infinity"),
        (UPDATE, "price", "1E+900"),
        (UPDATE, "price", 43000),
        (UPDATE, "price", "9" * 65),
        (UPDATE, "target", 0),
        (UPDATE, "at_ms", -1),
        (UPDATE, "at_ms", 10**15),
        (UPDATE, "detail", "x" * 4001),
        (BREAKER, "breaker", {}),
        (BREAKER, "breaker", "daily_loss"),
        (BREAKER, "breaker", None),
        (BREAKER, "breaker", {**encode(BREAKER.breaker), "tripped_us": {"text": "now"}}),  # type: ignore[dict-item]
        (BREAKER, "breaker", {**encode(BREAKER.breaker), "name": "mood"}),  # type: ignore[dict-item]
        (BREAKER, "breaker", {**encode(BREAKER.breaker), "until_us": -1}),  # type: ignore[dict-item]
        (ALERT, "severity", "loud"),
        (ALERT, "title", ""),
        (SUMMARY, "seqs", [3, "9"]),
        (SUMMARY, "seqs", [0]),
        (SUMMARY, "seqs", list(range(1, 1002))),
        (SUMMARY, "funnel", [["approved"]]),
        (SUMMARY, "funnel", [["approved", -1]]),
        (SUMMARY, "funnel", {"approved": 1}),
        (SUMMARY, "regimes", {"trend": "many"}),
        (SUMMARY, "regimes", ["trend"]),
        (DIGEST, "events", {"danced": 1}),
        (DIGEST, "day", "today"),
        (DIGEST, "equity", "much"),
        (TEXT, "markdown", "x" * 20_001),
    ],
)
def test_a_hostile_value_is_refused_by_the_name_of_its_field(payload, name, value):
    stored = encode_payload(payload) | {name: value}
    with pytest.raises(DataInvalid, match=rf"{name} of a notice of kind {stored['kind']}"):
        decode_payload(stored)


@pytest.mark.parametrize(
    ("payload", "name"), [(SIGNAL, "seq"), (SUMMARY, "funnel"), (ALERT, "at_ms"), (TEXT, "title")]
)
def test_an_older_payload_without_a_field_is_refused_by_its_name(payload, name):
    stored = encode_payload(payload)
    del stored[name]
    with pytest.raises(DataInvalid, match=f"lacks {name}"):
        decode_payload(stored)


@pytest.mark.parametrize("kind", [None, "song", 7, ["signal"], {}, "x" * 1000])
def test_an_unknown_kind_is_refused_in_few_words(kind):
    with pytest.raises(DataInvalid, match="there is no notice of kind") as caught:
        decode_payload({"kind": kind})
    assert len(caught.value.what) < 100


def test_what_a_newer_version_added_is_passed_over():
    assert decode_payload(encode_payload(SIGNAL) | {"mood": "bullish"}) == SIGNAL


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(payload=st.sampled_from(EVERY), changes=st.data())
def test_whatever_stands_in_a_payload_it_is_read_or_refused(payload, changes):
    stored = encode_payload(payload)
    names = changes.draw(st.lists(st.sampled_from(sorted(stored)), max_size=3))
    stored |= {name: changes.draw(JSON) for name in names}
    try:
        read = decode_payload(stored)
    except DataInvalid:
        return
    assert decode_payload(encode_payload(read)) == read


def test_a_notice_has_the_key_by_which_it_is_told_once():
    keys = [notice_draft(payload).key for payload in EVERY[:-1]]
    assert keys == [
        thread_of("main", "p-1"),
        "update:main:p-1:target_hit:2:actual",
        f"breaker:main:daily_loss:{AT_MS * 1000}",
        f"alert:venue_down:{AT_MS}:binance",
        "summary:main:sandbox:balanced:1",
        "digest:main:2024-06-07",
    ]


def test_a_text_needs_a_key_of_its_own():
    assert notice_draft(TEXT, key="hello").key == "hello"
    with pytest.raises(ValueError, match="key"):
        notice_draft(TEXT)


def test_a_long_key_ends_with_its_hash_and_two_of_them_differ():
    one, other = (shortened("k" * 200 + end) for end in "ab")
    assert len(one) == len(other) == 128
    assert one != other
    assert shortened("k" * 128) == "k" * 128


def test_alerts_go_before_signals_these_before_what_became_of_others_and_that_before_the_rest():
    critical = replace(ALERT, severity=Severity.CRITICAL)
    order: list[Payload] = [critical, ALERT, BREAKER, SIGNAL, UPDATE, SUMMARY, DIGEST, TEXT]
    assert [priority_of(one) for one in order] == [40, 30, 30, 25, 20, 10, 10, 10]


def test_what_becomes_of_a_signal_is_worded_after_it_and_after_that_of_no_other():
    update = replace(UPDATE, account=SIGNAL.account, plan_id=SIGNAL.plan_id)
    other = replace(UPDATE, plan_id="another")
    lanes = [notice_draft(one).lane for one in (SIGNAL, update, other, SUMMARY)]
    assert lanes[0] == lanes[1] != lanes[2]
    assert lanes[3] == ""
    assert all(len(lane) <= 64 for lane in lanes)


@pytest.mark.parametrize("is_offered", [False, True])
def test_an_offer_is_stored_as_the_risk_gate_stores_it(is_offered: bool) -> None:
    plan = a_plan()
    draft = signal_notice("main", plan, seq=7, as_of_ms=AT_MS, offers=is_offered)
    payload = decode_payload(draft.payload)
    assert isinstance(payload, SignalPayload)
    assert payload.is_offered is is_offered
    assert encode_payload(payload) == draft.payload
    stored = notice_draft(payload)
    assert (stored.key, stored.lane, stored.priority) == (draft.key, draft.lane, draft.priority)


def test_a_signal_of_before_there_were_offers_is_none() -> None:
    stored = {name: value for name, value in encode_payload(SIGNAL).items() if name != "offers"}
    assert decode_payload(stored) == SIGNAL
    assert not SIGNAL.is_offered
