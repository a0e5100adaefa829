"""What is made later is what would have been made at once."""

import pickle

from snipersight.analysis.smc.later import Later


def test_it_is_a_tuple_to_whoever_looks():
    found = Later(lambda: (1, 2, 3))
    assert (len(found), found[0], found[:2], list(found)) == (3, 1, (1, 2), [1, 2, 3])
    assert found == (1, 2, 3) == found
    assert found == Later(lambda: (1, 2, 3))
    assert found != (1, 2)
    assert (repr(found), hash(found)) == ("(1, 2, 3)", hash((1, 2, 3)))
    assert pickle.loads(pickle.dumps(found)) == (1, 2, 3)


def test_nothing_is_made_before_somebody_looks_and_then_once():
    made: list[int] = []

    def make() -> tuple[int, ...]:
        made.append(1)
        return tuple(made)

    found = Later(make)
    assert made == []
    assert (found[0], found[0], made) == (1, 1, [1])
