"""How the suite's tests are dealt to workers."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dealing import dealt


@dataclass(frozen=True)
class ATest:
    path: Path
    number: int = 0
    is_slow: bool = False

    def get_closest_marker(self, name: str) -> object:
        return name if self.is_slow and name == "slow" else None


def a_module(name: str, tests: int, *, slow: Iterable[int] = ()) -> list[ATest]:
    return [ATest(Path("tests") / name, number, number in slow) for number in range(tests)]


def runs(order: list[ATest], workers: int) -> list[list[ATest]]:
    """Return what each worker is given at first."""
    given: list[list[ATest]] = []
    for number in range(workers):
        size = len(order) // (workers - number)
        given.append(order[:size])
        order = order[size:]
    return given


A_MODULE = st.builds(
    a_module,
    st.sampled_from(["integration/test_{}.py", "unit/test_{}.py", "recorded/test_{}.py"]),
    st.integers(1, 30),
    slow=st.sets(st.integers(0, 40), max_size=1),
)


@given(found=st.lists(A_MODULE, max_size=30), workers=st.integers(1, 6))
def test_every_test_is_dealt_once_and_modules_keep_their_order(found, workers):
    tests = [
        ATest(Path(str(one.path).format(place)), one.number, one.is_slow)
        for place, module in enumerate(found)
        for one in module
    ]
    order = dealt(tests, workers)
    assert sorted(order, key=str) == sorted(tests, key=str)
    for path in {one.path for one in tests}:
        numbers = [one.number for one in order if one.path == path]
        assert numbers == list(range(len(numbers)))


def test_every_worker_begins_with_its_share_of_what_takes_long():
    long = [f"integration/test_{letter}.py" for letter in "abcd"]
    tests = [one for name in long for one in a_module(name, 3)]
    tests += [*a_module("unit/test_e.py", 4, slow=[2]), *a_module("unit/test_f.py", 40)]
    began = [
        [key.name for key, _ in groupby(run, lambda one: one.path)]
        for run in runs(dealt(tests, 4), 4)
    ]
    assert began == [
        ["test_a.py", "test_e.py", "test_f.py"],
        ["test_b.py", "test_f.py"],
        ["test_c.py", "test_f.py"],
        ["test_d.py", "test_f.py"],
    ]


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 6])
def test_no_module_that_takes_long_is_torn_apart(workers):
    tests = [one for place in range(13) for one in a_module(f"recorded/test_{place}.py", 5)]
    tests += a_module("unit/test_short.py", 300)
    for run in runs(dealt(tests, workers), workers):
        numbers = [one.number for one in run if "recorded" in one.path.parts]
        assert numbers == [*range(5)] * (len(numbers) // 5)
