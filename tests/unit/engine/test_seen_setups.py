from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.plan import SetupId
from snipersight.engine.seen_setups import SeenSetups


@given(st.lists(st.integers(0, 10_000), unique=True, max_size=80), st.integers(0, 10_000))
def test_it_holds_what_was_added_and_nothing_else(numbers, other):
    held, before = SeenSetups(), list[SeenSetups]()
    for number in numbers:
        before.append(held)
        held = held.with_one(SetupId(str(number)))
    assert all(SetupId(str(number)) in held for number in numbers)
    assert (SetupId(str(other)) in held) is (other in numbers)
    assert len(held) == len(numbers)
    # What was there before is as it was.
    for count, one in enumerate(before):
        assert {int(setup) for part in one.parts for setup in part} == set(numbers[:count])


def test_each_setup_is_copied_a_few_times_however_many_there_are():
    held, copied = SeenSetups(), 0
    for number in range(4_096):
        last = held.parts
        held = held.with_one(SetupId(str(number)))
        copied += sum(len(part) for part in held.parts if part not in last)
    assert copied <= 4_096 * 13
    assert len(held.parts) <= 13
