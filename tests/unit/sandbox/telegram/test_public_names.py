"""What the package offers."""

import snipersight.sandbox.telegram as package


def test_the_package_offers_these_names():
    assert package.__all__ == [
        "SANDBOX_TOKEN",
        "ChatKind",
        "Clock",
        "FaultKind",
        "FaultPlan",
        "RateLimits",
        "Refusal",
        "SandboxChat",
        "SandboxUser",
        "SentMessage",
        "Standing",
        "TelegramSandbox",
    ]
    assert all(hasattr(package, name) for name in package.__all__)
