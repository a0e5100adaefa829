"""What became of a signal: of the real trade as the book has it at once, of the modelled one by candles."""

from __future__ import annotations

from typing import Final

from snipersight.bootstrap.dashboard.views import SignalView
from snipersight.bootstrap.trade_views import TradeView
from snipersight.domain.evidence import Outcome, OutcomeStatus
from snipersight.domain.wording import multiple
from snipersight.web.pages.kit import panel
from snipersight.web.pages.rows import Column, text_rows
from snipersight.web.pages.words import DASH, moment, signed_r, spoken

_COLUMNS: Final = (
    Column("Outcome"),
    Column("State"),
    *(Column(name, "num") for name in ("Net", "Targets", "Costs", "Worst", "Best")),
    Column("Followed to", "num whole"),
)


def outcome_rows(view: SignalView) -> list[tuple[str, ...]]:
    """Return how the real trade and the modelled one went; none of what has not begun."""
    row = view.row
    if row is None:
        return []
    return [*_real(view, row.actual), *_settled("Modelled", row.modelled)]


def draw_outcome(view: SignalView) -> None:
    """Draw them; nothing where there are none."""
    rows = outcome_rows(view)
    if rows:
        _, body = panel("How it went")
        with body:
            text_rows(_COLUMNS, rows, caption="Outcomes")


def _real(view: SignalView, actual: Outcome | None) -> list[tuple[str, ...]]:
    # Evidence follows some minutes after the book: until it has told the end, the book does.
    trade = _newest(view)
    is_behind = actual is None or not actual.status.is_final
    if trade is None or not is_behind:
        return _settled("Real", actual)
    return [_booked(trade)]


def _newest(view: SignalView) -> TradeView | None:
    return view.trades[-1] if view.trades else None


def _booked(trade: TradeView) -> tuple[str, ...]:
    state = trade.trade.state
    word = str(state) if state.is_live else "closed" if trade.fills else "ended without a fill"
    net = DASH if trade.r_multiple is None else signed_r(float(trade.r_multiple))
    return ("Real", word, net, str(trade.targets_hit), DASH, DASH, DASH, "the book, now")


def _settled(name: str, one: Outcome | None) -> list[tuple[str, ...]]:
    if one is None or one.status is OutcomeStatus.WAITING:
        return []
    ending = f", {spoken(one.ending)}" if one.ending else ""
    return [
        (
            name,
            f"{one.status}{ending}",
            signed_r(one.net_r),
            str(one.targets_hit),
            multiple(one.fees_r + one.slippage_r + one.funding_r),
            multiple(-one.mae_r or 0.0),
            multiple(one.mfe_r),
            moment(one.followed_to_ms),
        )
    ]
