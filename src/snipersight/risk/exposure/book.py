"""What is at stake by underlying and by cluster, derived from the ledger and from claims beside it.

Sums are exact: they run with so many digits that nothing is rounded, so the order of claims and
the way a book came about (at once, or claim by claim) change no amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from itertools import combinations, starmap
from operator import is_, mul
from typing import Final, NamedTuple

from snipersight.domain.direction import Direction
from snipersight.domain.exposure import NOTHING, Amounts
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.observations import Correlations
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.quick import quick, replace
from snipersight.domain.units import Currency, Symbol
from snipersight.risk.exposure.clusters import Members, Partition
from snipersight.risk.inputs import ClusterLoad, ExposureView, Holding

# The product of two 28-digit risks and a coefficient has 60 digits; the rest is for summing.
EXACT: Final = Context(prec=120)
_ZERO: Final = Decimal(0)


@quick
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

    claims: tuple[Claim, ...]
    amounts: Amounts
    long: Decimal
    short: Decimal

    @property
    def net(self) -> Decimal:
        return self.long - self.short

    @classmethod
    def of(cls, claims: tuple[Claim, ...]) -> _Asset:
        sides = {Direction.LONG: _ZERO, Direction.SHORT: _ZERO}
        for claim in claims:
            sides[claim.direction] += claim.amounts.risk
        return cls(claims, _together(claims), sides[Direction.LONG], sides[Direction.SHORT])


_NO_ASSET: Final = _Asset((), NOTHING, _ZERO, _ZERO)


def _by_underlying(claims: Iterable[Claim]) -> dict[Currency, list[Claim]]:
    grouped: dict[Currency, list[Claim]] = {}
    for claim in claims:
        grouped.setdefault(claim.underlying, []).append(claim)
    return grouped


def _together(holders: Iterable[Claim | _Asset]) -> Amounts:
    risk = notional = margin = _ZERO
    for holder in holders:
        amounts = holder.amounts
        risk += amounts.risk
        notional += amounts.notional
        margin += amounts.margin
    return Amounts(risk=risk, notional=notional, margin=margin)


class _Heat(NamedTuple):
    """What the members of a cluster hold together, and the signed risk of each."""

    long: Decimal
    short: Decimal
    square: Decimal
    risks: tuple[Decimal, ...]


@dataclass(slots=True)
class _Loads:
    """What was worked out so far, for one set of correlations and one threshold."""

    partition: Partition
    views: dict[Currency, ExposureView] = field(default_factory=dict)
    heats: dict[Members, _Heat] = field(default_factory=dict)
    earlier: Mapping[Members, _Heat] = field(default_factory=dict)  # by the same correlations


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
    _entries: tuple[LedgerEntry, ...] = field(default=(), repr=False)
    _loads: _Loads | None = field(default=None, repr=False)
    _earlier: _Loads | None = field(default=None, repr=False)
    _setups: frozenset[SetupId | None] | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        entries: Sequence[LedgerEntry],
        claims: Sequence[Claim] = (),
        *,
        before: ExposureBook | None = None,
    ) -> ExposureBook:
        """Return the book of the live entries and of claims that the ledger does not hold.

        Args:
            entries: of the ledger; those that have ended are left out.
            claims: beside them.
            before: an earlier book of the same ledger; what it worked out of entries that are
                the same objects, and of assets whose claims are, is not worked out again.
        """
        book = cls() if before is None else before
        live, held = book._live_claims(entries)
        together = (*held, *claims)
        with localcontext(EXACT):
            assets = {
                underlying: book._asset_of(underlying, tuple(those))
                for underlying, those in _by_underlying(together).items()
            }
            total = _together(assets.values())
        return cls(together, total, _assets=assets, _entries=live, _earlier=book._known())

    def _live_claims(
        self, entries: Sequence[LedgerEntry]
    ) -> tuple[tuple[LedgerEntry, ...], list[Claim]]:
        # The entries are kept, or another object could come to have the identity of one of them.
        known = dict(zip(map(id, self._entries), self.claims, strict=False))
        live = tuple(entry for entry in entries if id(entry) in known or entry.state.is_live)
        return live, [known.get(id(entry)) or Claim.of(entry) for entry in live]

    def _asset_of(self, underlying: Currency, claims: tuple[Claim, ...]) -> _Asset:
        asset = self._assets.get(underlying, _NO_ASSET)
        is_same = len(asset.claims) == len(claims) and all(map(is_, asset.claims, claims))
        return asset if is_same else _Asset.of(claims)

    def with_claim(self, claim: Claim) -> ExposureBook:
        """Return the book with one claim more; this one stays as it is."""
        book = self._with((claim,))
        book._entries = self._entries
        return book

    def _with(self, added: Sequence[Claim]) -> ExposureBook:
        assets = dict(self._assets)
        with localcontext(EXACT):
            for underlying, more in _by_underlying(added).items():
                held = assets.get(underlying, _NO_ASSET).claims
                assets[underlying] = _Asset.of((*held, *more))
            total = self.total + _together(added)
        return ExposureBook(
            claims=(*self.claims, *added), total=total, _assets=assets, _earlier=self._known()
        )

    def _known(self) -> _Loads | None:
        return self._earlier if self._loads is None else self._loads

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
            correlations: of returns; an unknown one joins two assets.
            threshold: assets correlated at least this much, in either direction, are joined; a
                cluster is what is joined directly or through others that are held.
        """
        loads = self._loads
        if loads is None or not loads.partition.is_by(correlations, threshold):
            loads = self._loads = self._new_loads(correlations, threshold)
        view = loads.views.get(plan_underlying)
        if view is None:
            view = loads.views[plan_underlying] = self._new_view(plan_underlying, loads)
        elsewhere = self._elsewhere(plan_underlying, setup_id)
        return replace(view, holdings=(*view.holdings, *elsewhere)) if elsewhere else view

    def _new_loads(self, correlations: Correlations, threshold: Decimal) -> _Loads:
        known = self._known()
        if known is None:
            return _Loads(Partition.of(self._assets, correlations, threshold))
        partition = Partition.of(self._assets, correlations, threshold, before=known.partition)
        is_same = known.partition.correlations is correlations
        return _Loads(partition, earlier=(known.heats or known.earlier) if is_same else {})

    def _new_view(self, underlying: Currency, loads: _Loads) -> ExposureView:
        asset = self._assets.get(underlying, _NO_ASSET)
        with localcontext(EXACT):
            cluster = self._new_load(underlying, loads)
        return ExposureView(
            total=self.total,
            asset=asset.amounts,
            cluster=cluster,
            positions=len(self.claims),
            holdings=tuple(claim.holding for claim in asset.claims),
        )

    def _elsewhere(self, underlying: Currency, setup_id: SetupId | None) -> tuple[Holding, ...]:
        if self._setups is None:
            self._setups = frozenset(claim.setup_id for claim in self.claims)
        if setup_id is None or setup_id not in self._setups:
            return ()
        return tuple(
            claim.holding
            for claim in self.claims
            if claim.setup_id == setup_id and claim.underlying != underlying
        )

    def _new_load(self, underlying: Currency, loads: _Loads) -> ClusterLoad:
        members = loads.partition.joined_by(underlying)
        heat = loads.heats.get(members)
        if heat is None:
            heat = loads.heats[members] = self._heat(members, loads)
        between = loads.partition.correlations.between
        pairs = [(between(underlying, other), self._assets[other].net) for other in members]
        return ClusterLoad(
            members=members,
            long=heat.long,
            short=heat.short,
            square=heat.square,
            cross=sum((rho * risk for rho, risk in pairs if rho is not None), _ZERO),
            unknown_long=sum((r for rho, r in pairs if rho is None and r > 0), _ZERO),
            unknown_short=-sum((r for rho, r in pairs if rho is None and r < 0), _ZERO),
        )

    def _heat(self, members: Members, loads: _Loads) -> _Heat:
        assets = [self._assets[name] for name in members]
        risks = tuple([asset.net for asset in assets])
        known, correlations = loads.earlier.get(members), loads.partition.correlations
        # The heat hangs on the signed risks alone, and most often none of them has changed.
        is_same = known is not None and known.risks == risks
        square = known.square if known and is_same else _square(members, risks, correlations)
        return _Heat(
            long=sum((asset.long for asset in assets), _ZERO),
            short=sum((asset.short for asset in assets), _ZERO),
            square=square,
            risks=risks,
        )


def _square(
    members: Sequence[Currency], risks: Sequence[Decimal], correlations: Correlations
) -> Decimal:
    """Return Σ ρ(i,j)·r(i)·r(j); unknown correlations add up one side and relieve no other."""
    # Members are sorted, and so are the keys of the pairs: no coefficient is missed.
    coefficients = list(map(correlations.pairs.get, combinations(members, 2)))
    products = starmap(mul, combinations(risks, 2))
    if all(rho is not None for rho in coefficients):
        both = sum(map(mul, coefficients, products), _ZERO)
    else:
        both = sum(map(_joint, coefficients, products), _ZERO)
    return sum((risk * risk for risk in risks), _ZERO) + 2 * both


def _joint(coefficient: Decimal | None, product: Decimal) -> Decimal:
    return max(product, _ZERO) if coefficient is None else coefficient * product
