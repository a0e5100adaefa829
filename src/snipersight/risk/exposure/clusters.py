"""Clusters: the assets of a book that move together, directly or through others that are held.

They are the connected parts of a graph: two assets are joined where the correlation of their
returns reaches a threshold in either direction, or was never measured. The parts share no asset and
leave none out, so a limit that every part keeps cannot be passed from the side.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from snipersight.domain.observations import Correlations
from snipersight.domain.units import Currency

Members = tuple[Currency, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """The clusters of some assets, by one set of correlations and one threshold.

    Args:
        correlations: of returns.
        threshold: a coefficient of at least this much joins, whatever its sign.
        clusters: every asset is in one of them.
    """

    correlations: Correlations
    threshold: Decimal
    clusters: tuple[Members, ...] = ()

    @classmethod
    def of(
        cls,
        assets: Collection[Currency],
        correlations: Correlations,
        threshold: Decimal,
        *,
        before: Partition | None = None,
    ) -> Partition:
        """Return the clusters of assets.

        Args:
            assets: that are held.
            correlations, threshold: what joins them.
            before: of an earlier book; by the same correlations, and where it holds no asset
                beside these, only what is new is joined to it.
        """
        found = cls(correlations, threshold)
        if before is not None and before._leads_to(assets, found):
            found = before
        placed = found._assets()
        for asset in assets:
            if asset not in placed:
                found = found._with(asset)
        return found

    def is_by(self, correlations: Correlations, threshold: Decimal) -> bool:
        """Return whether it was made by the very same correlations, and the same threshold."""
        return self.correlations is correlations and self.threshold == threshold

    def joined_by(self, asset: Currency) -> Members:
        """Return the members of an asset's cluster that are held, sorted.

        Args:
            asset: held, or not; one that is not may bring clusters together.
        """
        for cluster in self.clusters:
            if asset in cluster:
                return tuple(sorted(cluster))
        touched = (cluster for cluster in self.clusters if self._joins(asset, cluster))
        return tuple(sorted(chain.from_iterable(touched)))

    def _assets(self) -> set[Currency]:
        return set(chain.from_iterable(self.clusters))

    def _leads_to(self, assets: Collection[Currency], other: Partition) -> bool:
        return self.is_by(other.correlations, other.threshold) and self._assets() <= set(assets)

    def _with(self, asset: Currency) -> Partition:
        apart: list[Members] = []
        whole: Members = (asset,)
        for cluster in self.clusters:
            if self._joins(asset, cluster):
                whole += cluster
            else:
                apart.append(cluster)
        return Partition(self.correlations, self.threshold, (*apart, whole))

    def _joins(self, asset: Currency, cluster: Members) -> bool:
        known, threshold = self.correlations.pairs, self.threshold
        for other in cluster:
            rho = known.get((asset, other) if asset < other else (other, asset))
            if rho is None or abs(rho) >= threshold:
                return True
        return False
