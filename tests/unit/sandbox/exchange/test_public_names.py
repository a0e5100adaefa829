"""The names that others may use."""

from snipersight.sandbox import exchange


def test_the_package_offers_these_names():
    assert exchange.__all__ == [
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
    assert all(hasattr(exchange, name) for name in exchange.__all__)
