"""SniperSight: a Smart Money Concepts scanner for crypto markets."""

__version__ = "0.1.0"
