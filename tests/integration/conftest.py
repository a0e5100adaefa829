"""What integration tests share."""

import pytest


@pytest.fixture
async def bench(tmp_path):
    """Yield a loopback exchange and live sources of it that share a cache."""
    from tests.fakes.ccxt_bench import open_bench

    async with open_bench(tmp_path) as opened:
        yield opened
