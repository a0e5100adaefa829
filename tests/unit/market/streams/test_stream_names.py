"""The names that others may use."""

from __future__ import annotations

from snipersight.market import streams


def test_the_package_offers_these_names():
    assert streams.__all__ == [
        "Closings",
        "NothingToAwait",
        "StreamedSource",
        "closings_of",
        "lines_of",
    ]
    assert all(hasattr(streams, name) for name in streams.__all__)
