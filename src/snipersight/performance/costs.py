"""What a run would have brought at other costs, and at which it would have brought nothing.

Net result is gross result less costs, and both are known: the answer is a line, and exact as long as
dearer trades would have been made all the same, at the same prices and sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from snipersight.performance.series import ClosedTrades
from snipersight.performance.trade_metrics import BASIS_POINTS, cost_bp

MULTIPLES: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtCosts:
    """The result of a run at a multiple of its costs.

    Args:
        multiple: of the costs that were paid; 1 is what happened, 0 is gross.
        cost_bp: these costs in basis points of what was traded.
        result: net, account currency.
        expectancy_r: average net R of a trade.
    """

    multiple: float
    cost_bp: float
    result: float
    expectancy_r: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSensitivity:
    """How a run depends on what trading costs.

    Args:
        curve: the result at several multiples of the costs, in the order asked for.
        break_even_bp: costs in basis points of what was traded (each entry and each exit) at which
            the net result is zero. Below zero: it loses even for free.
        break_even_multiple: the same as a multiple of what was paid; None where nothing was.
    """

    curve: tuple[AtCosts, ...]
    break_even_bp: float
    break_even_multiple: float | None


def cost_sensitivity(
    trades: ClosedTrades, multiples: Sequence[float] = MULTIPLES
) -> CostSensitivity | None:
    """Return how a run depends on its costs; None without a trade.

    Args:
        trades: closed ones of the run.
        multiples: of the costs, each 0 or more.
    """
    if not len(trades):
        return None
    paid = float(trades.costs.sum())
    gross = float(trades.result.sum()) + paid
    return CostSensitivity(
        curve=tuple(_at(trades, multiple) for multiple in multiples),
        break_even_bp=gross / float(trades.traded.sum()) * BASIS_POINTS,
        break_even_multiple=gross / paid if paid > 0 else None,
    )


def _at(trades: ClosedTrades, multiple: float) -> AtCosts:
    dearer = trades.costs * (multiple - 1)
    return AtCosts(
        multiple=multiple,
        cost_bp=(cost_bp(trades) or 0.0) * multiple,
        result=float((trades.result - dearer).sum()),
        expectancy_r=float(((trades.result - dearer) / trades.risk).mean()),
    )
