"""The four laws of the analysis, asked of the output of the scan.

Each function returns what breaks its law, one line each, and nothing where the law holds: so the
same function shows that the scan obeys it and that a wrong reader is caught.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from snipersight.analysis.leader import LeaderTimeline
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.decision import Check, Stage
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import LeaderContext, PlanFeed, PlanSource
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import Timeframe
from snipersight.engine.correlating import HISTORY_MS as CORRELATION_MS
from snipersight.engine.correlating import TIMEFRAME as CORRELATED
from snipersight.engine.report import RankedPlan, Refusal, ScanReport
from snipersight.planner.setup_reader import SeriesFactory
from snipersight.planner.smc_source import SmcPlanSource
from tests.fakes.candle_table import CandleTable, with_prices
from tests.fakes.scanning import a_gate, a_lively_profile, an_account, canonical, report_bytes, scan

PlansOf = Callable[[Profile], PlanSource]
MIRROR = 1024
_WATCHED_BARS = 144
_BELOW = 512.0  # dyadic markets stay under it, so that mirrored prices are positive
_GRID = 64.0  # and their prices are multiples of 1/64, which is the tick


def plans_of(series: SeriesFactory = SmcSeries) -> PlansOf:
    """Return a maker of SMC plans that reads each timeframe with `series`."""
    return lambda profile: SmcPlanSource(profile, series=series)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A scan of every market of a table, to be repeated under changed circumstances."""

    table: CandleTable
    plans: PlansOf = SmcPlanSource
    profile: Profile = field(default_factory=a_lively_profile)

    def at(self, as_of_ms: int, *, extra_ms: int = 0) -> ScanReport:
        """Return the report as of a moment, with more warm-up than the profile states if asked."""
        account, slippage = an_account("1000000"), self.profile.planner.slippage_fraction
        return scan(
            self.table,
            self.profile,
            symbols=",".join(self.table.listed),
            as_of_ms=as_of_ms,
            plans=LongerHistory(self.plans(self.profile), extra_ms),
            # What a market trades is worth more the higher its price: no law holds of that cap.
            gate=a_gate(
                "0.0005",
                account=account,
                slippage_fraction=slippage,
                max_volume_share=Decimal(1),
            ),
            account=account,
        )


@dataclass(frozen=True)
class LongerHistory:
    """A plan source that asks for more history than it needs."""

    inner: PlanSource
    extra_ms: int

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def history(self) -> Mapping[Timeframe, int]:
        return {frame: need + self.extra_ms for frame, need in self.inner.history.items()}

    def open(self, instrument: Instrument, leader: LeaderContext | None) -> PlanFeed:
        return self.inner.open(instrument, leader)


def prefix_breaks(asked: Asked, moments: Iterable[int]) -> list[str]:
    """Return what the scan says differently because later bars exist.

    At each moment the whole report must equal the one over a history cut there, and whatever it
    says about an earlier close must have been said, in the same words, at that close; nothing
    that was said then may be missing now.
    """
    breaks = []
    for moment in moments:
        now = asked.at(moment)
        cut = replace(asked, table=asked.table.cut(moment)).at(moment)
        if report_bytes(now) != report_bytes(cut):
            breaks.append(f"{utc_text(moment)}: the report differs over the history cut there")
        for close in sorted({at for _, at, _, _ in decisions(now)} | _live_closes(asked, moment)):
            breaks += _unsaid(now, replace(asked, table=asked.table.cut(close)).at(close), close)
    return breaks


def _live_closes(asked: Asked, moment: int) -> set[int]:
    """Return the closes of the last hours at which something was decided as bars came one by one."""
    source, frame = asked.plans(asked.profile), asked.profile.timeframe("trigger")
    start_ms = moment - _WATCHED_BARS * frame.duration_ms
    found: set[int] = set()
    for symbol, instrument in asked.table.listed.items():
        bars = {
            each: asked.table.coarse(symbol, each, start_ms=start_ms - need, end_ms=moment)
            for each, need in source.history.items()
        }
        feed = source.open(instrument, LeaderTimeline(asked.profile))
        for close in range(frame.floor(start_ms), moment + 1, frame.duration_ms):
            known = {each: candles.known_at(close) for each, candles in bars.items()}
            decided = feed.advance(known, until_ms=close)
            found |= {one.at_ms for one in decided if one.at_ms > start_ms}
    return found


