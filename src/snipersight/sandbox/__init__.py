"""The built-in stand-ins for the outside world: a seeded market that needs no network."""

from snipersight.sandbox.market import SyntheticMarket

__all__ = ["SyntheticMarket"]
