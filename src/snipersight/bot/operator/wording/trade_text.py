"""What /positions and /orders answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from snipersight.bot.notifications.wording.escaping import Markdown, escape
from snipersight.bot.notifications.wording.numbers import PriceWords, signed_multiple
from snipersight.bot.operator.facts import OrderFacts, PositionFacts
from snipersight.bot.operator.wording.lines import joined, market, short_id
from snipersight.domain import wording as texts
from snipersight.domain.instrument import parse_symbol


def positions_text(positions: Sequence[PositionFacts]) -> Markdown:
    """Return every live trade, four or five lines each."""
    if not positions:
        return Markdown("No open trade\\.")
    return joined("\n".join((*_position(one), "")) for one in positions)


def orders_text(orders: Sequence[OrderFacts]) -> Markdown:
    """Return every waiting order, by market."""
    if not orders:
        return Markdown("No order waits\\.")
    lines: list[str] = []
    for symbol in dict.fromkeys(one.symbol for one in orders):
        lines.append(f"**{escape(symbol)}**")
        lines += [_order(one) for one in orders if one.symbol == symbol]
        lines.append("")
    return joined(lines)


def _position(position: PositionFacts) -> Iterator[str]:
    base, quote, _kind = parse_symbol(position.symbol)
    words = _words(position, quote)
    state = ", ".join(part for part in (position.state, position.where) if part)
    yield f"{market(position.direction, position.symbol)} · {escape(state)}"
    yield escape(f"{_held(position, base)} · {_entry(position, words)}")
    yield escape(_stop(position, words))
    if position.targets:
        yield escape(f"Targets {', '.join(_targets(position, words))}")
    result = _result(position, words, quote)
    if result:
        yield escape(result)
    if position.note:
        yield f"⚠️ {escape(position.note)}"
    if position.plan_id:
        yield f"plan {short_id(position.plan_id)}"


def _words(position: PositionFacts, quote: str) -> PriceWords:
    prices = (
        position.entry_near,
        position.entry_far,
        position.stop,
        *(one.price for one in position.targets),
    )
    return PriceWords.of_market(quote, None, prices)


def _held(position: PositionFacts, base: str) -> str:
    if position.held == position.size:
        return f"{texts.size_text(position.held)} {base}"
    return f"{texts.size_text(position.held)} of {texts.size_text(position.size)} {base}"


def _entry(position: PositionFacts, words: PriceWords) -> str:
    if position.average is None:
        return f"entry {words.zone(position.entry_near, position.entry_far)}"
    return f"entry {words.with_digits_of(position.average).price(position.average)}"


def _stop(position: PositionFacts, words: PriceWords) -> str:
    known = {True: ", in place", False: " ⚠️ NOT IN PLACE", None: ""}[position.is_protected]
    return f"Stop {words.price(position.stop)}{known}"


def _targets(position: PositionFacts, words: PriceWords) -> Iterator[str]:
    for target in position.targets:
        done = " ✓" if target.is_hit else f" ({texts.share(target.fraction)})"
        yield f"{words.price(target.price)}{done}"


def _result(position: PositionFacts, words: PriceWords, quote: str) -> str:
    results = []
    if position.unrealised is not None:
        results.append(f"unrealised {texts.signed_amount(position.unrealised)} {quote}")
    if position.realised:
        results.append(f"realised {texts.signed_amount(position.realised)}")
    if results and position.r_multiple is not None:
        results.append(signed_multiple(position.r_multiple))
    if position.last is not None:
        results.insert(0, f"last {words.with_digits_of(position.last).price(position.last)}")
    told = " · ".join(results)
    return f"{told[:1].upper()}{told[1:]}"


def _order(order: OrderFacts) -> Markdown:
    base = parse_symbol(order.symbol)[0]
    decimals = texts.decimals_of(order.prices)
    prices = " → ".join(texts.price_text(Decimal(one), decimals) for one in order.prices)
    size = texts.size_text(order.size)
    if order.filled:
        size = f"{texts.size_text(order.filled)} of {size}"
    words = f"• {order.purpose}: {order.side} {size} {base} {order.kind} at {prices or 'market'}"
    state = "" if order.state == "working" else f", {order.state}"
    problem = f" – {order.problem}" if order.problem else ""
    return escape(f"{words}{state}{problem}")
