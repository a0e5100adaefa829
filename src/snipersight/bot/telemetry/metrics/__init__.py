"""Metrics for Prometheus, read from the stores when somebody asks for them."""

from snipersight.bot.telemetry.metrics.collector import StoreCollector
from snipersight.bot.telemetry.metrics.families import Family, Kind

__all__ = ["Family", "Kind", "StoreCollector"]