def _unsaid(later: ScanReport, then: ScanReport, close_ms: int) -> list[str]:
    """Return where two reports differ about the closes that both speak about."""
    valid_ms = later.profile.setup.valid_bars * later.profile.timeframe("trigger").duration_ms
    oldest = later.as_of_ms - valid_ms
    said, kept = decisions(then), decisions(later)
    shared = {key for key in {**said, **kept} if oldest < key[1] <= close_ms}
    breaks = [
        f"{utc_text(close_ms)}: {key} was {said.get(key)!r} and became {kept.get(key)!r}"
        for key in sorted(shared, key=str)
        if said.get(key) != kept.get(key)
    ]
    ended, still = endings(then), endings(later)
    changed = [key for key, end in ended.items() if key[1] > oldest and still.get(key) != end]
    return breaks + [f"{utc_text(close_ms)}: {key} ended otherwise later" for key in changed]


Key = tuple[str, int, Direction, str | None]


def decisions(report: ScanReport) -> dict[Key, bytes]:
    """Return what was decided at each close: the plan, or the refusal of one that never was."""
    found: dict[Key, bytes] = {}
    for ranked in report.plans:
        found[_plan_key(ranked.plan)] = canonical(ranked.plan)
    for refusal in report.refusals:
        if (key := _refusal_key(refusal)) is not None:
            words = (refusal.reason, refusal.detail, refusal.checks)
            found[key] = canonical(refusal.plan if refusal.plan is not None else words)
    return found


def endings(report: ScanReport) -> dict[Key, bytes]:
    """Return how the plans that were followed ended."""
    found = {}
    for refusal in report.refusals:
        if refusal.plan is not None and refusal.reason.stage is Stage.GATED:
            found[_plan_key(refusal.plan)] = canonical((refusal.reason, refusal.detail))
    return found


def _plan_key(plan: TradePlan) -> Key:
    return plan.symbol, int(plan.created_at.timestamp() * 1000), plan.direction, plan.setup_id


def _refusal_key(refusal: Refusal) -> Key | None:
    """Return what names a decision, or None for a symbol where nothing was decided."""
    if refusal.at_ms is None or refusal.direction is None:
        return None
    return refusal.symbol, refusal.at_ms, refusal.direction, refusal.setup_id


def start_breaks(asked: Asked, moments: Iterable[int], *, extras_ms: Sequence[int]) -> list[str]:
    """Return what the scan says differently because more history lies before it.

    The stated warm-up must do: a history that begins where the warm-up begins gives the report of
    the whole one, and reading further back than the warm-up changes nothing.
    """
    breaks = []
    for moment in moments:
        expected = report_bytes(asked.at(moment))
        first = min(
            frame.floor(moment - need) - frame.duration_ms
            for frame, need in asked.plans(asked.profile).history.items()
        )
        # Correlations state a history of their own.
        first = min(first, CORRELATED.floor(moment) - CORRELATION_MS)
        short = replace(asked, table=asked.table.since(first))
        if report_bytes(short.at(moment)) != expected:
            breaks.append(f"{utc_text(moment)}: the report differs over the stated warm-up alone")
        breaks += [
            f"{utc_text(moment)}: the report differs with {extra // 60_000} more minutes behind it"
            for extra in extras_ms
            if report_bytes(asked.at(moment, extra_ms=extra)) != expected
        ]
    return breaks


def mirror_breaks(asked: Asked, moments: Iterable[int]) -> list[str]:
    """Return what the scan says differently about markets turned upside down.

    The table must be `dyadic` and the profile free of slippage.
    """
    turned = replace(asked, table=asked.table.changed(_mirrored))
    view, turned_view = _View(), _View(sign=-1, offset=Decimal(MIRROR))
    return _differences(asked, turned, moments, view, turned_view)


def scale_breaks(asked: Asked, moments: Iterable[int], *, power: int) -> list[str]:
    """Return what the scan says differently about markets quoted in units 2**power smaller."""
    factor = Decimal(2) ** power
    scaled = replace(
        asked,
        table=asked.table.changed(
            lambda candles: _scaled(candles, float(factor)),
            lambda instrument: _scaled_rules(instrument, factor),
        ),
    )
    return _differences(asked, scaled, moments, _View(), _View(factor=factor))


