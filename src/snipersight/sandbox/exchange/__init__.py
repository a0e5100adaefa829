"""Venues of one's own: a server that unmodified exchange clients talk to under the real names."""

from snipersight.sandbox.exchange.accounts import SandboxAccount
from snipersight.sandbox.exchange.clock import Clock, scaled_clock, system_clock
from snipersight.sandbox.exchange.faults import FaultKind, FaultPlan, RequestKind
from snipersight.sandbox.exchange.server import ExchangeSandbox
from snipersight.sandbox.exchange.world import VenueWorld

__all__ = [
    "Clock",
    "ExchangeSandbox",
    "FaultKind",
    "FaultPlan",
    "RequestKind",
    "SandboxAccount",
    "VenueWorld",
    "scaled_clock",
    "system_clock",
]
