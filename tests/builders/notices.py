"""Notices of every kind with valid defaults, generated ones, and Markdown read back."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from markdown_it import MarkdownIt

from snipersight.domain.decision import Approved
from snipersight.domain.direction import Direction
from snipersight.domain.notices import (
    Alert,
    Digest,
    ScanSummary,
    Severity,
    Signal,
    SignalEvent,
    SignalUpdate,
)
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Currency, Money, Size
from tests.builders.contexts import DECIDED_AT_MS
from tests.builders.decisions import an_approval
from tests.builders.instruments import an_instrument
from tests.builders.plans import a_plan

_PARSER = MarkdownIt("commonmark")
_ALLOWED = {"text", "softbreak", "strong_open", "strong_close"}


def plain_text(markdown: str) -> str:
    """Return what a reader sees; line breaks are kept, paragraphs stand an empty line apart.

    Any markup but bold would come from a value and fails.
    """
    blocks = []
    for token in _PARSER.parse(markdown):
        assert token.type in {"paragraph_open", "paragraph_close", "inline"}, token.type
        children = token.children or []
        assert {child.type for child in children} <= _ALLOWED, children
        if token.type == "inline":
            breaks = ("\n" if child.type == "softbreak" else child.content for child in children)
            blocks.append("".join(breaks))
    return "\n\n".join(blocks)


def a_signal(plan: TradePlan | None = None, **overrides: Any) -> Signal:
    """Return an approved signal of the account `main`, whose equity is 10,000 USDT."""
    chosen = plan or a_plan(Direction.SHORT, venue="binanceusdm")
    values: dict[str, Any] = {
        "decision": an_approval(chosen, leverage=Decimal(3), margin=Decimal("2816.67")),
        "account_id": "main",
        "currency": Currency("USDT"),
        "instrument": None,
        "last_price": chosen.last_price,
        "judged_ms": DECIDED_AT_MS,
        "equity": Money(Decimal("10000.00")),
        "batch": "b-1",
    }
    return Signal(**(values | overrides))


def an_update(event: SignalEvent = SignalEvent.CLOSED, **overrides: Any) -> SignalUpdate:
    """Return an event of `a_signal` by the candles."""
    values: dict[str, Any] = {
        "signal": a_signal(),
        "event": event,
        "at_ms": DECIDED_AT_MS + 3_600_000,
        "price": Decimal("41500"),
        "net_r": Decimal("1.25"),
        "detail": "the last target was hit",
    }
    return SignalUpdate(**(values | overrides))


def an_alert(**overrides: Any) -> Alert:
    """Return a critical alert about the account `main`."""
    values: dict[str, Any] = {
        "trigger": "breaker",
        "severity": Severity.CRITICAL,
        "title": "Daily loss",
        "text": "No entries until 00:00 UTC.\nLook at: snipersight risk status",
        "subject": "main",
        "at_ms": DECIDED_AT_MS,
    }
    return Alert(**(values | overrides))


def a_summary(*signals: Signal, **overrides: Any) -> ScanSummary:
    """Return a scan of 20 symbols with 25 candidates; without signals it has `a_signal`."""
    values: dict[str, Any] = {
        "batch": "b-1",
        "profile": "balanced",
        "venue": "binanceusdm",
        "as_of_ms": DECIDED_AT_MS,
        "signals": signals or (a_signal(),),
        "funnel": (
            ("no_setup", 12),
            ("gated:score", 6),
            ("gated:regime", 2),
            ("declined:min_rr", 1),
            ("rejected:max_total", 1),
            ("approved", 3),
        ),
        "scanned": 20,
        "regimes": {"range": 3, "trend": 16, "unknown": 1},
    }
    return ScanSummary(**(values | overrides))


def a_digest(**overrides: Any) -> Digest:
    """Return a day with three closed signals, two of them with a gain."""
    values: dict[str, Any] = {
        "day": "2024-06-07",
        "account_id": "main",
        "currency": Currency("USDT"),
        "told": 5,
        "events": {SignalEvent.ENTERED: 4, SignalEvent.CLOSED: 3, SignalEvent.MISSED: 1},
        "net_r": Decimal("2.30"),
        "hits": 2,
        "open_positions": 1,
        "equity": Money(Decimal("10250.50")),
        "change": Money(Decimal("-120.25")),
    }
    return Digest(**(values | overrides))


@st.composite
def signals(draw: Any) -> Signal:
    """Return an approved signal on a market of any tick; prices are multiples of it.

    The middle of the zone may lie half a tick off, and the instrument may be unknown.
    """
    tick = draw(st.sampled_from(("0.01000000", "0.00000001", "0.5", "1", "1E+1")))
    plan = draw(_plans(Decimal(tick)))
    last = plan.entry_near + Decimal(tick) * draw(st.integers(-900, 900))
    known = draw(st.booleans())
    return a_signal(
        plan,
        decision=draw(approvals(plan)),
        instrument=an_instrument(plan.symbol, tick=tick, venue=plan.venue) if known else None,
        last_price=last,
    )


@st.composite
def approvals(draw: Any, plan: TradePlan) -> Approved:
    """Return an approval of a plan with any amounts."""
    notional = draw(st.decimals("0.01", "9999999", places=2))
    leverage = Decimal(draw(st.integers(1, 125)))
    return an_approval(
        plan,
        size=Size(draw(st.decimals("0.00001", "99999999", places=5))),
        notional=notional,
        margin=notional / leverage,
        leverage=leverage,
        risk=Money(draw(st.decimals("0.01", "999999", places=3))),
        risk_fraction=draw(st.decimals("0.0001", "0.05", places=6)),
    )


@st.composite
def _plans(draw: Any, tick: Decimal) -> TradePlan:
    side = draw(st.sampled_from(Direction))
    steps = st.integers(1, 500)
    near = tick * draw(st.integers(5_000, 9_999_999))
    far = near - side.sign * tick * draw(st.integers(0, 500))
    stop = far - side.sign * tick * draw(steps)
    targets, last = [], near
    for _ in range(draw(st.integers(1, 3))):
        last += side.sign * tick * draw(steps)
        targets.append(last)
    return a_plan(
        side,
        symbol=draw(st.sampled_from(("BTC/USDT:USDT", "1000PEPE/USDC:USDC", "ETH/EUR"))),
        near=str(near),
        far=str(far),
        stop=str(stop),
        targets=[str(target) for target in targets],
        cost=str(tick / 2),
        score=draw(st.integers(0, 920)) / 10,
    )