def _differences(
    one: Asked, other: Asked, moments: Iterable[int], view: _View, other_view: _View
) -> list[str]:
    breaks = []
    for moment in moments:
        left, right = view.of(one.at(moment)), other_view.of(other.at(moment))
        breaks += [
            f"{utc_text(moment)}: {name} {left[name]!r} became {right[name]!r}"
            for name in left
            if left[name] != right[name]
        ]
    return breaks


@dataclass(frozen=True, kw_only=True)
class _View:
    """A report without its words, with prices turned back to those of the first market."""

    sign: int = 1
    offset: Decimal = Decimal(0)
    factor: Decimal = Decimal(1)

    def of(self, report: ScanReport) -> dict[str, Any]:
        return {
            "plans": [self._ranked(plan) for plan in report.plans],
            "refusals": [self._refusal(refusal) for refusal in report.refusals],
            "funnel": report.funnel,
            "regimes": report.regimes,
        }

    def _price(self, price: Decimal) -> Decimal:
        return (self.offset + self.sign * price / self.factor).normalize()

    def _side(self, side: Direction | None) -> Direction | None:
        return side.opposite if side and self.sign < 0 else side

    def _ranked(self, ranked: RankedPlan) -> tuple[Any, ...]:
        decision = ranked.decision
        size = (decision.size * self.factor).normalize()
        return (
            ranked.rank,
            self._plan(ranked.plan),
            self._price(ranked.last_price),
            size,
            decision.risk.normalize(),
            _asked(decision.checks),
        )

    def _plan(self, plan: TradePlan | None) -> tuple[Any, ...] | None:
        if plan is None:
            return None
        entries = (plan.entry_near, plan.entry_mid, plan.entry_far, plan.stop_loss.price)
        return (
            plan.symbol,
            self._side(plan.direction),
            plan.created_at,
            plan.valid_until,
            tuple(self._price(price) for price in entries),
            [(self._price(t.price), t.fraction, t.r_multiple) for t in plan.targets],
            (plan.risk_reward, round(plan.stop_loss.distance_atr, 12), plan.regime),
            float(plan.atr)
            / float(self.factor),  # no multiple of the tick: its decimals do not scale
            self._price(plan.last_price),
            (plan.confluence.score, plan.confluence.tier),
            [(f.name, f.value, f.contribution) for f in plan.confluence.factors],
        )

    def _refusal(self, refusal: Refusal) -> tuple[Any, ...]:
        return (
            refusal.symbol,
            str(refusal.reason),
            refusal.at_ms,
            self._side(refusal.direction),
            self._plan(refusal.plan),
            _asked(refusal.checks),
        )


def _asked(checks: Iterable[Check]) -> list[tuple[str, bool]]:
    return [(check.code, check.passed) for check in checks]


def dyadic(table: CandleTable) -> CandleTable:
    """Return perpetuals without costs whose prices are multiples of 1/64 between 128 and 512.

    On such prices mirroring about 1024 and scaling by powers of two lose nothing.
    """
    return table.changed(_on_grid, _without_costs)


def _on_grid(candles: Candles) -> Candles:
    factor = 1.0
    while candles.high.max() * factor >= _BELOW:
        factor /= 2
    while candles.high.max() * factor * 2 < _BELOW:
        factor *= 2
    columns = {
        name: (getattr(candles, name) * factor * _GRID).round().clip(1) / _GRID
        for name in ("open", "high", "low", "close")
    }
    return with_prices(candles, **columns)


def _without_costs(instrument: Instrument) -> Instrument:
    from tests.builders import an_instrument

    return an_instrument(
        instrument.symbol,
        tick=str(1 / Decimal(int(_GRID))),
        lot="0.0009765625",
        maker="0",
        taker="0",
    )


def _mirrored(candles: Candles) -> Candles:
    return with_prices(
        candles,
        open=MIRROR - candles.open,
        high=MIRROR - candles.low,
        low=MIRROR - candles.high,
        close=MIRROR - candles.close,
    )


def _scaled(candles: Candles, factor: float) -> Candles:
    return with_prices(
        candles,
        volume=candles.volume / factor,
        **{name: getattr(candles, name) * factor for name in ("open", "high", "low", "close")},
    )


def _scaled_rules(instrument: Instrument, factor: Decimal) -> Instrument:
    assert instrument.tick is not None
    assert instrument.lot is not None
    return replace(instrument, tick=instrument.tick * factor, lot=instrument.lot / factor)
