"""Values with arrays in a file: the same in every process, without a copy, whole or not there."""

from dataclasses import dataclass

import numpy as np
import pytest

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.shared_arrays import read_shared, write_shared


@dataclass(frozen=True)
class Held:
    name: str
    prices: np.ndarray
    again: np.ndarray
    records: np.ndarray


def a_value() -> Held:
    prices = np.linspace(1, 2, 1_001)
    records = np.zeros(3, dtype=[("at", "i8"), ("price", "f8")])
    records["at"] = (1, 2, 3)
    return Held(name="BTC", prices=prices, again=prices, records=records)


def test_a_value_is_read_as_it_was_written(tmp_path):
    value, path = a_value(), tmp_path / "x.arrays"
    size = write_shared(value, path)
    found = read_shared(path)
    assert isinstance(found, Held)
    assert found.name == "BTC"
    np.testing.assert_array_equal(found.prices, value.prices)
    np.testing.assert_array_equal(found.records, value.records)
    assert size == path.stat().st_size
    assert path.stat().st_mode & 0o077 == 0


def test_arrays_are_the_pages_of_the_file_and_cannot_be_written(tmp_path):
    write_shared(a_value(), tmp_path / "x.arrays")
    found = read_shared(tmp_path / "x.arrays")
    assert isinstance(found, Held)
    assert found.again is found.prices
    assert not found.prices.flags.owndata
    assert found.prices.ctypes.data % 64 == 0
    with pytest.raises(ValueError, match="read-only"):
        found.prices[0] = 5


@pytest.mark.parametrize("left", [0, 10, 30, 200, -1])
def test_what_is_cut_short_or_no_such_file_is_refused(tmp_path, left):
    path = tmp_path / "x.arrays"
    write_shared(a_value(), path)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(StateUnavailable, match="cannot be read here"):
        read_shared(path)


def test_a_file_that_is_not_there_says_what_workers_need(tmp_path):
    with pytest.raises(StateUnavailable) as refused:
        read_shared(tmp_path / "nowhere.arrays")
    assert "SNIPERSIGHT_HOME" in refused.value.next_step


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(StateUnavailable, match="cannot be written"):
        write_shared(a_value(), tmp_path / "nowhere" / "x.arrays")
    assert list(tmp_path.iterdir()) == []
