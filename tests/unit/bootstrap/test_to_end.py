"""A coroutine is run to its end, and nobody spells out what it returns."""

import asyncio

import pytest

from snipersight.bootstrap.to_end import run_to_end


class Large:
    """Stands for a result that takes seconds to spell out."""

    spelled = 0

    def __repr__(self) -> str:
        Large.spelled += 1
        return "large"


async def made() -> Large:
    await asyncio.sleep(0)
    return Large()


def test_what_is_returned_is_not_spelled_out():
    assert isinstance(run_to_end(made()), Large)
    assert Large.spelled == 0


def test_what_is_raised_comes_through():
    async def fails() -> None:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        run_to_end(fails())
