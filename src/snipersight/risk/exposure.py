"""What is at stake by underlying and by cluster, derived from the ledger and from claims beside it.

Sums are exact: they run with so many digits that nothing is rounded, so the order of claims and
the way a book came about (at once, or claim by claim) change no amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from itertools import combinations, starmap
from operator import mul
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.exposure import NOTHING, Amounts
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.observations import Correlations
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.units import Currency, Symbol
from snipersight.risk.inputs import ClusterLoad, ExposureView, Holding

# The product of two 28-digit risks and a coefficient has 60 digits; the rest is for summing.
EXACT: Final = Context(prec=120)
_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one trade takes from the budget, reserved, open, or approved earlier in this scan.

    Args:
        plan_id, setup_id: None for a foreign position.
        amounts: account currency.
        is_open: a position; otherwise only pending.
    """

    venue: str
    symbol: Symbol
    underlying: Currency
    direction: Direction
    plan_id: PlanId | None
    setup_id: SetupId | None
    amounts: Amounts
    is_open: bool

    @classmethod
    def of(cls, entry: LedgerEntry) -> Claim:
        """Return the claim of a ledger entry; one that has ended claims nothing."""
        return cls(
            venue=entry.venue,
            symbol=entry.symbol,
            underlying=entry.underlying,
            direction=entry.direction,
            plan_id=entry.plan_id,
            setup_id=entry.setup_id,
            amounts=entry.amounts,
            is_open=entry.open_size > 0,
        )

    @property
    def holding(self) -> Holding:
        """Return what may conflict with a plan."""
        return Holding(
            venue=self.venue,
            symbol=self.symbol,
            direction=self.direction,
            plan_id=self.plan_id,
            setup_id=self.setup_id,
            is_open=self.is_open,
        )


@dataclass(frozen=True, slots=True)
class _Asset:
    """All claims in one underlying."""

    amounts: Amounts = NOTHING
    long: Decimal = _ZERO
    short: Decimal = _ZERO
    holdings: tuple[Holding, ...] = ()

    def with_claim(self, claim: Claim) -> _Asset:
        risk, is_long = claim.amounts.risk, claim.direction is Direction.LONG
        return _Asset(
            amounts=self.amounts + claim.amounts,
            long=self.long + risk if is_long else self.long,
            short=self.short if is_long else self.short + risk,
            holdings=(*self.holdings, claim.holding),
        )


@dataclass(slots=True)
class _Loads:
    """Cluster loads worked out so far, for one set of correlations and one threshold."""

    correlations: Correlations
    threshold: Decimal
    of_underlying: dict[Currency, ClusterLoad] = field(default_factory=dict)
    squares: dict[tuple[Currency, ...], Decimal] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class ExposureBook:
    """Every live claim, added up; a value that remembers what it worked out.

    Args:
        claims: oldest reservation first.
        total: of all claims.
    """

    claims: tuple[Claim, ...] = ()
    total: Amounts = NOTHING
    _assets: Mapping[Currency, _Asset] = field(default_factory=dict, repr=False)
    _loads: _Loads | None = field(default=None, repr=False)

    @classmethod
    def of(cls, entries: Sequence[LedgerEntry], claims: Sequence[Claim] = ()) -> ExposureBook:
        """Return the book of the live entries and of claims that the ledger does not hold."""
        held = tuple(Claim.of(entry) for entry in entries if entry.state.is_live)
        return cls()._with((*held, *claims))

    def with_claim(self, claim: Claim) -> ExposureBook:
        """Return the book with one claim more; this one stays as it is."""
        return self._with((claim,))

    def _with(self, added: Sequence[Claim]) -> ExposureBook:
        assets, total = dict(self._assets), self.total
        with localcontext(EXACT):
            for claim in added:
                total += claim.amounts
                asset = assets.get(claim.underlying, _Asset())
                assets[claim.underlying] = asset.with_claim(claim)
        return ExposureBook(claims=(*self.claims, *added), total=total, _assets=assets)

    def view(
        self,
        plan_underlying: Currency,
        setup_id: SetupId | None,
        *,
        correlations: Correlations,
        threshold: Decimal,
    ) -> ExposureView:
        """Return what a plan in one underlying needs to know.

        Args:
            plan_underlying: what the plan trades.
            setup_id: claims of the same setup are holdings on any venue.
            correlations: of returns; an unknown one joins the cluster.
            threshold: assets correlated at least this much, in either direction, are one cluster.
        """
        asset = self._assets.get(plan_underlying, _Asset())
        return ExposureView(
            total=self.total,
            asset=asset.amounts,
            cluster=self._load(plan_underlying, correlations, threshold),
            positions=len(self.claims),
            holdings=(*asset.holdings, *self._elsewhere(plan_underlying, setup_id)),
        )

    def _elsewhere(self, underlying: Currency, setup_id: SetupId | None) -> Iterable[Holding]:
        if setup_id is None:
            return ()
        return (
            claim.holding
            for claim in self.claims
            if claim.setup_id == setup_id and claim.underlying != underlying
        )

    def _load(
        self, underlying: Currency, correlations: Correlations, threshold: Decimal
    ) -> ClusterLoad:
        loads = self._loads
        if loads is None or loads.correlations is not correlations or loads.threshold != threshold:
            loads = self._loads = _Loads(correlations, threshold)
        load = loads.of_underlying.get(underlying)
        if load is None:
            with localcontext(EXACT):
                load = self._new_load(underlying, loads)
            loads.of_underlying[underlying] = load
        return load

    def _new_load(self, underlying: Currency, loads: _Loads) -> ClusterLoad:
        known = {other: loads.correlations.between(underlying, other) for other in self._assets}
        members = tuple(
            sorted(
                other for other, rho in known.items() if rho is None or abs(rho) >= loads.threshold
            )
        )
        assets = [self._assets[other] for other in members]
        risks = [asset.long - asset.short for asset in assets]
        if members not in loads.squares:
            loads.squares[members] = _square(members, risks, loads.correlations)
        pairs = [(known[other], risk) for other, risk in zip(members, risks, strict=True)]
        return ClusterLoad(
            members=members,
            long=sum((asset.long for asset in assets), _ZERO),
            short=sum((asset.short for asset in assets), _ZERO),
            square=loads.squares[members],
            cross=sum((rho * risk for rho, risk in pairs if rho is not None), _ZERO),
            unknown_long=sum((r for rho, r in pairs if rho is None and r > 0), _ZERO),
            unknown_short=-sum((r for rho, r in pairs if rho is None and r < 0), _ZERO),
        )


def _square(
    members: Sequence[Currency], risks: Sequence[Decimal], correlations: Correlations
) -> Decimal:
    """Return Σ ρ(i,j)·r(i)·r(j); unknown correlations add up one side and relieve no other."""
    # Members are sorted, and so are the keys of the pairs: no coefficient is missed.
    coefficients = list(map(correlations.pairs.get, combinations(members, 2)))
    products = starmap(mul, combinations(risks, 2))
    both = sum(
        (
            max(product, _ZERO) if rho is None else rho * product
            for rho, product in zip(coefficients, products, strict=True)
        ),
        _ZERO,
    )
    return sum((risk * risk for risk in risks), _ZERO) + 2 * both
